"""The story of a plan, in blocks of `report.page`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from secopskit.purge.model import PlaceKind
from secopskit.purge.tell.facts import OutsideFacts, PlaceFacts, PlanFacts, ValueFacts
from secopskit.purge.tell.places_story import archives_story, drops_story, elsewhere_story
from secopskit.purge.tell.scope import scope_story
from secopskit.report.page import Block, Items, Para, Rows, TextStyle, Title
from secopskit.report.text import count, listed, size

_FEW: Final = 4
_SHORT: Final = 12
_BEYOND: Final = (
    "Clones and forks that others have: tell them what the instructions for collaborators say.",
    "What the host keeps: pull or merge requests, cached views, refs of its own. The ticket asks for it.",
    "Copies made from the repository: CI caches and artifacts, packages, images, releases, backups, mirrors.",
)


def plan_story(facts: PlanFacts, *, everything: bool = False) -> Iterator[Block]:
    """The plan; with `everything`, all names, not a few of each."""
    few = None if everything else _FEW
    yield Title(f"Purge of {facts.repository}: the plan")
    yield from _look(facts, few)
    nowhere = "in nothing that could be read" if facts.unreadable else "nowhere"
    for value in facts.values:
        yield Title(_headline(value))
        yield Rows(tuple(_value_rows(value, few)) if not facts.empty else (("found", nowhere),))
    yield from drops_story(facts)
    yield from elsewhere_story(facts, few)
    yield from archives_story(facts, few)
    if not facts.empty:
        yield Title("What changes")
        yield Rows(tuple(_change_rows(facts, few)))
    if others := tuple(one for one in facts.outside if not one.ours):
        yield Title("Left to you: a purge does not touch these")
        yield from leftover_rows(others, few)
    for title, sentences in (("Not part of the plan", facts.left_out), ("To be known", facts.remarks)):
        if sentences:
            yield Title(title)
            yield Items(sentences)
    yield from _beyond(facts)
    if facts.blockers:
        yield Title("Before it can be applied")
        yield from (Para(blocker, TextStyle.CAUTION) for blocker in facts.blockers)


def _look(facts: PlanFacts, few: int | None) -> Iterator[Block]:
    """What was read, and whether there is anything to do; what could not be read comes first."""
    read = f"{count(facts.objects, 'object')}, {size(facts.bytes_read)}, unreachable ones included"
    if facts.unreadable:
        yield Para(
            f"✗ {count(facts.missing, 'object')} could not be read: whether a value stands there is not "
            f"known. `git fsck --full` tells more: {listed(facts.unreadable, few)}.",
            TextStyle.BAD,
        )
    if not facts.empty:
        yield Para(f"Nothing has been changed. Read {read}.", TextStyle.QUIET)
    elif facts.unreadable:
        yield Para(f"In what could be read, there is nothing to purge. Read {read}.", TextStyle.QUIET)
    else:
        yield Para(f"✓ There is nothing to purge: {_nothing(facts)}. Read {read}.", TextStyle.GOOD)


def _beyond(facts: PlanFacts) -> Iterator[Block]:
    """What the plan is not about."""
    if facts.scope and facts.scope.partial:
        yield Title("What is looked for, and what is not")
        yield from scope_story(facts.scope)
    if not facts.empty:
        yield Title("What a purge here does not reach")
        yield Items(_BEYOND)


def next_step(facts: PlanFacts) -> str:
    """What to do next with a plan that is not empty."""
    if all(value.rotated for value in facts.values):
        return "Next: run this again with --apply: it asks before it changes anything."
    return (
        "Next: rotate what is not rotated. Then run this again with --rotated --apply: it asks before "
        "it changes anything."
    )


def _nothing(facts: PlanFacts) -> str:
    if facts.values:
        which = "in what could be opened of" if facts.unopened else "anywhere in"
        return f"none of the values stands {which} the repository"
    return "no value is left to look for" if facts.left_out else "the scan finds no value"


def _headline(value: ValueFacts) -> str:
    preview = f"{value.preview}  " if value.preview.strip("*") else ""
    return f"{value.number}. {preview}{value.label}"


def _value_rows(value: ValueFacts, few: int | None) -> Iterator[tuple[str, str]]:
    for spot in value.spots:
        yield spot.place, _spot(spot, few)
    if not value.spots:
        yield "found", "in no object"
    if value.confined:
        yield "confined", "replaced in these files only, for it stands elsewhere as an ordinary word"
    yield "rotated", "yes" if value.rotated else "nobody has said so"
    if not value.rotated:
        yield "to rotate it", value.remediation


def _spot(spot: PlaceFacts, few: int | None) -> str:
    if spot.place == PlaceKind.BLOB.value:
        return f"{listed(spot.names, few)} ({count(spot.count, 'version')})"
    if spot.place == PlaceKind.ARCHIVE.value:
        return listed(spot.names, few)
    ids = tuple(name[:_SHORT] if _is_id(name) else name for name in spot.names)
    return f"{spot.count:,}: {listed(ids, few)}"


def _is_id(name: str) -> bool:
    return len(name) in (40, 64) and not name.strip("0123456789abcdef")


def _change_rows(facts: PlanFacts, few: int | None) -> Iterator[tuple[str, str]]:
    first = [oid[:_SHORT] for oid in facts.first]
    kept = facts.total_commits - facts.commits
    yield (
        "commits",
        f"{facts.commits:,} of {facts.total_commits:,}"
        + (f", from {listed(first, few)} on" if first else "")
        + (f"; {kept:,} keep their id" if kept else ""),
    )
    yield (
        "refs",
        f"{len(facts.refs):,} of {facts.total_refs:,}"
        + (f": {listed(facts.refs, few)}" if facts.refs else ""),
    )
    yield "renamed refs", listed(facts.renamed_refs, few)
    yield "old ids", _old_ids(facts)
    yield "annotated tags", f"{facts.tags:,}" if facts.tags else ""
    yield "notes", f"{count(facts.note_commits, 'commit')} of notes" if facts.note_commits else ""
    yield "stash", count(facts.stash, "entry", "entries") if facts.stash else ""
    yield (
        "unstaged",
        f"{listed(facts.unstage, few)}; the files stay as they are" if facts.unstage else "",
    )
    yield "signatures", f"{facts.signatures:,} will be lost" if facts.signatures else ""
    yield "files of HEAD", listed(facts.current, few)
    yield "gone from HEAD", listed(facts.removed, few)
    yield from _binary_rows(facts, few)
    written = {*facts.current, *facts.removed}
    cleaned = dict.fromkeys(one.name for one in facts.outside if one.ours and one.name not in written)
    yield "also cleaned", listed(tuple(cleaned), few)
    yield "unreachable", f"{count(facts.unreachable, 'object')} will be deleted" if facts.unreachable else ""
    yield "missing", f"{count(facts.missing, 'object')} could not be read" if facts.missing else ""


def _old_ids(facts: PlanFacts) -> str:
    """What becomes of ids in messages that name a commit which changes."""
    if not facts.naming:
        return ""
    where = f"in {count(facts.naming, 'message or note', 'messages and notes')}"
    if facts.keeps_ids:
        return f"{where}: they stay (--keep-ids), and lead to the old commits as long as the host has these"
    alone = f"; {count(facts.only_naming, 'more commit')} for that alone" if facts.only_naming else ""
    return f"{where}, put right{alone}"


def _binary_rows(facts: PlanFacts, few: int | None) -> Iterator[tuple[str, str]]:
    for one in facts.binary:
        number = f"{count(len(one.files), 'file')}, " if len(one.files) > 1 else ""
        then = f"; {one.consequence}" if one.consequence else ""
        yield "binary", f"{one.format}: {number}{listed(one.files, few)}, replaced by as many bytes{then}"


def leftover_rows(leftovers: Iterable[OutsideFacts], few: int | None) -> Iterator[Block]:
    """Places by kind, with the advice that those of a kind share."""
    kinds: dict[tuple[str, str], list[str]] = {}
    for one in leftovers:
        kinds.setdefault((one.place, one.advice), []).append(one.name)
    for (place, advice), names in kinds.items():
        text = listed(tuple(dict.fromkeys(names)), few)
        yield Rows(((place, text), ("", advice)))
