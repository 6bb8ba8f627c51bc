"""The story of whole files: which go, where else their content stands, and what archives hold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from secopskit.purge.model import ArchiveFate
from secopskit.purge.tell.facts import DropFacts, PlanFacts
from secopskit.report.page import Block, Items, Para, TextStyle, Title
from secopskit.report.text import listed

_FATES: Final = {
    ArchiveFate.DROP.value: "Nothing can be cut out of an archive: these files go from every commit, whole.",
    ArchiveFate.REPLACE.value: "Nothing can be cut out of an archive: in every commit a note takes the place "
    "of these files.",
    ArchiveFate.KEEP.value: "These files stay as they are, and the values in them: the purge will not be "
    "complete, and will end with exit code 1.",
    "": "Nothing can be cut out of an archive. Say what becomes of these files: --archives drop (they go "
    "from every commit), --archives replace (a note takes their place) or --archives keep (the values stay).",
}


_SAME: Final = {True: "another name of it", False: "a copy"}


def drops_story(facts: PlanFacts) -> Iterator[Block]:
    """The files that are removed."""
    if facts.drops:
        yield Title("Files to remove from every commit")
        yield Items(tuple(one.path + _part(one) for one in facts.drops))


def _part(drop: DropFacts) -> str:
    if drop.only_copies:
        return " (where it is a copy)"
    return " (what HEAD has there stays)" if drop.keeps_head else ""


def elsewhere_story(facts: PlanFacts, few: int | None) -> Iterator[Block]:
    """Where content of removed files stays."""
    if facts.elsewhere:
        yield Title("The same content elsewhere: it stays")
        yield Items(tuple(f"{one.path} ({_SAME[one.renamed]})" for one in facts.elsewhere[:few]))
        if few is not None and len(facts.elsewhere) > few:
            yield Para(f"and {len(facts.elsewhere) - few:,} more: -v names them.", TextStyle.QUIET)
        yield Para("--follow removes it there as well.", TextStyle.CAUTION)


def archives_story(facts: PlanFacts, few: int | None) -> Iterator[Block]:
    """The archives of a plan."""
    if facts.archives:
        yield Title("Archives that hold a value")
        yield Items(facts.archives[:few])
        if few is not None and len(facts.archives) > few:
            yield Para(f"and {len(facts.archives) - few:,} more: -v names them.", TextStyle.QUIET)
        safe = facts.archives_become in (ArchiveFate.DROP.value, ArchiveFate.REPLACE.value)
        yield Para(_FATES[facts.archives_become], TextStyle.PLAIN if safe else TextStyle.CAUTION)
    yield from unopened_story(facts.unopened, few)


def unopened_story(unopened: tuple[str, ...], few: int | None = None) -> Iterator[Block]:
    """What could not be looked into."""
    if not unopened:
        return
    yield Title("Not looked into: a value may stand there")
    yield Items(unopened if few is None else (listed(unopened, few),))
