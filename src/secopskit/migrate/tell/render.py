"""Plans, ledgers and outcomes as data for JSON, and as Markdown for a step summary. Pure.

The shapes are part of the interface (docs/DATABASE_MIGRATIONS.md): names may be added, none is
renamed. Every document has `version` 1. No value of a row and no connection string is in any.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from secopskit.migrate.model import Applied, Identity, Migration, MigrationPlan, PlanProblem, VersionState
from secopskit.named_tuple import NamedTuple

if TYPE_CHECKING:
    from secopskit.migrate.apply.progress import MigrationOutcome
    from secopskit.migrate.ledger.history import Recorded

VERSION: Final = 1
_MARKDOWN: Final = str.maketrans({c: f"\\{c}" for c in "\\`*_{}[]<>#|~"})


def identity_data(identity: Identity) -> dict[str, Any]:
    """Which database it is."""
    return {
        "id": identity.id,
        "environment": identity.environment,
        "database": identity.database,
        "server_version": identity.server_version,
    }


def problem_data(problem: PlanProblem) -> dict[str, Any]:
    """One problem; `kind` is a stable name."""
    return {
        "kind": problem.kind.name.lower().replace("_", "-"),
        "version": problem.version,
        "message": problem.message,
        "advice": problem.advice,
        "blocking": problem.blocking,
    }


def plan_data(plan: MigrationPlan, identity: Identity) -> dict[str, Any]:
    """A whole plan."""
    return {
        "version": VERSION,
        "target": identity_data(identity),
        "hash": plan.hash,
        "applied": plan.applied,
        "steps": [
            {
                "version": step.migration.version,
                "name": step.migration.name,
                "direction": step.direction.value,
                "path": step.script.path,
                "checksum": step.script.checksum,
                "statements": len(step.script.statements),
                "transaction": step.script.directives.transaction,
                "resume_at": step.resume_at,
            }
            for step in plan.steps
        ],
        "problems": [problem_data(problem) for problem in plan.problems],
    }


def ledger_data(migrations: Sequence[Migration], applied: Sequence[Applied]) -> list[dict[str, Any]]:
    """Every version that is a file or a row of the ledger, in order."""
    return [
        {
            "version": version,
            "name": name,
            "state": state,
            "applied_at": moment(row.applied_at) if row and row.applied_at else None,
            "duration_ms": row.duration_ms if row else None,
            "statements_done": row.statements_done if row else None,
            "statements_total": row.statements_total if row else None,
            "renamed_to": renamed_to or None,
        }
        for version, name, state, row, renamed_to in version_rows(migrations, applied)
    ]


def status_data(
    plan: MigrationPlan, identity: Identity, migrations: Sequence[Migration], applied: Sequence[Applied]
) -> dict[str, Any]:
    """What is applied, what is pending, what is wrong."""
    return {
        "version": VERSION,
        "target": identity_data(identity),
        "applied": plan.applied,
        "pending": len(plan.steps),
        "plan": plan.hash,
        "migrations": ledger_data(migrations, applied),
        "problems": [problem_data(problem) for problem in plan.problems],
    }


def history_data(rows: Sequence[Recorded], identity: Identity) -> dict[str, Any]:
    """Rows of the history, in their order."""
    return {
        "version": VERSION,
        "target": identity_data(identity),
        "history": [_recorded_data(row) for row in rows],
    }


def _recorded_data(row: Recorded) -> dict[str, Any]:
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


class VersionRow(NamedTuple):
    """A version: what it is called, its state, its row of the ledger, and what its file is called now."""

    version: str
    name: str
    state: str
    row: Applied | None = None
    renamed_to: str = ""


def version_rows(migrations: Sequence[Migration], applied: Sequence[Applied]) -> list[VersionRow]:
    """Every version in order. A file that was renamed is no version of its own."""
    from secopskit.migrate.ledger.renames import find_renames
    from secopskit.migrate.read.names import version_key

    files = {version_key(migration.version): migration for migration in migrations}
    rows = {version_key(row.version): row for row in applied}
    renames = find_renames(files, rows)
    found: list[VersionRow] = []
    for key in sorted(files.keys() - renames.taken | rows.keys()):
        file, row = files.get(key), rows.get(key)
        if row is None:
            assert file is not None  # noqa: S101 - the key is of one or the other
            found.append(VersionRow(file.version, file.name, "pending"))
            continue
        state, new = row.state.value, ""
        if key in renames.by_row or key in renames.unclear:
            state, new = "renamed", renames.by_row[key].version if key in renames.by_row else ""
        elif file is None and row.state is not VersionState.BASELINE:
            state = "missing"
        elif file and row.checksum and row.checksum != file.up.checksum:
            state = "edited"
        found.append(VersionRow(row.version, row.name, state, row, new))
    return found


def outcome_data(plan: MigrationPlan, identity: Identity, outcome: MigrationOutcome) -> dict[str, Any]:
    """What a run did."""
    failure = outcome.failure
    return {
        "version": VERSION,
        "target": identity_data(identity),
        "plan": plan.hash,
        "run": outcome.run_id,
        "done": [
            {
                "version": done.step.migration.version,
                "name": done.step.migration.name,
                "direction": done.step.direction.value,
                "duration_ms": done.duration_ms,
                "attempts": done.attempts,
            }
            for done in outcome.done
        ],
        "skipped": [step.migration.version for step in outcome.skipped],
        "failure": failure
        and {
            "version": failure.version,
            "path": failure.path,
            "line": failure.line,
            "sqlstate": failure.sqlstate,
            "message": failure.message,
            "advice": failure.advice,
            "half_done": failure.half_done,
        },
    }


def moment(when: datetime) -> str:
    """A moment as ISO 8601 in seconds."""
    return when.isoformat(timespec="seconds")


def duration(milliseconds: float | None) -> str:
    """A duration for people."""
    if milliseconds is None:
        return ""
    if milliseconds < 1000:
        return f"{milliseconds:.0f} ms"
    seconds = milliseconds / 1000
    return f"{seconds:.1f} s" if seconds < 60 else f"{int(seconds // 60)} min {int(seconds % 60)} s"


# --- Markdown ---------------------------------------------------------------------------------------


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table; what the cells hold is shown, not interpreted."""
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    lines += [f"| {' | '.join(plain(cell) for cell in row)} |" for row in rows]
    return "\n".join(lines) + "\n"


