"""The audit as SARIF 2.1.0, shaped for GitHub code scanning: a result a mismatch, known by its id."""

from __future__ import annotations

from typing import Any, Final

from secopskit import __version__
from secopskit.audit.model import Mismatch, MismatchEvidence, MismatchRule
from secopskit.audit.outcome import AuditOutcome, HeldBack, RankedLine
from secopskit.audit.rank import severity_of
from secopskit.audit.tell.interface import AuditForm, AuditView
from secopskit.audit.tell.json import data_text
from secopskit.audit.tell.words import held_back, limits, not_read, stale_entries
from secopskit.report.facts.summary import phrase
from secopskit.report.sarif.log import SCHEMA_URI
from secopskit.report.sarif.parts import SOURCE_ROOT, artifact, message
from secopskit.report.sarif.rules import LEVEL, SCORE
from secopskit.report.text import visible

# GitHub keeps a hundred locations of a result.
_RELATED_MOST: Final = 100


class SarifAudit:
    """One run. What is held back is in it only on demand, with its justification."""

    name = "sarif"

    def render(self, outcome: AuditOutcome, view: AuditView) -> str:
        """The whole report, in ASCII."""
        return data_text({"$schema": SCHEMA_URI, "version": "2.1.0", "runs": [_run(outcome, view)]})


def _run(outcome: AuditOutcome, view: AuditView) -> dict[str, Any]:
    shown = outcome.held_back if view.show_held_back else ()
    rules = {line.rule.id: line.rule for line in outcome.lines} | {held.rule.id: held.rule for held in shown}
    index = {name: number for number, name in enumerate(sorted(rules))}
    results = [_result(line, one, index[line.rule.id]) for line, one in outcome.mismatches]
    results += [_suppressed(held, index[held.rule.id]) for held in shown]
    return {
        "tool": {
            "driver": {
                "name": "secops audit",
                "semanticVersion": __version__,
                "rules": [_rule(rules[name]) for name in index],
                "notifications": [{"id": "skipped"}, {"id": "suppressed"}, {"id": "limit"}],
            }
        },
        "invocations": [
            {
                "executionSuccessful": not outcome.unanswered,
                "toolExecutionNotifications": _notifications(outcome),
            }
        ],
        "originalUriBaseIds": {SOURCE_ROOT: {"description": {"text": "The root of the project."}}},
        "columnKind": "utf16CodeUnits",
        "results": results,
        "properties": {
            "project": visible(outcome.name),
            "skipped": len(outcome.facts.skipped),
            "suppressed": len(outcome.held_back),
        },
    }


def _rule(rule: MismatchRule) -> dict[str, Any]:
    text = rule.explanation.strip()
    made: dict[str, Any] = {
        "id": rule.id,
        "name": rule.id,
        "shortDescription": {"text": visible(rule.title)},
        "fullDescription": {"text": visible(rule.title)},
        "help": {"text": text, "markdown": text},
        "defaultConfiguration": {"level": LEVEL[rule.severity]},
        "properties": {"security-severity": SCORE[rule.severity], "tags": ["security", "configuration"]},
    }
    if rule.reference.startswith("https://"):
        made["helpUri"] = rule.reference
    return made


def _result(line: RankedLine, mismatch: Mismatch, number: int) -> dict[str, Any]:
    made = _bare(line.rule, mismatch, number)
    made["properties"]["priority"] = line.priority.name
    return made


def _bare(rule: MismatchRule, mismatch: Mismatch, number: int) -> dict[str, Any]:
    first, *others = mismatch.evidence
    made: dict[str, Any] = {
        "ruleId": rule.id,
        "ruleIndex": number,
        "level": LEVEL[severity_of(rule, mismatch)],
        "message": message(f"{mismatch.message} {mismatch.fix}"),
        "locations": [_location(first)],
        "partialFingerprints": {
            "secopsMismatch/v1": mismatch.id,
            "primaryLocationLineHash": f"{mismatch.id}:1",
        },
        "properties": {
            "subject": visible(mismatch.subject),
            "stack": visible(mismatch.stack),
            "development": mismatch.development,
        },
    }
    if others:
        made["relatedLocations"] = [_location(one) for one in others[:_RELATED_MOST]]
    return made


def _suppressed(held: HeldBack, number: int) -> dict[str, Any]:
    said = ": ".join(text for text in (held.by.value, visible(held.owner), visible(held.reason)) if text)
    mark = {"kind": "external", "status": "accepted", "justification": said}
    return _bare(held.rule, held.mismatch, number) | {"suppressions": [mark]}


def _location(evidence: MismatchEvidence) -> dict[str, Any]:
    """Whole lines; a file as a whole is told at its first."""
    place, text = evidence
    region = {"startLine": max(place.line, 1)}
    made: dict[str, Any] = {"physicalLocation": {"artifactLocation": artifact(place.path), "region": region}}
    if text:
        made["message"] = message(text)
    return made


def _notifications(outcome: AuditOutcome) -> list[dict[str, Any]]:
    told = [("limit", "warning", limit) for limit in limits(outcome)]
    if outcome.facts.skipped:
        told.append(("skipped", "note", f"Not read: {phrase(not_read(outcome))}"))
    if outcome.held_back:
        told.append(("suppressed", "note", f"Held back: {phrase(held_back(outcome))}"))
    if outcome.stale:
        told.append(("suppressed", "note", stale_entries(outcome)))
    return [
        {"descriptor": {"id": kind}, "level": level, "message": message(text)} for kind, level, text in told
    ]


FORM: Final[AuditForm] = SarifAudit()
