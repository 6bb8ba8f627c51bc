"""Guards of a database: what must hold before a plan is carried out. One list, for every way in.

The command line and the HTTP server run the very same `GUARDS` (by `migrate.run.approve`), in this
order. Each guard raises for one reason, with a test of its own through both. None can be switched
off as such; what has an exception (a freeze, say) has an option that names it, which is in the
settings by the time a guard looks at them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from secopskit.conduct.consent import Nobody, Respondent, TypedName, YesNo, obtain
from secopskit.errors import RefusedError, UsageError
from secopskit.migrate.context import OpenDatabase
from secopskit.migrate.model import Direction, MigrationPlan, count_files

SHORTEST_HASH: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class MigrationConsent:
    """The consent of whoever wants a change: what was given beforehand, and who can be asked.

    `plan_hash` is of the plan that was looked at, or its first digits; empty: none was given.
    `database` is the database's name, None if it was not given; `names_database` says that a guarded
    one must be named beforehand, as nobody can be asked for it later.
    """

    respondent: Respondent = field(default_factory=Nobody)
    yes: bool = False
    plan_hash: str = ""
    database: str | None = None
    names_database: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardedChange:
    """A change that is about to be made: what the guards look at. `now` knows its time zone."""

    database: OpenDatabase
    plan: MigrationPlan
    consent: MigrationConsent
    now: datetime


Guard: TypeAlias = Callable[[GuardedChange], None]
"""A function that raises RefusedError (UsageError for what was asked for wrongly), or does nothing."""


class BlockedPlanError(RefusedError):
    """The plan has problems that must be solved first."""

    def __init__(self, plan: MigrationPlan) -> None:
        count = len(plan.blocked)
        super().__init__(
            f"the plan has {count} {'problem' if count == 1 else 'problems'} that must be solved first",
            advice="Nothing was done. Each says above how to solve it.",
        )
        self.plan = plan


class PlanChangedError(RefusedError):
    """Another plan was confirmed than the one that would be carried out."""

    def __init__(self, plan: MigrationPlan) -> None:
        super().__init__(
            f"the plan is not the one that was confirmed: it is {plan.hash}",
            advice="Files, database or state have changed. Look at the plan and run its dry run again.",
        )
        self.plan = plan


class ApplyDisabledError(RefusedError):
    """A guarded database is not changed from here."""


class DatabaseNotConfirmedError(RefusedError):
    """The name that was given beforehand is not the database's."""


def no_foreign_past(change: GuardedChange) -> None:
    """No other tool has applied our files: they would be applied twice."""
    database = change.database
    if database.applied or change.plan.direction is Direction.DOWN:
        return
    from secopskit.migrate.ledger.adopt import compare
    from secopskit.migrate.ledger.foreign import foreign_ledgers

    for ledger in foreign_ledgers(database.link):
        if known := compare(ledger, database.load().migrations).adopted:
            raise RefusedError(
                f"{ledger.tool.value} has applied {len(known)} of these files (table {ledger.table})",
                advice=f"Take its state over first: secops migrate baseline --from {ledger.tool.value}",
            )


def history_agrees(change: GuardedChange) -> None:
    """The history does not know better what the plan is about: a row that was deleted would run again."""
    from secopskit.migrate.ledger.account import disagreements, read_events
    from secopskit.migrate.read.names import version_key

    database = change.database
    wanted = {version_key(step.migration.version) for step in change.plan.steps}
    for each in disagreements(database.applied, read_events(database.link)):
        if version_key(each.version) in wanted:
            raise RefusedError(f"ledger and history disagree: {each.message}", advice=each.advice)


def plan_not_blocked(change: GuardedChange) -> None:
    """Files and ledger agree as far as the plan needs them to."""
    refuse_blocked(change.plan)


def plan_confirmed(change: GuardedChange) -> None:
    """A hash that was given beforehand is this plan's."""
    given = change.consent.plan_hash
    if given:
        require_hash(change.plan, given)


def files_committed(change: GuardedChange) -> None:
    """The files are where the settings want them: in a clean work tree, in a tagged commit."""
    context = change.database.context
    clean, tag = context.settings.require_clean_git, context.settings.require_tag
    if not clean and not tag:
        return
    if context.repository is None:
        raise UsageError("there is no git repository here", advice="Run this in the repository of the files.")
    from secopskit.migrate.read import provenance

    if clean:
        provenance.require_clean(context.repository)
    if tag:
        provenance.require_tag(context.repository, [step.script for step in change.plan.steps])


