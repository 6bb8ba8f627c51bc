"""A table for spreadsheets: one row a place."""

from __future__ import annotations

import csv
from io import StringIO
from typing import Final

from secopskit.findings import Finding, Location, Provenance, ScanResult
from secopskit.report.facts.exposure import named_refs
from secopskit.report.interface import RenderOptions, Reporter
from secopskit.report.text import visible

COLUMNS: Final = (
    "id",
    "rule_id",
    "title",
    "severity",
    "confidence",
    "fingerprint",
    "preview",
    "note",
    "path",
    "line",
    "column",
    "oid",
    "first_commit",
    "date",
    "author",
    "last_commit",
    "last_date",
    "present",
    "refs",
    "remediation",
    "refs_count",
    "verification",
    "account",
    "scopes",
    "role",
)
# A spreadsheet takes a cell that begins with one of these for a formula.
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")
_NO_HISTORY: Final = Provenance()


class CsvReporter:
    """RFC 4180 with a header, and a row for each place of a finding, and nothing else.

    A row about what was not scanned would be counted and filtered as a finding, and comments are
    no part of the format: `asides` go beside the table.
    """

    name = "csv"
    complete = False

    def render(self, result: ScanResult, options: RenderOptions) -> str:
        """The whole report."""
        out = StringIO()
        writer = csv.writer(out)
        writer.writerow(COLUMNS)
        for finding in result.findings:
            for location in finding.locations:
                writer.writerow([inert_cell(text) for text in _row(finding, location)])
        return out.getvalue()


def _row(finding: Finding, location: Location) -> tuple[str, ...]:
    known, live = location.provenance, finding.verification
    history = known or _NO_HISTORY
    return (
        finding.id,
        finding.rule_id,
        finding.title,
        finding.severity.label,
        finding.confidence.label,
        finding.fingerprint.text,
        finding.preview,
        finding.note,
        location.path,
        str(location.line),
        str(location.column),
        location.oid or "",
        history.first_commit,
        history.date,
        history.author,
        history.last_commit,
        history.last_date,
        ("yes" if history.present else "no") if known else "",
        " ".join(named_refs(history)),
        finding.remediation,
        str(len(history.refs)) if known else "",
        live.state.value if live else "",
        live.account if live else "",
        " ".join(live.scopes) if live else "",
        location.role.value,
    )


def inert_cell(text: str) -> str:
    """The text, made inert where a spreadsheet would run it."""
    shown = visible(text)
    return f"'{shown}" if shown.startswith(_FORMULA_STARTS) else shown


REPORTER: Final[Reporter] = CsvReporter()
