"""Annotations for GitHub Actions: one workflow command a mismatch, shown beside the line.

GitHub shows ten errors, ten warnings and ten notices of a step; all stand in its log.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from secopskit.audit.outcome import AuditOutcome, Priority, RankedLine
from secopskit.audit.tell.interface import AuditForm, AuditView
from secopskit.audit.tell.words import (
    headline,
    held_back,
    limits,
    not_read,
    stale_entries,
    subjects,
    summary,
)
from secopskit.report.annotation import without_commands, workflow_command
from secopskit.report.facts.summary import phrase
from secopskit.report.text import count

_COMMAND: Final = {
    Priority.P1: "error",
    Priority.P2: "error",
    Priority.P3: "warning",
    Priority.P4: "notice",
}


class GithubAudit:
    """Workflow commands, the most urgent first, and a last line for the log."""

    name = "github"

    def render(self, outcome: AuditOutcome, view: AuditView) -> str:
        """The whole report. The view changes nothing."""
        return "\n".join([*_annotations(outcome), without_commands(summary(outcome))]) + "\n"


def _annotations(outcome: AuditOutcome) -> Iterator[str]:
    yield from map(_annotation, outcome.lines)
    if outcome.unanswered:
        text = f"{count(outcome.unanswered, 'question was', 'questions were')} asked in vain"
        yield workflow_command("error", {"title": "secops audit: no answer"}, text)
    for limit in limits(outcome):
        yield workflow_command("notice", {"title": "secops audit: not seen"}, limit)
    if outcome.facts.skipped:
        yield workflow_command("notice", {"title": "secops audit: not read"}, phrase(not_read(outcome)))
    if outcome.held_back:
        text = phrase(held_back(outcome))
        yield workflow_command("notice", {"title": "secops audit: not reported"}, text)
    if outcome.stale:
        yield workflow_command("notice", {"title": "secops audit: baseline"}, stale_entries(outcome))


def _annotation(line: RankedLine) -> str:
    """One at the first place of a line; the names of what is told together stand in it."""
    first = line.mismatches[0]
    place = first.evidence[0].place
    properties = {"title": f"{line.priority.name} {headline(line)}", "file": place.path}
    if place.line:
        properties["line"] = str(place.line)
    names = f"{subjects(line)}. " if line.folded else ""
    return workflow_command(_COMMAND[line.priority], properties, f"{names}{first.message} {first.fix}")


FORM: Final[AuditForm] = GithubAudit()
