"""One line a place, in the form of compilers' messages: for filters, and for editors that jump to places.

`path:line:column: severity: title preview (note) [rule-id]`, as the GNU Coding Standards write it
(https://www.gnu.org/prep/standards/html_node/Errors.html); with history, whether it is still there.
"""

from __future__ import annotations

from typing import Final

from secopskit.findings import Finding, Location, ScanResult
from secopskit.report.facts.exposure import place_in_time, presence_words
from secopskit.report.facts.live import noted
from secopskit.report.interface import RenderOptions, Reporter
from secopskit.report.text import place, role_words, visible


class OnelineReporter:
    """The places of the findings, worst first, and nothing else: every line is one.

    Limits and what was left out are told beside it, where no filter takes them for findings.
    """

    name = "oneline"
    complete = False

    def render(self, result: ScanResult, options: RenderOptions) -> str:
        """The whole report; empty where there are no findings."""
        return "".join(_lines(finding) for finding in result.findings)


def _lines(finding: Finding) -> str:
    what = " ".join(visible(part) for part in (finding.title, finding.preview) if part)
    end = f"[{visible(finding.rule_id)}]"
    return "".join(
        f"{place(where)}: {finding.severity.label}: {what}{_note(finding, where)} {end}{_time(where)}\n"
        for where in finding.locations
    )


def _note(finding: Finding, where: Location) -> str:
    told = ", ".join(part for part in (visible(noted(finding)), role_words(where)) if part)
    return f" ({told})" if told else ""


def _time(where: Location) -> str:
    known = where.provenance
    if known is None:
        return ""
    return f" {presence_words(known)}, {place_in_time(known)}"


REPORTER: Final[Reporter] = OnelineReporter()
