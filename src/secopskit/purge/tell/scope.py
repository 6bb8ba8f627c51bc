"""The scope of a plan or a proof: what was looked for and in which forms, and what was no part of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from secopskit.findings import Finding
from secopskit.purge.find.paths import DropSet
from secopskit.purge.model import Drop, PurgeTarget
from secopskit.purge.proof.scope import LOOKED_FOR, NOT_LOOKED_FOR
from secopskit.report.page import Block, Para, Rows, TextStyle
from secopskit.report.text import count, listed

Show = Callable[[str], str]

_FEW: Final = 6
_FEW_VALUES: Final = 3
_ELSEWHERE: Final = "clones, forks, and what hosts keep"
_OTHER_NAMES: Final = "names that a removed file had where git sees no rename, as little of it was the same"


@dataclass(frozen=True, slots=True, kw_only=True)
class RemainingFinding:
    """A finding of the last scan that was no part of the purge, or of the proof."""

    id: str
    rule: str
    title: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeFacts:
    """The scope: the values that were looked for by their labels, in which `forms`, and whole `paths`.

    `beyond` is what was no part of it: other forms, and other places. `remaining` are the findings of the
    last scan that were not, either; without `scanned`, no scan was made, and nobody knows of any. `limits`
    are sentences about what could not be looked at, and may remain as well.
    """

    values: tuple[str, ...]
    paths: tuple[str, ...]
    forms: tuple[str, ...]
    beyond: tuple[str, ...]
    scanned: bool
    remaining: tuple[RemainingFinding, ...]
    limits: tuple[str, ...] = ()

    @property
    def partial(self) -> bool:
        """Whether there are findings that were no part of it, or something could not be looked at."""
        return bool(self.remaining or self.limits)


def scope_facts(
    targets: Iterable[PurgeTarget],
    drops: Iterable[Drop],
    remaining: Iterable[Finding],
    show: Show,
    *,
    scanned: bool,
    limits: Iterable[str] = (),
) -> ScopeFacts:
    """The scope of a purge of these targets and drops; findings in what is dropped do not remain."""
    drops = tuple(drops)
    values = tuple(f"{one.number}. {show(one.label)}" for one in targets)
    whole = DropSet(drop for drop in drops if not drop.keep)
    left = (one for one in remaining if not _all_dropped(one, whole))
    return ScopeFacts(
        values=values,
        paths=tuple(show(drop.path) for drop in drops),
        forms=LOOKED_FOR if values else (),
        beyond=(*(NOT_LOOKED_FOR if values else ()), *((_OTHER_NAMES,) if drops else ()), _ELSEWHERE),
        scanned=scanned,
        remaining=tuple(_remaining(one, show) for one in left),
        limits=tuple(map(show, limits)),
    )


def scope_story(facts: ScopeFacts) -> Iterator[Block]:
    """What was looked for, and what was not; the findings that remain stand out. A proof tells the forms."""
    beyond = [_ELSEWHERE, *((_OTHER_NAMES,) if facts.paths else ())]
    if not facts.scanned:
        beyond.append("findings of a scan: none was made for this")
    yield Rows((("looked for", _sought(facts)), ("not part of it", "; ".join(beyond))))
    if facts.remaining:
        names = tuple(f"{one.id} {one.title} ({one.path})" for one in facts.remaining)
        yield Para(
            f"{count(len(names), 'finding')} of the last scan {'is' if len(names) == 1 else 'are'} no part "
            f"of this, and may remain: {listed(names, _FEW)}.",
            TextStyle.CAUTION,
        )
    yield from (Para(limit, TextStyle.CAUTION) for limit in facts.limits)


def _sought(facts: ScopeFacts) -> str:
    values = listed(facts.values, _FEW_VALUES) if facts.values else "no value"
    return f"{values}; and {listed(facts.paths, _FEW)} in every commit" if facts.paths else values


def _all_dropped(finding: Finding, whole: DropSet) -> bool:
    """Whether it stands nowhere but in files that go altogether."""
    places = [place.path for place in finding.locations]
    return bool(places) and all(map(whole.covers, places))


def _remaining(finding: Finding, show: Show) -> RemainingFinding:
    return RemainingFinding(
        id=finding.id,
        rule=finding.rule_id,
        title=show(finding.title),
        path=show(finding.locations[0].path) if finding.locations else "",
    )
