"""A database that becomes an Odoo after it was admitted, by anybody's hand or by a file, is left alone."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from secopskit.errors import RefusedError
from secopskit.migrate import ledger_run, run
from secopskit.migrate.apply.migration_run import ApplyOptions
from secopskit.migrate.apply.progress import MigrationFailedError, RunEvent, StepDone, silent
from secopskit.migrate.context import MigrationContext
from secopskit.migrate.guards import MigrationConsent
from secopskit.migrate.ledger.history import RunRecord
from secopskit.migrate.ledger.lock import NAMESPACE
from secopskit.migrate.ledger_run import RepairKind
from secopskit.migrate.lint import choose_files, lint
from secopskit.migrate.read.files import load_migrations
from secopskit.migrate.shadow.database import ShadowOptions
from secopskit.settings.migrate import load_migrate
from support.api import serving
from support.links import initialised, settings_of
from support.postgres import Database
from support.runner import migrate, write

ODOO = "CREATE TABLE res_users (); CREATE TABLE ir_model ();"
YES = MigrationConsent(yes=True)


def state(database: Database) -> object:
    return database.query(
        "SELECT (SELECT array_agg(version || state ORDER BY version) FROM secops.schema_migrations),"
        " (SELECT count(*) FROM secops.migration_history),"
        " (SELECT array_agg(tablename ORDER BY tablename) FROM pg_tables WHERE schemaname = 'public')"
    )


@pytest.fixture
def context(any_database: Database, tmp_path: Path) -> MigrationContext:
    initialised(any_database.dsn).close()
    return MigrationContext(
        connection=settings_of(any_database.dsn),
        directory=str(write(tmp_path / "m", {"1_a.sql": "CREATE TABLE a ();"})),
        settings=load_migrate(tmp_path, environ={}),
    )


def test_after_the_approval(context: MigrationContext, any_database: Database) -> None:
    with context.opened() as database:
        approved = run.approve(database, run.plan(database), YES)
        any_database.run(ODOO)
        before = state(any_database)
        with pytest.raises(RefusedError, match="Odoo"):
            run.apply(database, approved, RunRecord(), silent)
        with pytest.raises(RefusedError, match="Odoo"):
            ledger_run.repair(database, RepairKind.MARK_APPLIED, "1", YES, RunRecord())
    assert state(any_database) == before


def test_while_it_waits_for_the_lock(context: MigrationContext, any_database: Database) -> None:
    caught: list[BaseException] = []
    waits = threading.Event()

    def up() -> None:
        try:
            migrate(any_database.dsn, Path(context.directory), tell=lambda _event: waits.set())
        except RefusedError as error:
            caught.append(error)

    with any_database.connect() as other:
        other.execute("BEGIN")
        other.execute("SELECT pg_advisory_xact_lock(%s, 1)", (NAMESPACE,))
        other.execute(ODOO)
        thread = threading.Thread(target=up)
        thread.start()
        assert waits.wait(20)
        other.execute("COMMIT")
    thread.join(20)
    assert "Odoo" in str(caught)
    assert state(any_database) == [(None, 1, ["ir_model", "res_users"])]


def test_another_pin_is_told_as_such(context: MigrationContext, any_database: Database) -> None:
    with context.opened() as database:
        approved = run.approve(database, run.plan(database), YES)
        any_database.run("UPDATE secops.target SET env = 'other'")
        with pytest.raises(RefusedError, match="pinned as other"):
            run.apply(database, approved, RunRecord(), silent)


def test_between_two_files_of_a_run(context: MigrationContext, any_database: Database) -> None:
    """What is not applied is not recorded either: that would be written into an Odoo."""
    write(Path(context.directory), {"2_b.sql": "SELECT pg_sleep(0.1);", "3_c.sql": "CREATE TABLE c ();"})

    def appears(event: RunEvent) -> None:
        if isinstance(event, StepDone) and event.step.migration.version == "1":
            any_database.run(ODOO)

    outcome = migrate(any_database.dsn, Path(context.directory), tell=appears)
    assert outcome.failure
    assert "Odoo" in outcome.failure.message
    assert "could not be recorded" in outcome.failure.advice
    assert any_database.query("SELECT version, state FROM secops.schema_migrations") == [("1", "applied")]
    noted = any_database.query("SELECT version, ok FROM secops.migration_history WHERE version IS NOT NULL")
    assert noted == [("1", True)]


FILES = {
    "1_a.sql": "CREATE TABLE res_company (); CREATE TABLE res_currency ();",
    "2_a.sql": "CREATE TABLE z ();",
}
ALONE = "-- secops: no-transaction\nCREATE TABLE res_company ();\nCREATE TABLE res_currency ();"


@pytest.mark.parametrize("together", [False, True])
def test_a_file_that_makes_an_odoo(database: Database, tmp_path: Path, together: bool) -> None:
    initialised(database.dsn).close()
    options = ApplyOptions(single_transaction=together)
    outcome = migrate(database.dsn, write(tmp_path / "m", FILES), options=options)
    assert outcome.failure
    assert outcome.failure.version == "1"
    assert "res_company, res_currency" in outcome.failure.message
    assert state(database) == [(None, 2, None)]  # the pin, and the failure


def test_a_file_without_a_transaction_that_makes_an_odoo(database: Database, tmp_path: Path) -> None:
    initialised(database.dsn).close()
    outcome = migrate(database.dsn, write(tmp_path / "m", {"1_a.sql": ALONE}))
    assert outcome.failure
    assert (outcome.failure.line, outcome.failure.half_done) == (3, True)
    assert "res_company, res_currency" in outcome.failure.message
    assert state(database) == [(["1failed"], 2, ["res_company"])]


@pytest.mark.parametrize("text", [FILES["1_a.sql"], ALONE])
@pytest.mark.parametrize("on_target", [False, True])
def test_a_dry_run_tells(
    context: MigrationContext, any_database: Database, text: str, on_target: bool
) -> None:
    if on_target and text is ALONE:
        pytest.skip("cannot be tried there")
    write(Path(context.directory), {"1_a.sql": text})
    with context.opened() as database:
        loaded = database.load(whole=True)
        plan = run.plan(database, loaded=loaded)
        result = run.rehearse(database, plan, loaded, RunRecord(), silent, on_target=on_target)
    assert result.failure
    assert "res_company, res_currency" in result.failure.message
    noted = any_database.query("SELECT ok FROM secops.migration_history WHERE action = 'dry-run'")
    assert noted == [(False,)]


def test_lint_tells(tmp_path: Path) -> None:
    loaded = load_migrations(str(write(tmp_path / "m", FILES)))
    before, chosen = choose_files(loaded)
    with pytest.raises(MigrationFailedError, match="res_company"):
        lint(before, chosen, ShadowOptions())


def test_the_server_records_nothing_in_it(context: MigrationContext, any_database: Database) -> None:
    with serving(any_database, Path(context.directory)) as api:
        plan = api.plan()
        assert api.get("/v1/status").status_code == 200
        any_database.run(ODOO)
        before = state(any_database)
        for _ in range(2):
            assert api.get("/v1/status").status_code == 409
            assert api.post("/v1/apply", {"plan": plan}, key="first-time").status_code == 409
    assert state(any_database) == before


def test_the_end_of_a_job_is_not_recorded_in_it(any_database: Database, tmp_path: Path) -> None:
    initialised(any_database.dsn, "production").close()
    directory = write(tmp_path / "m", {"1_a.sql": "CREATE TABLE a ();"})
    with serving(
        any_database, directory, environment="production", apply_guarded=True, countdown=1000
    ) as api:
        plan = api.plan()
        assert api.wait(api.post("/v1/dry-run", {}).json()["id"])["state"] == "succeeded"
        body = {"plan": plan, "confirm": any_database.name}
        job = api.post("/v1/apply", body, key="first-time").json()
        any_database.run(ODOO)
        before = state(any_database)
        assert api.wait(job["id"])["state"] == "failed"
    assert state(any_database) == before
