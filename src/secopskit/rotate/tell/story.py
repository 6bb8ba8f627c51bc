"""The story of a rotation for people: the plan, what became of it, and how things stand, as blocks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from secopskit.report.page import Block, Commands, Items, Para, Rows, TextStyle, Title
from secopskit.report.text import count, listed
from secopskit.rotate.model import ReaderLink, RotationStep
from secopskit.rotate.tell.facts import (
    FoundFacts,
    PlannedFacts,
    ReaderFacts,
    RecordFacts,
    RotationOutcomeFacts,
    RotationPlanFacts,
    RotationStatusFacts,
)

_PHASES: Final = {
    "single": "single: the old value ends when the new one is made",
    "dual": "dual: both work until the old one is revoked",
    "manual": "manual: a person does it, and is told how",
}
_FEW: Final = 12
_FEW_NAMES: Final = 6
_BY_NAME: Final = ReaderLink.NAMES.value
_GOOD: Final = frozenset({"done", "covered"})


# --- the plan ---------------------------------------------------------------------------------


def plan_story(facts: RotationPlanFacts, *, everything: bool = False) -> Iterator[Block]:
    """The plan. With `everything`, all readers are listed."""
    ready = [one for one in facts.rotations if not one.problem]
    told = f"Plan: {count(len(ready), 'credential')} to be rotated"
    yield Title(told if facts.rotations else "Nothing to rotate")
    for number, one in enumerate(facts.rotations, 1):
        yield from _planned(number, one, everything=everything)
    if facts.not_found:
        yield Title("Found by the report, and not found again")
        yield Para(
            "Their values are not in the files or in the history here: name them to rotate them.",
            TextStyle.BAD,
        )
        yield Items(tuple(f"{one.rule}, finding {one.id}, {one.place}" for one in facts.not_found))
    if facts.notes:
        yield Title("Notes")
        yield Items(facts.notes)


def next_step(facts: RotationPlanFacts) -> str:
    """What to do after the plan."""
    if not facts.rotations:
        return ""
    if all(one.problem for one in facts.rotations):
        return "Nothing of it can be carried out as things stand."
    return "Carry it out with: secops rotate apply" if facts.saved else ""


def _planned(number: int, one: PlannedFacts, *, everything: bool) -> Iterator[Block]:
    yield Title(f"{number}. {one.id} ({one.provider})")
    if one.problem:
        yield Para(f"Cannot be rotated: {one.problem}", TextStyle.BAD)
        yield Para(one.advice)
    steps = one.steps
    yield Rows(
        (
            ("Phase", "" if one.problem and not steps.create else _PHASES[one.phase]),
            ("Create", _sentence(steps.create, steps.strength)),
            ("Verify", steps.verify),
            ("Publish", _publish(one)),
            ("Drain", steps.drain),
            ("Revoke", steps.revoke),
            ("Needs", _clauses(steps.needs)),
            ("Not known", _clauses((*steps.unknown, *_unread(one.unread, everything=everything)))),
            ("Found by", "; ".join(map(_found, one.findings))),
            (
                "Old value",
                "" if one.has_old_value else "not at hand: it is not looked for, and not put on record",
            ),
        )
    )
    for cost in steps.costs:
        yield Para(f"Cost: {cost}", TextStyle.CAUTION)
    for note in one.notes:
        yield Para(note)
    yield from _breaks(one.readers, everything=everything)


def _found(one: FoundFacts) -> str:
    remark = "" if one.dies else " (not known to end with it: not put on record)"
    return f"{one.rule} {one.id} at {one.place}{remark}"


def _sentence(text: str, more: str) -> str:
    return f"{text} ({more})" if text and more else text


def _clauses(texts: Sequence[str]) -> str:
    """Sentences and parts of sentences on one line."""
    return "; ".join(text.rstrip(".") for text in texts)


def _publish(one: PlannedFacts) -> str:
    names = [
        f"{each.name} of {each.environment} in {each.source or 'no source'}"
        + ("" if each.written or not each.source else " (by hand)")
        + (f", then {', '.join(each.sinks)}" if each.sinks else "")
        for each in one.writes
    ]
    files = [*(f"the values in {file}" for file in one.edits), *([f"{one.to_file}"] if one.to_file else [])]
    return "; ".join([*names, *files])


def _unread(files: Sequence[str], *, everything: bool) -> Iterator[str]:
    """That files which were not looked into may read it, too."""
    if files:
        names = listed(files, None if everything else _FEW_NAMES)
        yield f"whether it is read where nobody has looked: {names}"


def _breaks(readers: Sequence[ReaderFacts], *, everything: bool) -> Iterator[Block]:
    """Who reads it: what has its value, and below that, in short, who refers to its name."""
    few = None if everything else _FEW
    by_hand = [reader for reader in readers if reader.by_hand]
    named = [reader for reader in readers if reader.link == _BY_NAME]
    if by_hand:
        yield Para("Will break, edit by hand:", TextStyle.CAUTION)
        yield Items(_shown(by_hand, few))
    changed = [reader for reader in readers if not reader.by_hand and reader not in named]
    if changed:
        yield Para("Read here, and changed for you:")
        yield Items(_shown(changed, few))
    users = [reader for reader in named if everything or not reader.mention]
    if users:
        yield Para("Refer to its name, and get the new value from where it is published:")
        yield Items(_by_file(users, few))
    if mentions := dict.fromkeys(_file(reader) for reader in named if reader not in users):
        names = listed(list(mentions), _FEW_NAMES)
        yield Para(f"And named in {count(len(mentions), 'other file')}: {names} (-v lists all places).")


def _shown(readers: Sequence[ReaderFacts], few: int | None) -> tuple[str, ...]:
    lines = [
        f"{one.place} {one.kind}" + (f", {one.key}" if one.key else "") + f": {one.link}" for one in readers
    ]
    return _first(lines, few, "more place")


def _by_file(readers: Sequence[ReaderFacts], few: int | None) -> tuple[str, ...]:
    """A line for each file, with the numbers of its lines."""
    files: dict[tuple[str, str], list[str]] = {}
    for one in readers:
        files.setdefault((_file(one), one.kind), []).append(one.place.rpartition(":")[2])
    lines = [f"{file}:{listed(numbers, few)} {kind}" for (file, kind), numbers in files.items()]
    return _first(lines, few, "more file")


def _first(lines: Sequence[str], few: int | None, rest: str) -> tuple[str, ...]:
    if few is None or len(lines) <= few:
        return tuple(lines)
    return (*lines[:few], f"{count(len(lines) - few, rest)} (-v lists all)")


def _file(reader: ReaderFacts) -> str:
    return reader.place.rpartition(":")[0]


# --- what became of it ------------------------------------------------------------------------


def outcome_story(facts: RotationOutcomeFacts) -> Iterator[Block]:
    """What became of a rotation, and what to do next."""
    if not facts.rotations and not facts.blocked:
        yield Para("Nothing to rotate.")
        return
    done = [one for one in facts.rotations if one.step in _GOOD]
    yield Title(f"{len(done)} of {count(len(facts.rotations) + len(facts.blocked), 'credential')} rotated")
    for one in facts.rotations:
        yield from _record(one)
    for blocked in facts.blocked:
        yield Para(f"{blocked.id}: not begun: {blocked.problem}", TextStyle.BAD)
        yield Para(blocked.advice)
    if any(not one.ended for one in facts.rotations):
        yield Para("Stopped half-way. Nothing is lost: both ways are open where the old value lives.")
        yield Commands(_ways_on(facts.rotations))
    elif done:
        yield Para("The old values are on record as rotated. Take them out of the history with:")
        yield Commands(("secops purge-history",))


def _ways_on(records: Sequence[RecordFacts]) -> tuple[str, ...]:
    """The commands that finish or undo what has stopped. What may be dead cannot be undone."""
    steps = {one.id: RotationStep(one.step) for one in records if not one.ended}
    back = [name for name, step in steps.items() if step.reversible]
    dead = any(not step.reversible and step is not RotationStep.PLANNED for step in steps.values())
    ways = ["secops rotate apply --resume"]
    if back:
        ways.append(" ".join(("secops rotate rollback", *(back if dead else ()))))
    return tuple(ways)


def _record(one: RecordFacts) -> Iterator[Block]:
    style = TextStyle.GOOD if one.step in _GOOD else TextStyle.CAUTION if one.ended else TextStyle.BAD
    yield Para(f"{one.id}: {one.step}", style)
    if one.told:
        yield Items(one.told)
    if one.problem:
        yield Para(f"{one.problem}. {one.advice}".strip(), TextStyle.BAD)


def status_story(facts: RotationStatusFacts) -> Iterator[Block]:
    """How things stand, and what to do next."""
    title = {
        "none": "No rotation is under way",
        "planned": "A rotation is planned",
        "unfinished": "A rotation has stopped half-way",
        "running": "A rotation is running",
    }[facts.state]
    yield Title(title)
    for one in facts.rotations:
        yield from _record(one)
    if facts.state == "planned":
        yield Commands(("secops rotate apply",))
    if facts.state == "unfinished":
        yield Commands(_ways_on(facts.rotations))
    if facts.last:
        yield Title("The last one")
        for one in facts.last:
            yield from _record(one)
