"""A hardening from beginning to end: plan, apply, undo. Each change is put down before it is made."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import assert_never

from secopskit.conduct.tell import SILENCE, Tell
from secopskit.errors import ExitCode
from secopskit.harden.journal import (
    HardenJournal,
    HardenStage,
    WrittenChange,
    WrittenKind,
    WrittenText,
    notebook_of,
    recorded,
)
from secopskit.harden.model import Addition, Change, FileEdit, HardenPlan, HookWriting, Untracking, digest
from secopskit.harden.plan import make_plan
from secopskit.harden.project import HardenProject
from secopskit.harden.recovery import tidied
from secopskit.hooks.plan import WriteHook
from secopskit.state.notebook import Notebook


@dataclass(frozen=True, slots=True, kw_only=True)
class HardenOutcome:
    """What was changed: the steps that were done, and the files (a hook, the index) they changed."""

    done: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()

    @property
    def code(self) -> ExitCode:
        """See `ChangeOutcome.code`."""
        return ExitCode.OK


def plan(project: HardenProject) -> HardenPlan:
    """What would be changed. Raises SecopsError."""
    return make_plan(project)


def apply(project: HardenProject, agreed: HardenPlan, tell: Tell = SILENCE) -> HardenOutcome:
    """Make the changes of a plan that was agreed to. Raises SecopsError; what was done until then is whole.

    What a run before this one was killed at is settled first: the change was made, or it was not.
    """
    book = notebook_of(project.repository)
    book.open()
    with book.held():
        journal = tidied(project, recorded(book))
        planned = [(step.name, change) for step in agreed.steps for change in step.changes]
        rows = tuple(_row(project, name, change) for name, change in planned)
        journal = HardenJournal(step=HardenStage.WRITING, changes=(*journal.changes, *rows))
        book.write(journal)
        first = len(journal.changes) - len(rows)
        for number, (name, change) in enumerate(planned, first):
            tell.phase(_words(name, change))
            _make(project, change)
            journal = _made(book, journal, number)
        book.close(replace(journal, step=HardenStage.DONE))
    return HardenOutcome(
        done=tuple(dict.fromkeys(name for name, _ in planned)),
        changed=tuple(path for _, change in planned for path in _paths(change)),
    )


def _made(book: Notebook[HardenJournal], journal: HardenJournal, number: int) -> HardenJournal:
    changes = list(journal.changes)
    changes[number] = replace(changes[number], pending=False)
    return book.write(replace(journal, changes=tuple(changes)))


def _row(project: HardenProject, step: str, change: Change) -> WrittenChange:
    match change:
        case FileEdit():
            return WrittenChange(
                step=step,
                kind=WrittenKind.FILE,
                path=change.path,
                texts=tuple(map(_text, sorted(change.additions))),
                created=change.before is None,
                made=project.files.absent_directories(change.path),
                before=digest(change.before),
                after=digest(change.after),
            )
        case Untracking():
            return WrittenChange(step=step, kind=WrittenKind.INDEX, entries=change.entries)
        case HookWriting():
            return WrittenChange(step=step, kind=WrittenKind.HOOK, path=_paths(change)[0])
        case _:
            assert_never(change)


def _text(addition: Addition) -> WrittenText:
    new, old, glue = (
        part.decode("utf-8", "surrogateescape") for part in (addition.new, addition.old, addition.glue)
    )
    return WrittenText(new=new, old=old, glue=glue)


def _make(project: HardenProject, change: Change) -> None:
    match change:
        case FileEdit():
            project.files.write(change)
        case Untracking():
            project.git.untrack(entry.path for entry in change.entries)
        case HookWriting():
            change.plan.apply()
        case _:
            assert_never(change)


def _paths(change: Change) -> tuple[str, ...]:
    match change:
        case FileEdit():
            return (change.path,)
        case Untracking():
            return tuple(entry.path for entry in change.entries)
        case HookWriting():
            return tuple(step.path for step in change.plan.steps if isinstance(step, WriteHook))
        case _:
            assert_never(change)


def _words(step: str, change: Change) -> str:
    match change:
        case FileEdit():
            return f"{step}: write {change.path}"
        case Untracking():
            return f"{step}: take {len(change.entries)} out of the index"
        case HookWriting():
            return f"{step}: {'; '.join(change.words)}"
        case _:
            assert_never(change)
