"""What is said of a hardening: facts for machines, a page for people. No line of the user's is shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, assert_never

from secopskit.harden.model import Change, FileEdit, HardenPlan, HookWriting, StepPlan, Untracking
from secopskit.harden.recovery import UndoPlan
from secopskit.report.page import Block, Commands, Items, Para, TextStyle, Title
from secopskit.report.text import count, visible

_LONGEST_DIFF: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeFacts:
    """A change: `create`, `add`, `untrack` or `hook`, the files it concerns, and its diff."""

    kind: str
    paths: tuple[str, ...]
    diff: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HardenStepFacts:
    """A step: `state` is `done` (nothing to do), `pending` or `blocked`; `missing` is what --check asks."""

    name: str
    title: str
    why: str
    state: str
    missing: bool
    changes: tuple[ChangeFacts, ...]
    notes: tuple[str, ...]
    commands: tuple[str, ...]
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HardenFacts:
    """A plan, and its result where it was carried out: `written` and `left_out` are names of steps."""

    result: str
    steps: tuple[HardenStepFacts, ...] = ()
    limits: tuple[str, ...] = ()
    written: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


def plan_facts(
    plan: HardenPlan, *, result: str = "", written: tuple[str, ...] = (), left_out: tuple[str, ...] = ()
) -> HardenFacts:
    """The facts of a plan."""
    return HardenFacts(
        result=result or ("nothing to do" if plan.empty else "pending"),
        steps=tuple(map(step_facts, plan.steps)),
        limits=tuple(map(visible, plan.limits)),
        written=written,
        left_out=left_out,
    )


def step_facts(step: StepPlan) -> HardenStepFacts:
    """The facts of a step."""
    return HardenStepFacts(
        name=step.name,
        title=step.title,
        why=step.why,
        state="blocked" if step.problem else "pending" if step.changes else "done",
        missing=step.missing,
        changes=tuple(map(_change_facts, step.changes)),
        notes=tuple(map(visible, step.notes)),
        commands=tuple(map(visible, step.commands)),
        problem=visible(step.problem),
    )


def plan_story(facts: HardenFacts, *, everything: bool = False) -> Iterator[Block]:
    """A plan as a page: what each step would do; steps without a word only if `everything` is wanted."""
    quiet = [step for step in facts.steps if not speaks(step)]
    for step in facts.steps:
        if speaks(step):
            yield from step_story(step)
    if quiet and (everything or len(quiet) < len(facts.steps)):
        yield Title("Nothing to do")
        yield Para(", ".join(step.name for step in quiet) + ".", TextStyle.QUIET)
    yield from (Para(limit, TextStyle.CAUTION) for limit in facts.limits)


def step_story(step: HardenStepFacts) -> Iterator[Block]:
    """A step as a page."""
    yield Title(f"{step.title} ({step.name})")
    yield Para(step.why)
    if step.problem:
        yield Para(f"This cannot be done here: {step.problem}", TextStyle.BAD)
    for change in step.changes:
        if change.diff:
            shown = change.diff[:_LONGEST_DIFF]
            more = len(change.diff) - len(shown)
            yield Commands((*shown, *([f"… and {count(more, 'line')} more"] if more else ())))
        else:
            # A hook's path says what is done to it, too.
            word = "" if change.kind == "hook" else f"{change.kind} "
            yield Items(tuple(f"{word}{path}" for path in change.paths))
    yield from (Para(note, TextStyle.CAUTION) for note in step.notes)
    if step.commands:
        yield Commands(step.commands)


def check_story(facts: HardenFacts) -> Iterator[Block]:
    """What --check says: what is missing, a line a step."""
    missing = [step for step in facts.steps if step.missing]
    if not missing:
        yield Para("Nothing is missing.", TextStyle.GOOD)
        # What could not be judged there may be a secret in git.
        notes = (note for step in facts.steps if step.name == "untrack" for note in step.notes)
        yield from (Para(note, TextStyle.CAUTION) for note in notes)
        return
    yield Title("Missing")
    yield Items(tuple(_missing(step) for step in missing))
    yield Para("`secops init` brings it; --skip, or `init.skip` in .secops.yaml, leaves a step out.")


def undo_facts(plan: UndoPlan, git_dir: str) -> HardenFacts:
    """What was, or would be, taken back."""
    lines = (
        *(f"{'remove' if data is None else 'restore'} {visible(path)}" for path, data in plan.files.items()),
        *(f"track again {visible(entry.path)}" for entry in plan.entries),
        *(f"take the hook away: {visible(path.replace(git_dir, '.git'))}" for path in plan.hooks),
    )
    absent = ", ".join(map(visible, plan.absent))
    return HardenFacts(
        result="nothing to take back" if plan.empty else "taken back",
        written=lines,
        limits=(f"Not here, perhaps on another branch, and still on record: {absent}.",) if absent else (),
    )


def undo_story(facts: HardenFacts) -> Iterator[Block]:
    """What was, or would be, taken back, as a page."""
    if not facts.written:
        yield Para("There is nothing to take back.")
    else:
        yield Title("Taken back")
        yield Items(facts.written)
    yield from (Para(limit, TextStyle.CAUTION) for limit in facts.limits)


def speaks(step: HardenStepFacts) -> bool:
    """Whether there is anything to say of a step."""
    return bool(step.changes or step.notes or step.problem)


def _missing(step: HardenStepFacts) -> str:
    if step.problem:
        return f"{step.name}: {step.problem}"
    paths = [path for change in step.changes if change.kind != "hook" for path in change.paths]
    return f"{step.name}: {', '.join(paths)}"


def _change_facts(change: Change) -> ChangeFacts:
    match change:
        case FileEdit():
            kind = "create" if change.before is None else "add to"
            return ChangeFacts(kind=kind, paths=(visible(change.path),), diff=tuple(_diff(change)))
        case Untracking():
            paths = tuple(visible(entry.path) for entry in change.entries)
            return ChangeFacts(kind="untrack", paths=paths)
        case HookWriting():
            return ChangeFacts(kind="hook", paths=tuple(map(visible, change.words)))
        case _:
            assert_never(change)


def _diff(edit: FileEdit) -> Iterator[str]:
    """The lines that are added, and those of ours that go: nothing of what stands around them."""
    path, before = visible(edit.path), edit.before or b""
    yield f"--- {path if edit.before is not None else '/dev/null'}"
    yield f"+++ {path}"
    shift = 0
    for addition in sorted(edit.additions):
        line = before.count(b"\n", 0, addition.at) + bool(addition.glue) + (1 if addition.old else 0)
        old, new = _lines(addition.old), _lines(addition.new)
        yield f"@@ -{line},{len(old)} +{line + shift + (0 if old else 1)},{len(new)} @@"
        yield from (f"-{each}" for each in old)
        yield from (f"+{each}" for each in new)
        shift += len(new) - len(old)


def _lines(data: bytes) -> list[str]:
    return [visible(line) for line in data.decode("utf-8", "surrogateescape").splitlines()]
