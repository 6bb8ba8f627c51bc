"""What the calls do with the database and the files: each opens a connection, looks first, and goes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from secopskit import __version__
from secopskit.conduct.freeze import require_thaw
from secopskit.errors import RefusedError
from secopskit.migrate import guard_production
from secopskit.migrate.apply.progress import Tell
from secopskit.migrate.apply.run import apply_plan
from secopskit.migrate.ledger import history, versions
from secopskit.migrate.ledger.adopt import compare
from secopskit.migrate.ledger.foreign import memories
from secopskit.migrate.ledger.history import Run
from secopskit.migrate.ledger.lock import who_holds
from secopskit.migrate.ledger.pin import admit
from secopskit.migrate.look.dryrun import on_shadow
from secopskit.migrate.model import Applied, Identity, MigrationPlan, VersionState
from secopskit.migrate.plan import make_plan
from secopskit.migrate.read.files import Loaded, load_migrations
from secopskit.migrate.server.answers import blocked, changed, rehearsal_entry, row_data
from secopskit.migrate.server.job import JobResult
from secopskit.migrate.server.problems import ProblemError, problem
from secopskit.migrate.server.requests import Apply, Range
from secopskit.migrate.server.settings import Policy, ServedDatabase
from secopskit.migrate.tell.render import (
    VERSION,
    identity_data,
    ledger_data,
    moment,
    outcome_data,
    plan_data,
    problem_data,
)
from secopskit.migrate.tell.render_dryrun import dry_run_data
from secopskit.postgres.connect import Link, connect
from secopskit.postgres.errors import database_errors


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """The pinned database, connected to, and what it has applied."""

    link: Link
    identity: Identity
    applied: tuple[Applied, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A plan that was looked at and may be carried out. `countdown_s`: the pause before that."""

    plan: MigrationPlan
    identity: Identity
    loaded: Loaded
    applied: tuple[Applied, ...]
    countdown_s: float = 0


