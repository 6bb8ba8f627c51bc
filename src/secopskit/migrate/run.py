"""Use cases of migrations: plan, try, approve, carry out. For the command line, the server, and tests.

files + ledger -> plan -> (dry run) -> approve (guards, consent) -> apply -> outcome. Nothing here
knows who asks, or how it is shown.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from secopskit.errors import RefusedError
from secopskit.migrate.context import OpenDatabase
from secopskit.migrate.model import Identity, MigrationPlan, count_files
from secopskit.migrate.plan import PlanRange, make_plan

if TYPE_CHECKING:
    from secopskit.migrate.apply.migration_run import ApplyOptions
    from secopskit.migrate.apply.progress import MigrationOutcome, TellEvent
    from secopskit.migrate.guards import GuardedChange, MigrationConsent
    from secopskit.migrate.ledger.history import HistoryEntry, RunRecord
    from secopskit.migrate.look.dryrun import DryRun
    from secopskit.migrate.look.rehearsal import StepReport
    from secopskit.migrate.read.files import Loaded
    from secopskit.migrate.shadow.database import ShadowOptions
    from secopskit.settings.migrate import MigrateConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovedPlan:
    """A plan that every guard has let pass, for the database of that `identity`. Made by `approve`.

    `countdown_s`: how many seconds the caller waits before it is carried out, so that somebody can
    still stop it.
    """

    plan: MigrationPlan
    identity: Identity
    countdown_s: float = 0


def plan(
    database: OpenDatabase, wanted: PlanRange | None = None, *, loaded: Loaded | None = None
) -> MigrationPlan:
    """The plan that brings the database as far as is `wanted`; upwards, where nothing is.

    `loaded` are the files, if they are read already. Raises UsageError.
    """
    loaded = loaded or database.load()
    wanted = wanted or PlanRange()
    return make_plan(
        loaded.migrations,
        database.applied,
        database.identity,
        direction=wanted.direction,
        to=wanted.to,
        steps=wanted.steps,
        allow_out_of_order=database.context.settings.allow_out_of_order,
        problems=loaded.problems,
    )


def require_sound(database: OpenDatabase, plan: MigrationPlan) -> None:
    """Raise RefusedError for a plan that must not even be tried; see `guards.SOUND_PLAN`."""
    from secopskit.migrate import guards

    guards.check(guards.SOUND_PLAN, _change(database, plan, guards.MigrationConsent()))


def approve(database: OpenDatabase, plan: MigrationPlan, consent: MigrationConsent) -> ApprovedPlan:
    """Approve the plan, if all of `guards.GUARDS` let it pass; the last of them asks for a consent.

    Raises RefusedError, UsageError. Nothing is written.
    """
    from secopskit.migrate import guards

    guards.check(guards.GUARDS, _change(database, plan, consent))
    # Whoever typed the database's name has just had a moment to think.
    waits = bool(database.guarded and consent.plan_hash and plan.steps)
    return ApprovedPlan(
        plan=plan,
        identity=database.identity,
        countdown_s=database.context.settings.countdown / 1000 if waits else 0,
    )


def apply(
    database: OpenDatabase,
    approved: ApprovedPlan,
    record: RunRecord,
    tell: TellEvent,
    *,
    keep_notices: bool = False,
) -> MigrationOutcome:
    """Carry out an approved plan. A file that fails is in the outcome.

    `keep_notices`: what the server says becomes part of the history.
    Raises RefusedError if the plan no longer fits the database, or the database is another by now;
    DatabaseError if there is no way to it. See `apply.execute.apply_plan`.
    """
    from secopskit.migrate.apply.execute import apply_plan

    if database.identity != approved.identity:
        raise RefusedError(
            f"the plan is for the database {approved.identity.id}, and this is {database.identity.id}",
            advice="The connection leads elsewhere by now. Plan again.",
        )
    context = database.context
    return apply_plan(
        context.connection,
        database.link,
        approved.plan,
        database.identity,
        record=record,
        options=replace(_apply_options(context.settings), keep_notices=keep_notices),
        tell=tell,
    )


def rehearse(
    database: OpenDatabase,
    plan: MigrationPlan,
    loaded: Loaded,
    record: RunRecord,
    tell: TellEvent,
    *,
    on_target: bool = False,
    keep_notices: bool = False,
) -> DryRun:
    """Try a plan on a shadow, or on the target itself, and note in the history what came of it.

    `loaded` are the whole files that the plan was made from. A file that fails is part of the
    result. Raises SecopsError where no dry run is possible, or it cannot be noted.
    """
    from secopskit.migrate.ledger import history
    from secopskit.migrate.look import dryrun
    from secopskit.migrate.shadow.database import ShadowOptions
    from secopskit.postgres.errors import database_errors

    context, link = database.context, database.link
    options = dryrun.DryRunOptions(
        lock_timeout_ms=context.settings.lock_timeout, shadow=context.shadow or ShadowOptions()
    )
    if on_target:
        from secopskit.migrate.ledger.lock import hold

        with hold(context.connection, beside=link, wait_s=context.settings.lock_wait / 1000):
            context.admit(link)
            result = dryrun.on_target(plan, link, options=options, tell=tell)
    else:
        before = database.present(loaded.migrations)
        result = dryrun.on_shadow(plan, target=link, before=before, options=options, tell=tell)
    context.admit(link)  # the files may have taken their time
    with database_errors("noting the dry run in the history"):
        history.append(record, _rehearsal_entry(plan, result)).on(link)
        for step in result.steps if keep_notices else ():
            if step.notices:
                history.append(record, _notice_entry(plan, step)).on(link)
    return result


def plan_from_scratch(loaded: Loaded, wanted: PlanRange) -> MigrationPlan:
    """The plan that applies all files to an empty database. Raises UsageError."""
    return make_plan(
        loaded.migrations,
        (),
        None,
        to=wanted.to,
        steps=wanted.steps,
        allow_out_of_order=True,
        problems=loaded.problems,
    )


def rehearse_from_scratch(
    plan: MigrationPlan, settings: MigrateConfig, shadow: ShadowOptions, tell: TellEvent
) -> DryRun:
    """Try a plan on an empty shadow; no database is needed, and no history has it. Raises SecopsError."""
    from secopskit.migrate.look.dryrun import DryRunOptions, on_shadow

    options = DryRunOptions(lock_timeout_ms=settings.lock_timeout, shadow=shadow)
    return on_shadow(plan, options=options, tell=tell)


def _change(database: OpenDatabase, plan: MigrationPlan, consent: MigrationConsent) -> GuardedChange:
    from secopskit.migrate.guards import GuardedChange

    return GuardedChange(database=database, plan=plan, consent=consent, now=datetime.now(UTC))


def _apply_options(settings: MigrateConfig) -> ApplyOptions:
    from secopskit.migrate.apply.migration_run import ApplyOptions
    from secopskit.migrate.apply.retry import Patience

    return ApplyOptions(
        lock_timeout_ms=settings.lock_timeout,
        statement_timeout_ms=settings.statement_timeout,
        single_transaction=settings.single_transaction,
        patience=Patience(total=settings.retry_for / 1000),
        wait_s=settings.lock_wait / 1000,
    )


def _rehearsal_entry(plan: MigrationPlan, result: DryRun) -> HistoryEntry:
    """The row of the history about a dry run: the guards of production go by it."""
    from secopskit.migrate.ledger.history import Action, HistoryEntry

    failure = result.failure
    return HistoryEntry(
        action=Action.DRY_RUN,
        ok=result.ok,
        version=failure.version if failure else None,
        duration_ms=result.duration_ms,
        sqlstate=failure.sqlstate or None if failure else None,
        message=str(failure) if failure else f"{count_files(len(plan.steps))} on the {result.where}",
        plan_hash=plan.hash,
    )


def _notice_entry(plan: MigrationPlan, step: StepReport) -> HistoryEntry:
    """The row of the history with what the server said during a dry run."""
    from secopskit.migrate.ledger.history import Action, HistoryEntry

    return HistoryEntry(
        action=Action.NOTICE,
        version=step.step.migration.version,
        duration_ms=0,
        message="\n".join(("dry run:", *step.notices)),
        plan_hash=plan.hash,
    )
