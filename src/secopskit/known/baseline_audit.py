"""How the entries of a baseline stand against what a scan finds now."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from enum import Enum

from secopskit.findings import Finding
from secopskit.known.baseline import Baseline, BaselineEntry


class EntryStatus(Enum):
    """What has become of an entry. The value is what an audit prints."""

    HOLDS = "holds"
    UNSEEN = "not looked at"
    STALE = "matches nothing"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditedEntry:
    """An entry, how it stands, and the finding that it is about, if that was found."""

    entry: BaselineEntry
    status: EntryStatus
    finding: Finding | None = None

    @property
    def pending(self) -> bool:
        """Whether somebody has to do something about it."""
        return self.status in (EntryStatus.STALE, EntryStatus.EXPIRED)


def audit(
    baseline: Baseline, findings: Iterable[Finding], *, today: date, looked_at: Callable[[str], bool]
) -> tuple[AuditedEntry, ...]:
    """Every entry with how it stands. `findings` are those of a scan that did not use the baseline."""
    found = _matched(baseline, findings)
    return tuple(
        AuditedEntry(
            entry=entry,
            status=_status(entry, entry.key in found, today, looked_at),
            finding=found.get(entry.key),
        )
        for entry in baseline.entries
    )


def _matched(baseline: Baseline, findings: Iterable[Finding]) -> dict[tuple[str, str, str | None], Finding]:
    """The entries that findings stand for. On the first of all days, no entry has expired yet."""
    matched: dict[tuple[str, str, str | None], Finding] = {}
    for finding in findings:
        for path in dict.fromkeys(location.path for location in finding.locations):
            location = next(place for place in finding.locations if place.path == path)
            if entry := baseline.covers(finding, location, date.min):
                matched[entry.key] = finding
    return matched


def _status(entry: BaselineEntry, found: bool, today: date, looked_at: Callable[[str], bool]) -> EntryStatus:
    if entry.expired(today):
        return EntryStatus.EXPIRED
    if found:
        return EntryStatus.HOLDS
    return EntryStatus.STALE if looked_at(entry.path) else EntryStatus.UNSEEN
