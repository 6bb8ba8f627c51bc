"""The documented JSON form: docs/AUDIT.md, docs/schema/audit-v1.schema.json.

ASCII only: every other character is a JSON escape, so the text cannot steer a terminal.
"""

from __future__ import annotations

import json
from typing import Any, Final

from secopskit import __version__
from secopskit.audit.model import Mismatch
from secopskit.audit.outcome import AuditOutcome, HeldBack, Priority, RankedLine
from secopskit.audit.picture.databases import databases_of
from secopskit.audit.picture.draw import picture_of
from secopskit.audit.picture.model import DatabaseRow, Picture
from secopskit.audit.plan import PlanStep, plan_of
from secopskit.audit.rank import severity_of
from secopskit.audit.tell.interface import AuditForm, AuditView
from secopskit.audit.tell.words import limits
from secopskit.report.text import encodable

SCHEMA_VERSION: Final = "1"


class JsonAudit:
    """Everything an audit has to tell."""

    name = "json"

    def render(self, outcome: AuditOutcome, view: AuditView) -> str:
        """The whole report. The view changes nothing: a machine gets all there is."""
        return data_text(audit_document(outcome))


def data_text(document: dict[str, Any]) -> str:
    """A document in ASCII, in which a runner of GitHub Actions finds no `##[command]` either."""
    return json.dumps(document, indent=2, allow_nan=False).replace("##[", "##\\u005b") + "\n"


def audit_document(outcome: AuditOutcome) -> dict[str, Any]:
    """The report as plain data."""
    return {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "secops", "version": __version__},
        "kind": "audit",
        "project": encodable(outcome.name),
        "summary": _summary(outcome),
        "rules": _rules(outcome),
        "lines": [_line(line) for line in outcome.lines],
        "mismatches": [_mismatch(line, mismatch) for line, mismatch in outcome.mismatches],
        "databases": [_database(row) for row in databases_of(outcome.facts)],
        "picture": _picture(picture_of(outcome.facts)),
        "plan": [_step(step) for step in plan_of(outcome)],
        "held_back": [_held_back(held) for held in outcome.held_back],
        "stale": [{key: encodable(text) for key, text in entry._asdict().items()} for entry in outcome.stale],
        "skipped": [
            {
                "path": encodable(item.path),
                "reason": item.reason.name.lower(),
                "detail": encodable(item.detail),
            }
            for item in outcome.facts.skipped
        ],
        "limits": [encodable(limit) for limit in limits(outcome)],
    }


def _summary(outcome: AuditOutcome) -> dict[str, Any]:
    facts = outcome.facts
    return {
        "mismatches": outcome.total,
        "by_priority": {priority.name: outcome.count(priority) for priority in Priority},
        "held_back": len(outcome.held_back),
        "files": len(facts.paths),
        "skipped": len(facts.skipped),
        "stacks": len(facts.stacks),
        "services": sum(len(stack.services) for stack in facts.stacks),
        "rules": outcome.asked,
        "unanswered": outcome.unanswered,
    }


def _rules(outcome: AuditOutcome) -> list[dict[str, str]]:
    """The rules that found something, each once."""
    found = {line.rule.id: line.rule for line in outcome.lines}
    return [
        {"id": rule.id, "title": rule.title, "severity": rule.severity.label, "reference": rule.reference}
        for _, rule in sorted(found.items())
    ]


def _line(line: RankedLine) -> dict[str, Any]:
    return {
        "priority": line.priority.name,
        "rule_id": line.rule.id,
        "stack": encodable(line.stack),
        "folded": line.folded,
        "ids": [mismatch.id for mismatch in line.mismatches],
    }


def _mismatch(line: RankedLine, mismatch: Mismatch) -> dict[str, Any]:
    return {
        "id": mismatch.id,
        "rule_id": line.rule.id,
        "priority": line.priority.name,
        "severity": severity_of(line.rule, mismatch).label,
        "subject": encodable(mismatch.subject),
        "stack": encodable(mismatch.stack),
        "development": mismatch.development,
        "message": encodable(mismatch.message),
        "fix": encodable(mismatch.fix),
        "evidence": [
            {"path": encodable(place.path), "line": place.line, "text": encodable(text)}
            for place, text in mismatch.evidence
        ],
    }


def _database(row: DatabaseRow) -> dict[str, Any]:
    return {
        "kind": row.kind,
        "where": encodable(row.where),
        "database": encodable(row.database),
        "outside": row.outside,
        "odoo": row.odoo,
        "pointers": [
            {
                "who": encodable(one.who),
                "key": encodable(one.key),
                "path": encodable(one.place.path),
                "line": one.place.line,
                "tls": encodable(one.tls),
            }
            for one in row.pointers
        ],
    }


def _picture(picture: Picture) -> dict[str, Any]:
    stacks = {node.id: box.name for box in picture.boxes for node in box.nodes}
    return {
        "nodes": [
            {
                "id": node.id,
                "kind": node.kind.value,
                "names": [encodable(name) for name in node.names],
                "stack": encodable(stacks.get(node.id, "")),
                "open_ports": list(node.open),
            }
            for node in picture.nodes
        ],
        "lines": [
            {
                "from": line.start,
                "to": line.end,
                "kind": None if line.kind is None else line.kind.value,
                "keys": [encodable(key) for key in line.keys],
            }
            for line in picture.lines
        ],
        "left_out": list(picture.left_out),
    }


def _step(step: PlanStep) -> dict[str, Any]:
    return {
        "title": step.title,
        "how": step.how,
        "commands": [encodable(command) for command in step.commands],
        "ids": [mismatch.id for line in step.lines for mismatch in line.mismatches],
    }


def _held_back(held: HeldBack) -> dict[str, Any]:
    place = held.mismatch.evidence[0].place
    return {
        "id": held.mismatch.id,
        "rule_id": held.rule.id,
        "subject": encodable(held.mismatch.subject),
        "path": encodable(place.path),
        "line": place.line,
        "by": held.by.name.lower(),
        "reason": encodable(held.reason),
        "owner": encodable(held.owner),
    }


FORM: Final[AuditForm] = JsonAudit()