def outside_freeze(change: GuardedChange) -> None:
    """It is no time in which migrations are left alone."""
    from secopskit.conduct.freeze import require_thaw

    settings = change.database.context.settings
    require_thaw(settings.freeze, change.now, settings.freeze_timezone)


def apply_enabled(change: GuardedChange) -> None:
    """A guarded database may be changed from here."""
    database = change.database
    if database.guarded and not database.context.apply_guarded:
        raise ApplyDisabledError(
            f"{database.identity.environment} is guarded, and this server does not apply to it",
            advice="Start it with --allow-production-apply, or use `secops migrate up`.",
        )


def database_confirmed(change: GuardedChange) -> None:
    """A name that was given beforehand, or had to be, is the database's."""
    given, identity = change.consent.database, change.database.identity
    needed = change.consent.names_database and change.database.guarded
    if (needed or given is not None) and given != identity.database:
        raise DatabaseNotConfirmedError(
            "`confirm` must be the name of the database",
            advice="GET /v1/plan shows it: look at the plan first.",
        )


def environment_named(change: GuardedChange) -> None:
    """A guarded database is meant only by who names its environment."""
    require_named(change.database)


def rehearsed(change: GuardedChange) -> None:
    """On a guarded database, this very plan passed a dry run lately."""
    database = change.database
    if not database.guarded:
        return
    from secopskit.migrate.ledger.history import rehearsed_at

    age = timedelta(milliseconds=database.context.settings.dry_run_max_age)
    if rehearsed_at(database.link, change.plan.hash, age) is None:
        hours = age.total_seconds() / 3600
        raise RefusedError(
            f"this plan ({change.plan.hash[:SHORTEST_HASH]}) has not passed a dry run within {hours:g} hours",
            advice="Run `secops migrate dry-run` with the same options first, against this database.",
        )


def consented(change: GuardedChange) -> None:
    """A yes; for a guarded database its name, typed, unless the plan's hash was given beforehand."""
    consent, identity, plan = change.consent, change.database.identity, change.plan
    given = bool(consent.plan_hash)
    if not change.database.guarded:
        verb = "Undo" if plan.direction is Direction.DOWN else "Apply"
        where = f"{identity.environment} (database {identity.database})"
        question = YesNo(question=f"{verb} {count_files(len(plan.steps))} on {where}?")
        obtain(question, consent.respondent, yes=consent.yes or given)
    elif not given:
        obtain(
            TypedName(
                name=identity.database,
                prompt=f"Type the name of the database ({identity.database}) to go on",
                warning="This is a guarded database.",
                unattended=f"Look at the plan, then run again with --confirm-production {plan.hash}",
            ),
            consent.respondent,
        )


SOUND_PLAN: tuple[Guard, ...] = (no_foreign_past, plan_not_blocked, history_agrees)
"""What must hold before a plan is even tried."""

GUARDS: tuple[Guard, ...] = (
    *SOUND_PLAN,
    plan_confirmed,
    files_committed,
    outside_freeze,
    apply_enabled,
    database_confirmed,
    environment_named,
    rehearsed,
    consented,
)
"""What must hold before a plan is carried out. The last one asks, so that nobody is asked in vain."""


def check(guards: Iterable[Guard], change: GuardedChange) -> None:
    """Run the guards in their order. Raises what the first that refuses raises."""
    for guard in guards:
        guard(change)


def refuse_blocked(plan: MigrationPlan) -> None:
    """Raise BlockedPlanError if a problem of the plan stops it."""
    if plan.blocked:
        raise BlockedPlanError(plan)


def require_named(database: OpenDatabase) -> None:
    """Raise RefusedError where a guarded database is about to be changed that nobody named."""
    identity = database.identity
    if database.guarded and database.context.environment != identity.environment:
        raise RefusedError(
            f"database {identity.database} is pinned as {identity.environment}, and that was not asked for",
            advice=f"If it is meant: --env {identity.environment}.",
        )


def require_hash(plan: MigrationPlan, given: str) -> None:
    """Raise PlanChangedError unless `given` is the hash of `plan`, or 12 digits and more of it."""
    import hmac

    given = given.strip().lower()
    if len(given) < SHORTEST_HASH:
        raise UsageError(
            f"--confirm-production needs at least {SHORTEST_HASH} digits of the plan's hash",
            advice="`secops migrate plan` shows it.",
        )
    if not given.isascii() or not hmac.compare_digest(plan.hash[: len(given)], given):
        raise PlanChangedError(plan)
