"""SARIF 2.1.0 (an OASIS standard), shaped for GitHub code scanning."""

from __future__ import annotations

import json
from typing import Any, Final

from secopskit import __version__
from secopskit.findings import ScanResult, SuppressedBy
from secopskit.report.facts.summary import by_reason, by_suppression, phrase
from secopskit.report.interface import RenderOptions, Reporter
from secopskit.report.sarif.parts import SOURCE_ROOT, artifact, message
from secopskit.report.sarif.results import Numbering, results_of
from secopskit.report.sarif.rules import rules_of
from secopskit.report.text import visible

SCHEMA_URI: Final = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
# A history can hold a hundred thousand binary files; the JSON format lists every one.
_SKIPS_LISTED: Final = 1000


class SarifReporter:
    """One run. Suppressed findings are in it only on demand.

    GitHub does not read `suppressions`: it would open an alert for each of them.
    """

    name = "sarif"
    complete = True

    def render(self, result: ScanResult, options: RenderOptions) -> str:
        """The whole report, in ASCII."""
        log = {"$schema": SCHEMA_URI, "version": "2.1.0", "runs": [_run(result, options)]}
        return json.dumps(log, indent=2, allow_nan=False) + "\n"


def _run(result: ScanResult, options: RenderOptions) -> dict[str, Any]:
    suppressed = result.suppressed if options.show_suppressed else ()
    findings = [*result.findings, *(item.finding for item in suppressed)]
    rules = rules_of(findings)
    index = {rule["id"]: number for number, rule in enumerate(rules)}
    numbering = Numbering()
    results = [one for finding in result.findings for one in results_of(finding, index, numbering)]
    for item in suppressed:
        mark = {"suppressions": [_suppression(item.by, item.reason)]}
        results += [one | mark for one in results_of(item.finding, index, numbering)]
    return {
        "tool": {
            "driver": {
                "name": "secops",
                "semanticVersion": __version__,
                "rules": rules,
                "notifications": [{"id": "skipped"}, {"id": "suppressed"}, {"id": "limit"}],
            }
        },
        "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": _notifications(result)}],
        "originalUriBaseIds": {SOURCE_ROOT: {"description": {"text": "The root of what was scanned."}}},
        "columnKind": "utf16CodeUnits",
        "results": results,
        "properties": {
            "target": visible(result.target),
            "seconds": round(result.stats.seconds, 3),
            "skipped": len(result.skipped),
            "suppressed": len(result.suppressed),
            "skippedFor": by_reason(result),
            "suppressedBy": by_suppression(result),
        },
    }


def _suppression(by: SuppressedBy, reason: str) -> dict[str, str]:
    kind = "inSource" if by is SuppressedBy.INLINE else "external"
    justification = f"{by.value}: {visible(reason)}" if reason else by.value
    return {"kind": kind, "status": "accepted", "justification": justification}


def _notifications(result: ScanResult) -> list[dict[str, Any]]:
    found = [_notification("limit", "warning", limit) for limit in result.limits]
    if result.skipped:
        found.append(_notification("skipped", "note", f"Not scanned: {phrase(by_reason(result))}"))
    for item in result.skipped[:_SKIPS_LISTED]:
        text = f"{item.reason.value} ({item.detail})" if item.detail else item.reason.value
        one = _notification("skipped", "note", text)
        if item.path:
            one["locations"] = [{"physicalLocation": {"artifactLocation": artifact(item.path)}}]
        found.append(one)
    if result.suppressed:
        text = f"Suppressed: {phrase(by_suppression(result))}"
        found.append(_notification("suppressed", "note", text))
    return found


def _notification(kind: str, level: str, text: str) -> dict[str, Any]:
    return {"descriptor": {"id": kind}, "level": level, "message": message(text)}


REPORTER: Final[Reporter] = SarifReporter()
