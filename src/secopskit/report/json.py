"""The documented JSON format: docs/report-json.md, docs/schema/report-v1.schema.json.

ASCII only: every other character is a JSON escape, so the text cannot steer a terminal.
"""

from __future__ import annotations

import json
from typing import Any, Final

from secopskit import __version__
from secopskit.findings import Finding, FindingVerification, Location, Provenance, ScanResult, Severity
from secopskit.report.facts.exposure import named_refs
from secopskit.report.facts.summary import by_severity, by_suppression
from secopskit.report.interface import RenderOptions, Reporter
from secopskit.report.text import encodable

SCHEMA_VERSION: Final = "1"


class JsonReporter:
    """Everything a scan has to tell, but the values."""

    name = "json"
    complete = True

    def render(self, result: ScanResult, options: RenderOptions) -> str:
        """The whole report. The options change nothing: a machine gets all there is."""
        return json.dumps(document(result), indent=2, allow_nan=False) + "\n"


def document(result: ScanResult) -> dict[str, Any]:
    """The report as plain data."""
    return {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "secops", "version": __version__},
        "target": encodable(result.target),
        "findings": [_finding(one) for one in result.findings],
        "skipped": [
            {
                "path": encodable(item.path),
                "reason": item.reason.name.lower(),
                "detail": encodable(item.detail),
                "fresh": item.fresh,
            }
            for item in result.skipped
        ],
        "suppressed": [
            {
                "by": item.by.name.lower(),
                "reason": encodable(item.reason),
                "fresh": item.fresh,
                "finding": _finding(item.finding),
            }
            for item in result.suppressed
        ],
        "limits": [encodable(limit) for limit in result.limits],
        "stats": _stats(result),
    }


def _finding(finding: Finding) -> dict[str, Any]:
    known = finding.verification
    return _facts(finding) if known is None else _facts(finding) | {"verification": _verification(known)}


def _verification(known: FindingVerification) -> dict[str, Any]:
    return {
        "state": known.state.value,
        "account": encodable(known.account),
        "scopes": [encodable(one) for one in known.scopes],
        "checked_at": known.checked_at or None,
        "detail": encodable(known.detail),
    }


def _facts(finding: Finding) -> dict[str, Any]:
    return {
        "id": finding.id,
        "rule_id": encodable(finding.rule_id),
        "title": encodable(finding.title),
        "severity": finding.severity.label,
        "confidence": finding.confidence.label,
        "fingerprint": finding.fingerprint.text,
        "preview": encodable(finding.preview),
        "note": encodable(finding.note),
        "remediation": encodable(finding.remediation),
        "references": [encodable(one) for one in finding.references],
        "live_format": finding.live_format,
        "locations": [_location(one) for one in finding.locations],
    }


def _location(location: Location) -> dict[str, Any]:
    place = {
        "path": encodable(location.path),
        "line": location.line,
        "end_line": location.end_line,
        "column": location.column,
        "end_column": location.end_column,
        "oid": location.oid,
        "place": location.place,
        "role": location.role.value,
    }
    return place if location.provenance is None else place | _history(location.provenance)


def _history(provenance: Provenance) -> dict[str, Any]:
    return {
        "commit": encodable(provenance.commit),
        "first_commit": encodable(provenance.first_commit),
        "last_commit": encodable(provenance.last_commit),
        "author": encodable(provenance.author),
        "date": encodable(provenance.date),
        "last_date": encodable(provenance.last_date),
        "refs": [encodable(ref) for ref in named_refs(provenance)],
        "refs_count": len(provenance.refs),
        "present": provenance.present,
    }


def _stats(result: ScanResult) -> dict[str, Any]:
    stats = result.stats
    severities = by_severity(result.findings)
    return {
        "blobs": stats.blobs,
        "bytes": stats.bytes,
        "seconds": round(stats.seconds, 3),
        "cached_objects": stats.cached_objects,
        "rules": stats.rules,
        "engine": stats.engine,
        "findings": len(result.findings),
        "suppressed": len(result.suppressed),
        "skipped": len(result.skipped),
        "by_severity": {severity.label: severities.get(severity, 0) for severity in Severity},
        "suppressed_by": by_suppression(result),
    }


REPORTER: Final[Reporter] = JsonReporter()
