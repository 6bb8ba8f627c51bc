"""What is still there, told apart from what only the history holds.

Still there is what stands in the scanned files or, of a history, at the tip of a ref.
"""

from __future__ import annotations

from enum import Enum

from secopskit.findings import Finding, Location, ScanResult, Suppressed, SuppressedBy


class HistoryPresence(Enum):
    """What of a history is asked for: what is still at the tip of a ref, or what only the history holds."""

    PRESENT = "present"
    GONE = "gone"


def is_past(place: Location) -> bool:
    """Whether only the history holds what stood at this place."""
    return place.provenance is not None and not place.provenance.present


def is_gone(finding: Finding) -> bool:
    """Whether only the history holds it: no tip of a ref does any more, and it is in no work tree."""
    return bool(finding.locations) and all(map(is_past, finding.locations))


def main_place(finding: Finding) -> Location | None:
    """The first place that is still there, else the first; None for a finding without places."""
    places = finding.locations
    return next((place for place in places if not is_past(place)), places[0] if places else None)


def only(result: ScanResult, presence: HistoryPresence) -> ScanResult:
    """The result with the findings of one kind alone; the others are counted as suppressed.

    A finding that is still there keeps those places alone that are.
    """
    kept, left = list[Finding](), list[Suppressed]()
    for finding in result.findings:
        if is_gone(finding) is not (presence is HistoryPresence.GONE):
            left.append(Suppressed(finding, SuppressedBy.PRESENCE))
            continue
        gone = presence is HistoryPresence.GONE
        kept.append(finding._replace(locations=tuple(p for p in finding.locations if gone or not is_past(p))))
    return result._replace(findings=tuple(kept), suppressed=(*result.suppressed, *left))
