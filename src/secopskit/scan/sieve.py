"""The one sieve: what keeps a finding out of the report, and says so."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple, Protocol

from secopskit.findings import Finding, Location, Severity, Suppressed, SuppressedBy
from secopskit.scan.assemble import Located


class Known(Protocol):
    """A record of findings that somebody already judged: a baseline, an ignore file."""

    def covers(self, finding: Finding, location: Location) -> str | None:
        """The reason why `finding` at `location` is known, or None if it is not."""
        ...


def _nothing_excluded(_path: str) -> bool:
    return False


class Sieve(NamedTuple):
    """What a scan does not report. Everything it holds back is kept and can be shown."""

    disabled_rules: frozenset[str] = frozenset()
    min_severity: Severity = Severity.LOW
    excluded: Callable[[str], bool] = _nothing_excluded
    known: Sequence[tuple[SuppressedBy, Known]] = ()

    def early(self, located: Iterable[Located]) -> dict[SuppressedBy | None, list[Located]]:
        """Sightings by what holds them back at first sight; under None, those that go on."""
        groups: dict[SuppressedBy | None, list[Located]] = {}
        for pair in located:
            groups.setdefault(self._holds_back(pair), []).append(pair)
        return groups

    def _holds_back(self, located: Located) -> SuppressedBy | None:
        sighting, _ = located
        if sighting.allowed is not None:
            return SuppressedBy.INLINE
        if sighting.rule_id in self.disabled_rules:
            return SuppressedBy.RULE
        if self.excluded(sighting.path):
            return SuppressedBy.PATH
        return SuppressedBy.SEVERITY if sighting.severity < self.min_severity else None

    def late(self, findings: Iterable[Finding]) -> Iterator[Finding | Suppressed]:
        """Findings without the places that are known; a finding without places is suppressed."""
        for finding in findings:
            left = finding.locations
            for by, record in self.known:
                covered = {
                    location: reason
                    for location in left
                    if (reason := record.covers(finding, location)) is not None
                }
                left = tuple(location for location in left if location not in covered)
                if covered:
                    part = finding._replace(locations=tuple(covered))
                    yield Suppressed(finding=part, by=by, reason=next(iter(covered.values())))
            if left:
                yield finding._replace(locations=left)