class Backend:
    """The operations. All block; all raise SecopsError or ProblemError."""

    def __init__(self, target: ServedDatabase, policy: Policy) -> None:
        self._target = target
        self._policy = policy

    def health(self) -> dict[str, Any]:
        """Whether the database is there, and who holds the migration lock."""
        with self._opened() as database:
            holder = who_holds(database.link)
            return {
                "status": "ok",
                "tool_version": __version__,
                "target": identity_data(database.identity),
                "lock": holder
                and {
                    "application": holder.application,
                    "since": holder.since and moment(holder.since),
                    "seconds": round(holder.seconds, 1),
                },
            }

    def status(self) -> dict[str, Any]:
        """What is applied, what is pending, what is wrong."""
        with self._opened() as database:
            loaded = self._load(database)
            plan = self._plan(database, loaded, Range())
            return {
                "version": VERSION,
                "target": identity_data(database.identity),
                "applied": plan.applied,
                "pending": len(plan.steps),
                "plan": plan.hash,
                "migrations": ledger_data(loaded.migrations, database.applied),
                "problems": [problem_data(each) for each in plan.problems],
            }

    def plan(self, wanted: Range) -> dict[str, Any]:
        """What an apply would do, and the hash that names it."""
        with self._opened() as database:
            plan = self._plan(database, self._load(database), wanted)
            guarded = self._policy.guarded(database.identity)
            return plan_data(plan, database.identity) | {
                "guarded": guarded,
                "apply_enabled": self._policy.allow_guarded or not guarded,
            }

    def history(self, *, limit: int, version: str | None) -> dict[str, Any]:
        """What was done and tried, the newest first."""
        with self._opened() as database:
            rows = history.read(database.link, version=version, limit=limit)
            return {
                "version": VERSION,
                "target": identity_data(database.identity),
                "history": [row_data(row) for row in rows],
            }

    def prepare_dry_run(self, wanted: Range) -> Prepared:
        """The plan to try."""
        with self._opened() as database:
            return self._prepared(database, wanted)

    def prepare_apply(self, wish: Apply) -> Prepared:
        """The plan, if it is the one that was asked for and everything that guards it agrees."""
        policy = self._policy
        with self._opened() as database:
            ready = self._prepared(database, wish.range)
            plan, identity = ready.plan, ready.identity
            if wish.plan != plan.hash:
                raise ProblemError(changed(plan))
            policy.check_files(plan)
            require_thaw(policy.windows, datetime.now(UTC), policy.zone)
            guarded = policy.guarded(identity)
            if guarded and not policy.allow_guarded:
                raise problem(
                    403,
                    "apply-disabled",
                    f"{identity.environment} is guarded, and this server does not apply to it",
                    "Start it with --allow-production-apply, or use `secops migrate up`.",
                )
            if (guarded or wish.confirm is not None) and wish.confirm != identity.database:
                raise problem(
                    403,
                    "confirmation-needed",
                    "`confirm` must be the name of the database",
                    "GET /v1/plan shows it: look at the plan first.",
                )
            if guarded:
                guard_production.require_named(identity, self._target.environment)
                rehearsed = history.rehearsed_at(database.link, plan.hash, policy.rehearsal_age)
                guard_production.require_rehearsal(plan, rehearsed, policy.rehearsal_age)
        return Prepared(
            plan=plan,
            identity=identity,
            loaded=ready.loaded,
            applied=ready.applied,
            countdown_s=policy.countdown_s if guarded and plan.steps else 0,
        )

    def dry_run(self, ready: Prepared, run: Run, tell: Tell) -> JobResult:
        """Try the plan on a shadow, and note in the history that it was tried."""
        settled = {
            row.version for row in ready.applied if row.state in (VersionState.APPLIED, VersionState.BASELINE)
        }
        before = [migration for migration in ready.loaded.migrations if migration.version in settled]
        with self._opened() as database:
            result = on_shadow(
                ready.plan, target=database.link, before=before, options=self._target.dry_run, tell=tell
            )
            with database_errors("noting the dry run in the history"):
                history.append(run, rehearsal_entry(ready.plan, result)).on(database.link)
        return JobResult(ok=result.ok, data=dry_run_data(ready.plan, result))

    def apply(self, ready: Prepared, run: Run, tell: Tell) -> JobResult:
        """Carry out the plan."""
        with self._opened() as database:
            outcome = apply_plan(
                self._target.connection,
                database.link,
                ready.plan,
                database.identity,
                run=run,
                options=self._target.apply,
                tell=tell,
            )
        return JobResult(
            ok=outcome.failure is None, data=outcome_data(ready.plan, database.identity, outcome)
        )

    @contextmanager
    def _opened(self) -> Iterator[Opened]:
        target = self._target
        link = connect(target.connection)
        try:
            identity = admit(link, environment=target.environment, expected_id=target.identity)
            yield Opened(link=link, identity=identity, applied=versions.read(link))
        finally:
            link.close()

    def _load(self, database: Opened, *, whole: bool = False) -> Loaded:
        settled = {row.version: row.checksum for row in database.applied if row.state is VersionState.APPLIED}
        return load_migrations(self._target.directory, settled=None if whole else settled)

    def _plan(self, database: Opened, loaded: Loaded, wanted: Range) -> MigrationPlan:
        return make_plan(
            loaded.migrations,
            database.applied,
            database.identity,
            to=wanted.to,
            steps=wanted.steps,
            allow_out_of_order=self._target.allow_out_of_order,
            problems=loaded.problems,
        )

    def _prepared(self, database: Opened, wanted: Range) -> Prepared:
        loaded = self._load(database, whole=True)
        if not database.applied:
            _refuse_foreign_past(database.link, loaded)
        plan = self._plan(database, loaded, wanted)
        if plan.blocked:
            raise ProblemError(blocked(plan))
        return Prepared(plan=plan, identity=database.identity, loaded=loaded, applied=database.applied)


def _refuse_foreign_past(link: Link, loaded: Loaded) -> None:
    """Raise RefusedError where another tool has applied our files: they would be applied twice."""
    for memory in memories(link):
        if known := compare(memory, loaded.migrations).adopted:
            raise RefusedError(
                f"{memory.source.value} has applied {len(known)} of these files (table {memory.table})",
                advice=f"Take its state over first: secops migrate baseline --from {memory.source.value}",
            )
