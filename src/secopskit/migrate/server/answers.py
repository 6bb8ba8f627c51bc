"""What the backend answers with, beyond what `render` has: rows of the history, and refusals. Pure."""

from __future__ import annotations

from typing import Any

from secopskit.migrate.ledger import history
from secopskit.migrate.look.dryrun import DryRun
from secopskit.migrate.model import MigrationPlan
from secopskit.migrate.server.problems import ProblemDocument
from secopskit.migrate.tell.render import moment, problem_data


def blocked(plan: MigrationPlan) -> ProblemDocument:
    """The plan has problems."""
    return ProblemDocument(
        status=409,
        code="blocked",
        detail="the plan has problems that must be solved first",
        advice="Each says how.",
        more={"problems": [problem_data(each) for each in plan.blocked]},
    )


def changed(plan: MigrationPlan) -> ProblemDocument:
    """Another plan was asked for."""
    return ProblemDocument(
        status=409,
        code="plan-changed",
        detail="this is not the plan that would be carried out now",
        advice="Files, database or state have changed, or it is applied already: look at GET /v1/plan.",
        more={"plan": plan.hash},
    )


def rehearsal_entry(plan: MigrationPlan, result: DryRun) -> history.HistoryEntry:
    """The row of the history about a dry run."""
    failure = result.failure
    return history.HistoryEntry(
        action=history.Action.DRY_RUN,
        ok=result.ok,
        version=failure.version if failure else None,
        duration_ms=result.duration_ms,
        sqlstate=failure.sqlstate or None if failure else None,
        message=str(failure) if failure else f"{len(plan.steps)} files on the {result.where}",
        plan_hash=plan.hash,
    )


def row_data(row: history.Recorded) -> dict[str, Any]:
    """A row of the history."""
    return {
        "id": row.id,
        "run": row.run_id,
        "version": row.version,
        "action": row.action,
        "ok": row.ok,
        "at": moment(row.at),
        "duration_ms": row.duration_ms,
        "sqlstate": row.sqlstate,
        "message": row.message,
        "plan": row.plan_hash,
        "actor": row.actor,
        "commit": row.git_sha,
        "tool": row.tool_version,
        "hash": row.hash,
    }
