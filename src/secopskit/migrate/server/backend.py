"""What the calls do with the database and the files: each opens a connection, looks first, and goes.

The work itself is done by `migrate.run`, as it is for the command line.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from secopskit import __version__
from secopskit.errors import RefusedError
from secopskit.migrate import run
from secopskit.migrate.apply.progress import TellEvent
from secopskit.migrate.context import MigrationContext
from secopskit.migrate.guards import MigrationConsent
from secopskit.migrate.ledger import history
from secopskit.migrate.ledger.history import RunRecord
from secopskit.migrate.ledger.lock import who_holds
from secopskit.migrate.model import MigrationPlan
from secopskit.migrate.plan import PlanRange
from secopskit.migrate.read.files import Loaded
from secopskit.migrate.run import ApprovedPlan
from secopskit.migrate.server.answers import refusal_of
from secopskit.migrate.server.api.problems import ProblemError
from secopskit.migrate.server.api.requests import ApplyRequest
from secopskit.migrate.server.job import JobResult
from secopskit.migrate.tell.render import (
    history_data,
    identity_data,
    moment,
    outcome_data,
    plan_data,
    status_data,
)
from secopskit.migrate.tell.render_dryrun import dry_run_data


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundPlan:
    """A plan that may be tried, and the files that it was made from."""

    plan: MigrationPlan
    loaded: Loaded
    countdown_s: float = 0


class Backend:
    """The operations. All block; all raise SecopsError or ProblemError."""

    def __init__(self, context: MigrationContext) -> None:
        self._context = context

    def health(self) -> dict[str, Any]:
        """Whether the database is there, and who holds the migration lock."""
        with self._context.opened() as database:
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
        with self._context.opened() as database:
            loaded = database.load()
            plan = run.plan(database, loaded=loaded)
            return status_data(plan, database.identity, loaded.migrations, database.applied)

    def plan(self, wanted: PlanRange) -> dict[str, Any]:
        """What an apply would do, and the hash that names it."""
        with self._context.opened() as database:
            plan = run.plan(database, wanted)
            return plan_data(plan, database.identity) | {
                "guarded": database.guarded,
                "apply_enabled": self._context.apply_guarded or not database.guarded,
            }

    def history(self, *, limit: int, version: str | None) -> dict[str, Any]:
        """What was done and tried, the newest first."""
        with self._context.opened() as database:
            rows = history.read(database.link, version=version, limit=limit)
            return history_data(rows, database.identity)

    def prepare_dry_run(self, wanted: PlanRange) -> SoundPlan:
        """The plan to try. Raises ProblemError, RefusedError for one that must not be."""
        with self._context.opened() as database:
            loaded = database.load(whole=True)
            plan = run.plan(database, wanted, loaded=loaded)
            try:
                run.require_sound(database, plan)
            except RefusedError as error:
                raise ProblemError(refusal_of(error)) from None
            return SoundPlan(plan=plan, loaded=loaded)

    def prepare_apply(self, request: ApplyRequest) -> ApprovedPlan:
        """The plan, approved, if it is the one that was asked for. Raises ProblemError, SecopsError."""
        consent = MigrationConsent(
            yes=True, plan_hash=request.plan, database=request.confirm, names_database=True
        )
        with self._context.opened() as database:
            plan = run.plan(database, request.range, loaded=database.load(whole=True))
            try:
                return run.approve(database, plan, consent)
            except RefusedError as error:
                raise ProblemError(refusal_of(error)) from None

    def dry_run(self, ready: SoundPlan, record: RunRecord, tell: TellEvent) -> JobResult:
        """Try the plan on a shadow, and note in the history that it was tried."""
        with self._context.opened() as database:
            result = run.rehearse(database, ready.plan, ready.loaded, record, tell)
        return JobResult(ok=result.ok, data=dry_run_data(ready.plan, result))

    def apply(self, ready: ApprovedPlan, record: RunRecord, tell: TellEvent) -> JobResult:
        """Carry out the plan."""
        with self._context.opened() as database:
            outcome = run.apply(database, ready, record, tell)
        return JobResult(
            ok=outcome.failure is None, data=outcome_data(ready.plan, database.identity, outcome)
        )
