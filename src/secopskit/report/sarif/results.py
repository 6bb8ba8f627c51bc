"""Findings as SARIF results, divided so that code scanning keeps one alert for each place.

In a work tree every place is a result. In history the many versions of one place (same
rule, path and key) are one result, whose primary location is the version still present or
else the last one; the others are related locations.

Fingerprints come from `Location.place`, never from the secret: they are equal in every
clone. Two secrets at one place (a list of tokens) are told apart by a running number.
GitHub matches alerts by `primaryLocationLineHash` alone, and makes up its own where a log
has none, so the same value stands under that name too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from secopskit.findings import Finding, Location
from secopskit.report.facts.exposure import exposure, moment, since, until
from secopskit.report.facts.live import noted
from secopskit.report.sarif.parts import artifact, message
from secopskit.report.sarif.rules import LEVEL
from secopskit.report.text import count, visible

# GitHub keeps a hundred locations of a result, and rejects a log with over a thousand.
_RELATED_MOST: Final = 100


class Numbering:
    """Counts how often each place was met, to tell apart several secrets at one place."""

    def __init__(self) -> None:
        self._seen: dict[str, int] = {}

    def next(self, place: str) -> int:
        """1 for the first secret at a place, 2 for the second."""
        self._seen[place] = self._seen.get(place, 0) + 1
        return self._seen[place]


def results_of(
    finding: Finding, rule_index: Mapping[str, int], numbering: Numbering
) -> Iterator[dict[str, Any]]:
    """The results of one finding, without suppressions."""
    for versions in _by_place(finding):
        primary, *related = versions
        result: dict[str, Any] = {
            "ruleId": finding.rule_id,
            "ruleIndex": rule_index[finding.rule_id],
            "level": LEVEL[finding.severity],
            "message": message(_text(finding, len(related))),
            "locations": [_location(primary)],
            "properties": _properties(finding, primary),
        }
        if primary.place:
            number = numbering.next(primary.place)
            result["partialFingerprints"] = {
                "secopsPlace/v1": primary.place,
                "primaryLocationLineHash": f"{primary.place}:{number}",
            }
        if related:
            result["relatedLocations"] = [_location(one) for one in related[:_RELATED_MOST]]
        yield result


def _by_place(finding: Finding) -> list[list[Location]]:
    """The locations, those of one result together, its primary location first."""
    groups: dict[object, list[Location]] = {}
    for location in finding.locations:
        historic = location.provenance is not None
        key = (location.path, location.place) if historic else location
        groups.setdefault(key, []).append(location)
    return [sorted(group, key=_newest_first) for group in groups.values()]


def _newest_first(location: Location) -> tuple[bool, float]:
    known = location.provenance
    when = moment(known.last_date) if known else None
    return (not (known and known.present), -when.timestamp() if when else 0.0)


def _text(finding: Finding, versions: int) -> str:
    parts = [f"{visible(finding.title)}: {visible(finding.preview)}"]
    if note := noted(finding):
        parts.append(visible(note))
    if known := exposure(finding):
        parts.append(f"in history since {since(known)}")
        parts.append(until(known))
    if versions:
        parts.append(f"{count(versions, 'other version')} of this place")
    if finding.remediation:
        parts.append(visible(finding.remediation))
    return ". ".join(part.rstrip(".") for part in parts if part) + "."


def _location(location: Location) -> dict[str, Any]:
    """Whole lines: SARIF counts columns in characters, and we know them in bytes only."""
    # Content without a path is an object of git's store; a log must still name a file.
    oid = location.oid or "unknown"
    path = location.path or f".git/objects/{oid[:2]}/{oid[2:]}"
    region = {"startLine": location.line, "startColumn": 1, "endLine": location.end_line}
    return {"physicalLocation": {"artifactLocation": artifact(path), "region": region}}


def _properties(finding: Finding, location: Location) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "findingId": finding.id,
        "fingerprint": finding.fingerprint.text,
        "severity": finding.severity.label,
        "confidence": finding.confidence.label,
        "byteColumns": [location.column, location.end_column],
        "role": location.role.value,
    }
    if live := finding.verification:
        properties["verification"] = {
            "state": live.state.value,
            "account": visible(live.account),
            "scopes": [visible(one) for one in live.scopes],
            "checkedAt": live.checked_at,
        }
    if location.provenance:
        properties["commit"] = visible(location.provenance.commit)
        properties["present"] = location.provenance.present
    return properties
