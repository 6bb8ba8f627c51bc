"""The use cases of migrations, called as a program would: no command line, no server."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from secopskit.errors import ExitCode, RefusedError, UsageError
from secopskit.migrate import ledger_run, run
from secopskit.migrate.apply.progress import RunEvent, StepDone, silent
from secopskit.migrate.context import MigrationContext
from secopskit.migrate.guards import MigrationConsent
from secopskit.migrate.ledger.history import RunRecord
from secopskit.migrate.model import Direction
from secopskit.migrate.plan import PlanRange
from secopskit.migrate.verify import verify
from secopskit.settings.migrate import load_migrate
from support.links import settings_of
from support.postgres import Database, create_database, drop_database
from support.runner import write

FILES = {
    "1_users.sql": "CREATE TABLE users (id int);",
    "1_users.down.sql": "DROP TABLE users;",
    "2_orders.sql": "CREATE TABLE orders (id int);",
}
YES = MigrationConsent(yes=True)
RECORD = RunRecord(actor="ada")


@pytest.fixture
def context(any_database: Database, tmp_path: Path) -> MigrationContext:
    """An empty database that `init` has seen, and two files for it."""
    directory = write(tmp_path / "migrations", FILES)
    found = MigrationContext(
        connection=settings_of(any_database.dsn),
        directory=str(directory),
        settings=load_migrate(tmp_path, environ={}),
    )
    outcome = ledger_run.init(found, YES, RECORD)
    assert (outcome.changed, outcome.identity.environment) == (True, "development")
    return found


def test_plan_approve_apply(context: MigrationContext, any_database: Database) -> None:
    told: list[RunEvent] = []
    with context.opened() as database:
        plan = run.plan(database)
        assert (len(plan.steps), plan.empty, plan.applied) == (2, False, 0)
        outcome = run.apply(database, run.approve(database, plan, YES), RECORD, told.append)
    assert (outcome.code, len(outcome.done)) == (ExitCode.OK, 2)
    assert [event.step.migration.version for event in told if isinstance(event, StepDone)] == ["1", "2"]
    with context.opened() as database:
        assert run.plan(database).empty
        assert verify(database).ok
        back = run.plan(database, PlanRange(direction=Direction.DOWN, to="0"))
        assert [problem.kind.name for problem in back.blocked] == ["NO_WAY_BACK"]
        with pytest.raises(RefusedError, match="must be solved first"):
            run.approve(database, back, YES)
    assert any_database.query("SELECT count(*) FROM users") == [(0,)]


def test_nobody_consents_who_is_not_there(context: MigrationContext) -> None:
    with context.opened() as database, pytest.raises(UsageError, match="nobody is here"):
        run.approve(database, run.plan(database), MigrationConsent())


def test_what_was_approved_for_one_database_is_not_applied_to_another(
    context: MigrationContext, any_database: Database
) -> None:
    with context.opened() as database:
        approved = run.approve(database, run.plan(database), YES)
    other = create_database(any_database.server)
    try:
        elsewhere = replace(context, connection=settings_of(other.dsn))
        ledger_run.init(elsewhere, YES, RECORD)
        with (
            elsewhere.opened() as database,
            pytest.raises(RefusedError, match="the plan is for the database"),
        ):
            run.apply(database, approved, RECORD, silent)
        assert other.query("SELECT to_regclass('users')::text") == [(None,)]
    finally:
        drop_database(other)


def test_a_failure_is_an_outcome_with_its_code(context: MigrationContext) -> None:
    write(Path(context.directory), {"3_bad.sql": "-- secops: no-transaction\nSELECT 1;\nSELECT 1/0;"})
    with context.opened() as database:
        plan = run.plan(database)
        outcome = run.apply(database, run.approve(database, plan, YES), RECORD, silent)
    assert outcome.failure
    assert (outcome.failure.line, outcome.code) == (3, ExitCode.INCOMPLETE)
