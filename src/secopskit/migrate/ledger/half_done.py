"""Files without a transaction that stopped half-way: on the way up, or on the way back.

A row that is `running` or `failed` is half applied if it has never been applied, and half undone if it has:
then its counts are those of the file that undoes it, and that is what goes on.
"""

from __future__ import annotations

from typing import Final

from secopskit.migrate.model import Applied, PlanProblem, ProblemKind, Script, Statement, VersionState
from secopskit.migrate.read.lexis import leading_words

DIRECTIVE: Final = "-- secops: no-transaction"
_STOPPED: Final = frozenset({VersionState.RUNNING, VersionState.FAILED})
_COMMITS: Final = frozenset({"call", "do"})


def is_half_applied(row: Applied) -> bool:
    """Whether the file of `row` stopped before it was applied."""
    return row.state in _STOPPED and row.applied_at is None


def is_half_undone(row: Applied) -> bool:
    """Whether `row` was applied, and the file that undoes it stopped half-way."""
    return row.state in _STOPPED and row.applied_at is not None


def may_commit(statement: Statement) -> bool:
    """Whether `statement` may commit a part of what it does, and stop after that."""
    return not _COMMITS.isdisjoint(leading_words(statement.text, count=1))


def name_of_row(row: Applied) -> str:
    """What a version is called."""
    return f"{row.version}_{row.name}" if row.name else row.version


def problem_of_half_undone(row: Applied) -> PlanProblem:
    """Why nothing can be applied: what `row` made is partly there."""
    message, advice = half_undone(row)
    return PlanProblem(kind=ProblemKind.HALF_DONE, version=row.version, message=message, advice=advice)


def half_undone(row: Applied) -> tuple[str, str]:
    """What is wrong with a row that is half undone, and the ways on."""
    message = (
        f"{name_of_row(row)} is half undone: its way back stopped after {row.statements_done} of "
        f"{row.statements_total} statements"
    )
    return message, (
        "`secops migrate down` goes on with the next one. Or undo the rest by hand and run `secops migrate "
        f"repair --forget {row.version}`; or bring back what is gone and run `--mark-applied {row.version}`."
    )


def problem_of_resuming(row: Applied, script: Script) -> PlanProblem:
    """That `script` goes on where it stopped, or why it cannot."""
    back, done = is_half_undone(row), row.statements_done
    blocking = True
    if script.directives.transaction:
        message = f"{script.path}: stopped half-way, and `{DIRECTIVE}` is gone from it"
        advice = f"Put that line back: without it, the {done} statements that are done would run again."
    elif done > len(script.statements):
        message = f"{script.path}: has {len(script.statements)} statements, and {done} of it are done"
        advice = "The statements that are done must stay in the file as they were."
    else:
        blocking = False
        what = "the way back of " if back else ""
        message = f"{what}{name_of_row(row)} stopped after {done} of {row.statements_total} statements"
        advice = (
            f"`secops migrate {'down' if back else 'up'}` goes on with the next one{_next(script, done)}."
        )
    return PlanProblem(
        kind=ProblemKind.HALF_DONE,
        version=row.version,
        message=message,
        advice=advice,
        blocking=blocking,
    )


def _next(script: Script, done: int) -> str:
    """Where that is, and what is to be known of it."""
    if done == len(script.statements):
        return ""
    statement = script.statements[done]
    hint = ": part of it may be committed, so look at what it did first" if may_commit(statement) else ""
    return f" (line {statement.line}){hint}"
