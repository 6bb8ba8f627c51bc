"""Known findings, found again: a report holds no value, so a new scan is asked for them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Final, TypeAlias

from secopskit.errors import UsageError
from secopskit.findings import Finding, ScanResult, SuppressedBy
from secopskit.named_tuple import NamedTuple
from secopskit.state.smallfiles import StrPath, read_small

_REPORT_LIMIT: Final = 256 * 1024 * 1024
_NOT_A_REPORT: Final = "Make it with: secops scan --history --format json --output FILE"
# What people accepted, as against what the settings keep out.
_ACCEPTED: Final = (SuppressedBy.BASELINE, SuppressedBy.IGNORE_FILE, SuppressedBy.INLINE)

_Name: TypeAlias = str | tuple[str, str, int, int]


class ReportedFinding(NamedTuple):
    """What a finding of a report may be known by, the best first.

    That is its fingerprint, or, if another clone made the report with a key of its own, rule and
    place: rule id, object id, line and column.
    """

    names: tuple[_Name, ...]


class Refound(NamedTuple):
    """The findings that a scan has again, each once, and how many it has no more."""

    findings: tuple[Finding, ...]
    absent: int


def read_report(path: StrPath) -> tuple[ReportedFinding, ...]:
    """The findings of the JSON report at `path`. Raises ConfigError, and UsageError if it is none."""
    try:
        document: Any = json.loads(read_small(path, limit=_REPORT_LIMIT))
        return tuple(
            ReportedFinding(
                names=(
                    str(finding["fingerprint"]),
                    *(
                        (finding["rule_id"], p["oid"], p["line"], p["column"])
                        for p in finding["locations"]
                        if p["oid"]
                    ),
                )
            )
            for finding in document["findings"]
        )
    except (ValueError, KeyError, TypeError, RecursionError):
        raise UsageError(f"{path}: is not a JSON report of secops", advice=_NOT_A_REPORT) from None


def refind(result: ScanResult, reported: Iterable[ReportedFinding]) -> Refound:
    """Those of `result`'s findings, suppressed ones included, that `reported` names."""
    by_name: dict[_Name, Finding] = {}
    for finding in (*result.findings, *(suppressed.finding for suppressed in result.suppressed)):
        by_name[finding.fingerprint.text] = finding
        for place in finding.locations:
            by_name[finding.rule_id, place.oid or "", place.line, place.column] = finding
    found: dict[str, Finding] = {}
    absent = 0
    for one in reported:
        match = next((by_name[name] for name in one.names if name in by_name), None)
        if match:
            found[match.id] = match
        else:
            absent += 1
    return Refound(findings=tuple(found.values()), absent=absent)


def in_tests(result: ScanResult) -> tuple[Finding, ...]:
    """The findings that stand in tests, and that a scan does not show by default."""
    return tuple(one.finding for one in result.suppressed if one.by is SuppressedBy.TESTS)


def accepted(result: ScanResult) -> tuple[Finding, ...]:
    """The findings that a baseline, an ignore file or a comment accepts."""
    return tuple(one.finding for one in result.suppressed if one.by in _ACCEPTED)