def plain(value: object) -> str:
    """A text that Markdown shows as it is, in one line."""
    return " ".join(str(value).split()).translate(_MARKDOWN)


def plan_markdown(plan: MigrationPlan, identity: Identity) -> str:
    """A plan as a section of a summary."""
    rows = [
        (
            number,
            step.migration.version,
            step.migration.name,
            step.direction.value,
            len(step.script.statements),
        )
        for number, step in enumerate(plan.steps, 1)
    ]
    text = f"### Migration plan for {plain(identity.environment)} ({plain(identity.database)})\n\n"
    text += f"{len(plan.steps)} to do, {plan.applied} applied. Plan `{plan.hash}`.\n\n"
    text += table(("", "Version", "Name", "Direction", "Statements"), rows) if rows else ""
    return text + problems_markdown(plan.problems)


def problems_markdown(problems: Sequence[PlanProblem]) -> str:
    """Problems as a list."""
    if not problems:
        return ""
    lines = [
        f"- {'**stops:** ' if problem.blocking else ''}{plain(problem.message)}. {plain(problem.advice)}"
        for problem in problems
    ]
    return "\n" + "\n".join(lines) + "\n"


def outcome_markdown(identity: Identity, outcome: MigrationOutcome) -> str:
    """What a run did, as a section of a summary."""
    text = f"### Migrations of {plain(identity.environment)} ({plain(identity.database)})\n\n"
    rows = [
        (
            done.step.migration.version,
            done.step.migration.name,
            done.step.direction.value,
            duration(done.duration_ms),
        )
        for done in outcome.done
    ]
    text += table(("Version", "Name", "Direction", "Time"), rows) if rows else "Nothing was done.\n"
    if outcome.failure:
        text += f"\n**Failed:** {plain(outcome.failure)}. {plain(outcome.failure.advice)}\n"
    return text
