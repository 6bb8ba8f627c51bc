"""Annotations for GitHub Actions: one workflow command a place, shown beside the line.

GitHub shows ten errors, ten warnings and ten notices of a step; all stand in its log.
"""

from __future__ import annotations

from typing import Final

from secopskit.findings import Finding, Location, ScanResult, Severity
from secopskit.report.annotation import without_commands, workflow_command
from secopskit.report.facts.clean import clean_words
from secopskit.report.facts.exposure import is_orphaned, presence_words
from secopskit.report.facts.live import live_counts, noted
from secopskit.report.facts.summary import by_reason, phrase, suppressed_words, tests_words, what_was_read
from secopskit.report.interface import RenderOptions, Reporter
from secopskit.report.text import count, in_a_file, path_name, role_words, visible

_COMMAND: Final = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "notice",
    Severity.INFO: "notice",
}


class GithubReporter:
    """Workflow commands, worst first, and a last line for the log."""

    name = "github"
    complete = True

    def render(self, result: ScanResult, options: RenderOptions) -> str:
        """The whole report."""
        lines = [_annotation(one, place) for one in result.findings for place in one.locations]
        lines += [
            workflow_command("warning", {"title": "secops: not seen"}, limit) for limit in result.limits
        ]
        if result.skipped:
            text = f"{count(len(result.skipped), 'file or object', 'files or objects')} not scanned: "
            lines.append(workflow_command("notice", {"title": "secops"}, text + phrase(by_reason(result))))
        told = (f"suppressed: {held}" if (held := suppressed_words(result)) else "", tests_words(result))
        lines += [workflow_command("notice", {"title": "secops"}, text) for text in told if text]
        found = f"{count(len(result.findings), 'finding')} in {visible(result.target)}"
        words = found if result.findings else clean_words(result)
        asked = f" asked: {live_counts(result)};" if live_counts(result) else ""
        last = f"secops: {words}:{asked} {what_was_read(result.stats)}"
        lines.append(without_commands(last))
        return "\n".join(lines) + "\n"


def _annotation(finding: Finding, location: Location) -> str:
    properties = {"title": f"{finding.title} ({finding.rule_id})"}
    if _is_in_the_tree(location):
        properties |= {
            "file": visible(location.path),
            "line": str(location.line),
            "endLine": str(location.end_line),
        }
    return workflow_command(_COMMAND[finding.severity], properties, _message(finding, location))


def _is_in_the_tree(location: Location) -> bool:
    """Whether an annotation can stand beside the line; not where only old commits hold it."""
    return in_a_file(location) and (location.provenance is None or location.provenance.present)


def _message(finding: Finding, location: Location) -> str:
    parts = [": ".join(filter(None, (finding.severity.label, finding.preview)))]  # a place has no value
    if note := noted(finding):
        parts.append(note)
    if origin := location.provenance:
        where = f"{path_name(location)}:{location.line}"
        commit = f"commit {origin.commit[:10]}" if origin.commit else "no commit reaches it"
        commit += f", {presence_words(origin)}" if is_orphaned(origin) else ""
        parts.append(f"in history: {where}, {commit}" if in_a_file(location) else f"in {path_name(location)}")
    elif not in_a_file(location):
        parts.append(f"in {path_name(location)}")
    if words := role_words(location):
        parts.append(words)
    if finding.remediation:
        parts.append(finding.remediation)
    return ". ".join(part.rstrip(".") for part in parts) + "."


REPORTER: Final[Reporter] = GithubReporter()
