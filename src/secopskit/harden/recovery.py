"""What a killed run leaves is settled, and what all runs wrote is taken back, to the byte."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from secopskit.errors import RefusedError
from secopskit.git.facts import IndexEntry
from secopskit.harden.journal import (
    HardenJournal,
    HardenStage,
    WrittenChange,
    WrittenKind,
    WrittenText,
    notebook_of,
    recorded,
)
from secopskit.harden.model import digest
from secopskit.harden.project import HardenProject
from secopskit.hooks.directory import read_hook
from secopskit.hooks.plan import HookPlan, plan_uninstall
from secopskit.hooks.script import is_ours
from secopskit.state.notebook import JOURNAL

GO_ON: Final = "Run the same command again: it goes on where this one stopped."


def tidied(project: HardenProject, journal: HardenJournal) -> HardenJournal:
    """What `settled` gives; what a killed run has left lying about is removed. For who holds the lock."""
    for change in journal.changes:
        if change.kind is WrittenKind.FILE and (change.pending or change.path in journal.results):
            project.files.sweep(change.path)
            if change.pending and not project.files.exists(change.path):
                project.files.remove_empty(change.made)
    return settled(project, journal)


def settled(project: HardenProject, journal: HardenJournal) -> HardenJournal:
    """The record of what was changed indeed, whatever a run before this one was killed at."""
    if journal.step is HardenStage.UNDOING:
        kept = tuple(change for change in journal.changes if not _taken_back(project, journal, change))
    else:
        kept = tuple(
            replace(change, pending=False)
            for change in (_happened(project, each) for each in journal.changes)
            if change is not None
        )
    return HardenJournal(step=HardenStage.DONE, changes=kept)


def unfinished(project: HardenProject) -> bool:
    """Whether a run was stopped half-way."""
    return notebook_of(project.repository).read(JOURNAL) is not None


def _happened(project: HardenProject, change: WrittenChange) -> WrittenChange | None:
    """The change as far as it was made: None if it was not."""
    if not change.pending:
        return change
    match change.kind:
        case WrittenKind.FILE:
            data = project.files.read(change.path)
            made = digest(data) == change.after or (
                data is not None and all(_find(data, text) is not None for text in change.texts)
            )
            return change if made and digest(data) != change.before else None
        case WrittenKind.INDEX:
            gone = tuple(entry for entry in change.entries if entry.path not in project.tracked)
            return replace(change, entries=gone) if gone else None
        case WrittenKind.HOOK:
            found = read_hook(change.path)
            return change if found is not None and is_ours(found) else None


def _taken_back(project: HardenProject, journal: HardenJournal, change: WrittenChange) -> bool:
    match change.kind:
        case WrittenKind.FILE:
            result = journal.results.get(change.path)
            return result is not None and project.files.digest(change.path) == result
        case WrittenKind.INDEX:
            return not _to_retrack(project, change.entries)
        case WrittenKind.HOOK:
            found = read_hook(change.path)
            return found is None or not is_ours(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoPlan:
    """What is taken back. `files` are contents by path, None for a file that goes; `made` its directories.

    `absent` are files that are not here: on another branch they may be, so they stay on record.
    """

    changes: tuple[WrittenChange, ...]
    files: dict[str, bytes | None]
    made: dict[str, tuple[str, ...]]
    entries: tuple[IndexEntry, ...]
    hooks: tuple[str, ...]
    absent: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """See `ChangePlan.empty`."""
        return not self.changes


def plan_undo(project: HardenProject) -> UndoPlan:
    """What would be taken back of the steps that are asked for.

    Raises RefusedError, naming the file, where a person has changed what we wrote since.
    """
    journal = settled(project, recorded(notebook_of(project.repository)))
    return _undo_of(project, journal.changes)


def undo(project: HardenProject) -> UndoPlan:
    """Take it back. Raises SecopsError, RefusedError; then nothing was changed, or it can be gone on with."""
    book = notebook_of(project.repository)
    book.open()
    with book.held():
        journal = tidied(project, recorded(book))
        plan = _undo_of(project, journal.changes)
        others = tuple(change for change in journal.changes if change not in plan.changes)
        results = {path: digest(data) for path, data in plan.files.items()}
        book.write(replace(journal, step=HardenStage.UNDOING, results=results))
        for path, data in plan.files.items():
            if data is None:
                project.files.remove(path, plan.made[path])
            else:
                project.files.put(path, data)
        if plan.entries:
            project.git.retrack(plan.entries)
        if plan.hooks:
            _uninstall(project, plan.hooks).apply()
        book.close(HardenJournal(step=HardenStage.DONE, changes=others))
    return plan


def _asked_for(project: HardenProject, change: WrittenChange) -> bool:
    request = project.request
    return change.step not in request.skip and (not request.only or change.step in request.only)


def _undo_of(project: HardenProject, recorded_ones: tuple[WrittenChange, ...]) -> UndoPlan:
    asked = [change for change in recorded_ones if _asked_for(project, change)]
    absent = {change.path for change in asked if _is_absent(project, change)}
    changes = tuple(change for change in asked if change.path not in absent)
    files, made = dict[str, bytes | None](), dict[str, tuple[str, ...]]()
    for change in reversed(changes):
        if change.kind is not WrittenKind.FILE:
            continue
        if change.path not in files:
            files[change.path] = project.files.read(change.path)
        files[change.path] = _without(change, files[change.path])
        made[change.path] = (*made.get(change.path, ()), *change.made)
    entries = [entry for change in changes for entry in change.entries]
    return UndoPlan(
        changes=changes,
        files=files,
        made=made,
        entries=_to_retrack(project, entries),
        hooks=tuple(change.path for change in changes if change.kind is WrittenKind.HOOK),
        absent=tuple(sorted(absent)),
    )


def _is_absent(project: HardenProject, change: WrittenChange) -> bool:
    return change.kind is WrittenKind.FILE and not project.files.exists(change.path)


def _without(change: WrittenChange, data: bytes | None) -> bytes | None:
    """The content without the texts of a change: None for a file that had nothing else."""
    if data is None:  # somebody has removed it, and our texts with it
        return None
    for text in reversed(change.texts):
        at = _find(data, text)
        if at is None and _is_gone(data, text):
            continue
        if at is None:
            raise RefusedError(
                f"{change.path}: what secops wrote there has been changed since",
                advice=f"Take it out by hand, or leave it: --skip {change.step}.",
            )
        new, glue = _bytes(text.new), _bytes(text.glue)
        end = at + len(new)
        # The line end that was missing is taken back only where nobody has written on after it.
        if glue and end == len(data) and data[:at].endswith(glue):
            at -= len(glue)
        data = data[:at] + _bytes(text.old) + data[end:]
    return None if change.created and not data else data


def _is_gone(data: bytes, text: WrittenText) -> bool:
    """Whether nothing is left of the text: a checkout, say, has brought back what was there before.

    The lines that speak of us tell; where none does, all of them.
    """
    lines = {line.strip() for line in _bytes(text.new).splitlines() if line.strip()}
    ours = {line for line in lines if b"secops" in line} or lines
    return ours.isdisjoint(line.strip() for line in data.splitlines())


def _find(data: bytes, text: WrittenText) -> int | None:
    """Where the text stands as whole lines; None if it does not, or more than once."""
    found = [
        match.start()
        for match in re.finditer(rb"(?=" + re.escape(_bytes(text.new)) + rb")", data)
        if match.start() == 0 or data[match.start() - 1 : match.start()] == b"\n"
    ]
    return found[0] if len(found) == 1 else None


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _to_retrack(project: HardenProject, entries: Iterable[IndexEntry]) -> tuple[IndexEntry, ...]:
    """The entries of files that are still there and not in the index."""
    tracked = set(project.git.tracked())
    return tuple(entry for entry in entries if entry.path not in tracked and project.files.exists(entry.path))


def _uninstall(project: HardenProject, paths: tuple[str, ...]) -> HookPlan:
    plan = plan_uninstall(Path(project.root), shared=False)
    return replace(plan, steps=tuple(step for step in plan.steps if step.path in paths))
