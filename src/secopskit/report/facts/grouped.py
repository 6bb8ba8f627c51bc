"""Findings grouped under their rules, for reports that people read; and which of them fit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from secopskit.findings import Finding, Location, Severity
from secopskit.named_tuple import NamedTuple
from secopskit.report.facts.live import is_active
from secopskit.report.facts.order import is_urgent
from secopskit.report.facts.presence import is_gone, is_past
from secopskit.report.facts.summary import in_history
from secopskit.report.text import count


class RuleGroup(NamedTuple):
    """Findings of one rule, severity, title and advice: what is told once for all of them."""

    severity: Severity
    rule_id: str
    title: str
    remediation: str
    findings: tuple[Finding, ...]

    @property
    def gone(self) -> tuple[Finding, ...]:
        """The findings that only the history holds any more."""
        return tuple(finding for finding in self.findings if is_gone(finding))

    @property
    def there(self) -> tuple[Finding, ...]:
        """The findings that stand in the work tree or at the tip of a ref."""
        return tuple(finding for finding in self.findings if not is_gone(finding))

    @property
    def places(self) -> int:
        """How many places the findings have together."""
        return sum(len(finding.locations) for finding in self.findings)


def rule_groups(findings: Iterable[Finding]) -> list[RuleGroup]:
    """The groups in the order of `order_of`: first what works, or is of a live format and still there; then
    the worst; of one severity those first that are still there, then the largest.
    """
    found: dict[tuple[Severity, str, str, str], list[Finding]] = {}
    for finding in findings:
        key = (finding.severity, finding.rule_id, finding.title, finding.remediation)
        found.setdefault(key, []).append(finding)
    groups = [RuleGroup(*key, tuple(members)) for key, members in found.items()]
    return sorted(groups, key=_weight)


def _weight(group: RuleGroup) -> tuple[object, ...]:
    works, urgent = any(map(is_active, group.findings)), any(map(is_urgent, group.findings))
    return (not urgent, not works, -group.severity, not group.there, -len(group.findings), group)


def how_many(group: RuleGroup) -> str:
    """`12 findings in 60 places, 3 still there`."""
    text = count(len(group.findings), "finding")
    if group.places != len(group.findings):
        text += f" in {count(group.places, 'place')}"
    if not any(in_history(finding) for finding in group.findings):
        return text
    there = len(group.there)
    return f"{text}, {f'{there:,}' if there else 'none'} still there"


class ShownFinding(NamedTuple):
    """A finding, and those of its places that a report shows."""

    finding: Finding
    places: tuple[Location, ...]


def select(groups: Sequence[RuleGroup], limit: int, most: int) -> list[list[ShownFinding]]:
    """What each group may show: `limit` places together, `most` of one finding. 0: no bound.

    Every group has its share, so that none hides the others. What is still there comes first.
    """
    wishes = [[_wish(finding, most) for finding in (*group.there, *group.gone)] for group in groups]
    sizes = [sum(len(wish.places) for wish in wished) for wished in wishes]
    parts = _shares(sizes, limit) if limit else sizes
    return [list(_taken(wished, part)) for wished, part in zip(wishes, parts, strict=True)]


def _wish(finding: Finding, most: int) -> ShownFinding:
    places = sorted(finding.locations, key=is_past)
    # A line that says "1 more place" could as well be that place.
    cut = most and len(places) > most + 1
    return ShownFinding(finding, tuple(places[:most] if cut else places))


def _taken(wished: Iterable[ShownFinding], left: int) -> Iterator[ShownFinding]:
    for finding, places in wished:
        if left <= 0:
            return
        yield ShownFinding(finding, places[:left])
        left -= len(places)


def _shares(sizes: Sequence[int], limit: int) -> list[int]:
    """How many lines of `limit` each group has: what small ones leave, large ones get.

    Where there are more groups than lines, the first groups have one each.
    """
    given, left = [0] * len(sizes), limit
    while left and (hungry := [n for n, size in enumerate(sizes) if given[n] < size]):
        each = max(left // len(hungry), 1)
        for number in hungry[:left]:
            more = min(each, sizes[number] - given[number], left)
            given[number] += more
            left -= more
    return given
