"""Carries out a plan: one run at a time, on the database it was made for, from the state it was made from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby

from secopskit.errors import RefusedError, UsageError
from secopskit.migrate.apply.failure import own_words
from secopskit.migrate.apply.ledger_watch import REACHED_IN, LedgerWatch
from secopskit.migrate.apply.migration_run import ApplyOptions, MigrationRun
from secopskit.migrate.apply.notices import ServerNotices
from secopskit.migrate.apply.progress import (
    Failure,
    MigrationFailedError,
    MigrationOutcome,
    TellEvent,
    Waiting,
)
from secopskit.migrate.apply.stepwise import apply_in_pieces
from secopskit.migrate.apply.telemetry import Trace
from secopskit.migrate.apply.transaction import apply_each, apply_together
from secopskit.migrate.ledger import history, versions
from secopskit.migrate.ledger.half_done import is_half_undone
from secopskit.migrate.ledger.lock import Holder, Lock, hold
from secopskit.migrate.ledger.pin import admit
from secopskit.migrate.model import Applied, Direction, Identity, MigrationPlan, MigrationStep, VersionState
from secopskit.postgres.connect import ConnectionSettings, Link, connect

_LOOK = "It is committed: `secops migrate verify` says what is wrong in the ledger, and what sets it right."


def apply_plan(
    settings: ConnectionSettings,
    link: Link,
    plan: MigrationPlan,
    identity: Identity,
    *,
    record: history.RunRecord,
    options: ApplyOptions,
    tell: TellEvent,
) -> MigrationOutcome:
    """Apply the steps of `plan` over `link`, a connection that `identity` was read over.

    Waits for other runs to end, and leaves out what they have done meanwhile. A step that fails
    is in the outcome (and its history); what was done before it stays. Raises RefusedError if
    the plan is blocked, no longer fits the database, or that is refused by now; DatabaseError if
    there is no way to it, UsageError for a `single_transaction` that cannot be.
    """
    _check(plan, options)
    if not plan.steps:
        return MigrationOutcome(run_id=record.id)

    def admitted(link: Link) -> None:
        admit(link, environment=identity.environment, expected_id=identity.id)

    def waiting(holder: Holder | None, seconds: float) -> None:
        tell(Waiting(step=None, reason=f"another run: {holder or 'just ending'}", seconds=seconds))

    notices = ServerNotices(tell, secrets=(link.info.password or "",))
    with (
        hold(settings, beside=link, wait_s=options.wait_s, waiting=waiting) as lock,
        notices.listening(link),
    ):
        admitted(link)  # a countdown or another run may have passed since it was looked at
        todo = _still_to_do(plan, versions.read(link))
        run = MigrationRun(
            link=link,
            lock=lock,
            watch=LedgerWatch(link, identity),
            notices=notices,
            connect=lambda: _again(settings, lock, admitted),
            admit=admitted,
            record=record,
            plan_hash=plan.hash,
            options=options,
            tell=tell,
            trace=Trace(record.id),
            total=len(todo),
        )
        failure = _apply(run, todo)
        left = {step.migration.version for step in todo}
        return MigrationOutcome(
            run_id=record.id,
            done=tuple(run.done),
            skipped=tuple(step for step in plan.steps if step.migration.version not in left),
            failure=failure,
        )


def _apply(run: MigrationRun, steps: Sequence[MigrationStep]) -> Failure | None:
    failure: Failure | None = None
    try:
        _apply_all(run, steps)
        if steps and not run.watch.holds(run.link):
            raise run.fail(steps[-1], own_words(steps[-1], f"{REACHED_IN}, at its COMMIT", _LOOK))
    except MigrationFailedError as error:
        failure = error.failure
    finally:
        run.trace.end(failure)
    return failure


def _apply_all(run: MigrationRun, steps: Sequence[MigrationStep]) -> None:
    if run.options.single_transaction:
        if steps:
            apply_together(run, steps)
        return
    for alike, some in groupby(steps, key=lambda step: step.script.directives.transaction):
        if alike:
            apply_each(run, list(some))
        else:
            for step in some:
                apply_in_pieces(run, step)


def _again(settings: ConnectionSettings, lock: Lock, admitted: Callable[[Link], object]) -> Link:
    """Another connection to the very same database."""
    link = connect(settings, beside=lock.link)
    admitted(link)
    return link


def _check(plan: MigrationPlan, options: ApplyOptions) -> None:
    if blocked := plan.blocked:
        first = blocked[0]
        more = f" (and {len(blocked) - 1} more problems)" if len(blocked) > 1 else ""
        raise RefusedError(f"{first.version}: {first.message}{more}", advice=first.advice)
    alone = [step for step in plan.steps if not step.script.directives.transaction]
    if options.single_transaction and alone:
        raise UsageError(
            f"{alone[0].script.path} cannot run in a transaction, so not all files can run in one",
            advice="Apply without --single-transaction, or up to the version before it first.",
        )


def _still_to_do(plan: MigrationPlan, rows: Sequence[Applied]) -> list[MigrationStep]:
    """The steps that no other run has done since the plan was made. Raises RefusedError if it is stale."""
    ledger_now = {row.version: row for row in rows}
    todo = [step for step in plan.steps if not _is_done(step, ledger_now.get(step.migration.version))]
    done = len(plan.steps) - len(todo)
    applied = sum(row.state in {VersionState.APPLIED, VersionState.BASELINE} for row in rows)
    down = bool(plan.steps) and plan.steps[0].direction is Direction.DOWN
    if applied != plan.applied + (-done if down else done):
        raise _moved_on("other versions were applied or undone")
    return todo


def _is_done(step: MigrationStep, row: Applied | None) -> bool:
    version = step.migration.version
    if step.direction is Direction.DOWN:
        return _is_undone(step, row)
    if row is None:
        if step.resume_at:
            raise _moved_on(f"version {version} is no longer half-way")
        return False
    if row.checksum != step.script.checksum:
        raise _moved_on(f"version {version} was claimed with another content")
    if row.state in {VersionState.APPLIED, VersionState.BASELINE}:
        return True
    if is_half_undone(row):
        raise _moved_on(f"version {version} is half undone")
    if row.statements_done != step.resume_at:
        raise _moved_on(f"version {version} is at another statement")
    return False


def _is_undone(step: MigrationStep, row: Applied | None) -> bool:
    if row is None:
        return True
    if step.resume_at != (row.statements_done if is_half_undone(row) else 0):
        raise _moved_on(f"the way back of version {row.version} is at another statement")
    return False


def _moved_on(what: str) -> RefusedError:
    return RefusedError(f"the database has changed since the plan was made: {what}", advice="Plan again.")
