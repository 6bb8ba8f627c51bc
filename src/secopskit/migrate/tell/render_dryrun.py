"""Dry runs and hazards as data for JSON, and as Markdown for a step summary. Pure; see `render`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from secopskit.migrate.model import Hazard, MigrationPlan, StatementReport
from secopskit.migrate.tell.render import VERSION, duration, plain, table

if TYPE_CHECKING:
    from secopskit.migrate.look.dryrun import DryRun


def hazard_data(hazard: Hazard) -> dict[str, Any]:
    """One thing that will hurt."""
    return {
        "rule": hazard.rule,
        "version": hazard.version,
        "line": hazard.line,
        "message": hazard.message,
        "advice": hazard.advice,
        "relation": hazard.relation or None,
        "size": hazard.size,
    }


def nothing_data(plan: MigrationPlan) -> dict[str, Any]:
    """A dry run of a plan without steps: there was nothing to run anywhere."""
    return {
        "version": VERSION,
        "plan": plan.hash,
        "ok": True,
        "steps": [],
        "hazards": [],
        "notes": [],
        "failure": None,
    }


def dry_run_data(plan: MigrationPlan, result: DryRun) -> dict[str, Any]:
    """A whole dry run."""
    failure = result.failure
    return {
        "version": VERSION,
        "plan": plan.hash,
        "ok": result.ok,
        "where": result.where,
        "server_version": result.version,
        "target_version": result.target_version,
        "schema_from": result.copied,
        "duration_ms": result.duration_ms,
        "steps": [
            {
                "version": step.step.migration.version,
                "name": step.step.migration.name,
                "direction": step.step.direction.value,
                "duration_ms": step.duration_ms,
                "statements": [_statement(report) for report in step.statements],
                "notices": list(step.notices),
            }
            for step in result.steps
        ],
        "hazards": [hazard_data(hazard) for hazard in result.hazards],
        "notes": list(result.notes),
        "failure": failure
        and {
            "version": failure.version,
            "path": failure.path,
            "line": failure.line,
            "sqlstate": failure.sqlstate,
            "message": failure.message,
            "advice": failure.advice,
        },
    }


def _statement(report: StatementReport) -> dict[str, Any]:
    return {
        "line": report.line,
        "text": report.text,
        "duration_ms": round(report.duration_ms, 1),
        "rows": report.rows,
        "locks": [
            {
                "relation": lock.relation,
                "mode": lock.mode,
                "existed": lock.existed,
                "kind": lock.kind,
                "size": lock.size,
            }
            for lock in report.locks
        ],
        "rewrites": list(report.rewrites),
        "scans": list(report.scans),
        "drops": list(report.drops),
        "renames": list(report.renames),
    }


def hazards_markdown(hazards: Sequence[Hazard]) -> str:
    """What will hurt, as a table."""
    rows = [(hazard.version, hazard.line, hazard.message, hazard.advice, hazard.rule) for hazard in hazards]
    return table(("Version", "Line", "What will hurt", "What to do", "Rule"), rows) if rows else ""


def dry_run_markdown(plan: MigrationPlan, result: DryRun) -> str:
    """A dry run as a section of a summary."""
    verdict = "passes" if result.ok else "fails"
    text = (
        f"### Dry run {verdict}\n\n{len(plan.steps)} files on the {result.where} "
        f"(PostgreSQL {result.version}), {duration(result.duration_ms)}. Plan `{plan.hash}`.\n\n"
    )
    rows = [
        (
            step.step.migration.version,
            step.step.migration.name,
            len(step.statements),
            duration(step.duration_ms),
        )
        for step in result.steps
    ]
    text += table(("Version", "Name", "Statements", "Time"), rows) + "\n" if rows else ""
    text += hazards_markdown(result.hazards)
    text += "".join(f"\n- {plain(note)}" for note in result.notes)
    if result.failure:
        text += f"\n**Failed:** {plain(result.failure)}. {plain(result.failure.advice)}\n"
    return text
