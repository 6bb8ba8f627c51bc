"""A file that reaches into the state of secops is noticed before its COMMIT, and nothing of it is kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from secopskit.errors import RefusedError
from secopskit.migrate.apply.ledger_watch import REACHED_IN
from secopskit.migrate.apply.migration_run import ApplyOptions
from secopskit.migrate.ledger import history, repair
from secopskit.migrate.model import Direction
from secopskit.postgres.errors import DatabaseError
from support.links import initialised, link_to
from support.postgres import Database
from support.runner import migrate, write

OFF = "ALTER TABLE secops.migration_history DISABLE TRIGGER history_refuse;"
ON = "ALTER TABLE secops.migration_history ENABLE TRIGGER history_refuse;"
HOSTILE = {
    "own row": "DELETE FROM secops.schema_migrations WHERE version = '2';",
    "other row": "DELETE FROM secops.schema_migrations WHERE version = '1';",
    "by another path": "SET search_path = secops; DELETE FROM schema_migrations;",
    "all rows": "TRUNCATE secops.schema_migrations;",
    "forged": "INSERT INTO secops.schema_migrations (version, name, kind, state, run_id)"
    " VALUES ('9', 'x', 'repaired', 'applied', '');",
    "changed": "UPDATE secops.schema_migrations SET checksum = repeat('0', 64) WHERE version = '1';",
    "exchanged": "DELETE FROM secops.schema_migrations WHERE version = '1';"
    "INSERT INTO secops.schema_migrations (version, name, kind, state, run_id)"
    " VALUES ('9', 'x', 'repaired', 'applied', '');",
    "in a block": "DO $$ BEGIN UPDATE secops.schema_migrations SET name = 'y' WHERE version = '1';"
    " EXCEPTION WHEN division_by_zero THEN NULL; END $$;",
    "schema": "DROP SCHEMA secops CASCADE;",
    "table": "DROP TABLE secops.migration_history CASCADE;",
    "function": "DROP FUNCTION secops.history_append() CASCADE;",
    "history": f"{OFF} DELETE FROM secops.migration_history WHERE id = 1; {ON}",
    "trigger": OFF,
    "other trigger": "CREATE OR REPLACE FUNCTION secops.history_refuse() RETURNS trigger LANGUAGE plpgsql"
    " AS $$ BEGIN RETURN NULL; END $$;",
    "pin": "UPDATE secops.target SET env = 'development';",
    "renamed": "ALTER TABLE secops.schema_migrations RENAME TO gone;",
}


@pytest.fixture
def ready(database: Database, tmp_path: Path) -> Database:
    """A database of each version with version 1 applied."""
    initialised(database.dsn).close()
    assert migrate(database.dsn, write(tmp_path / "m", {"1_a.sql": "CREATE TABLE a ();"})).failure is None
    return database


def state(database: Database) -> object:
    return database.query(
        "SELECT (SELECT array_agg(version || name || state ORDER BY version) FROM secops.schema_migrations),"
        " (SELECT env FROM secops.target), to_regclass('b')::text,"
        " (SELECT array_agg(action ORDER BY id) FROM secops.migration_history WHERE ok)"
    )


def test_in_a_transaction(ready: Database, tmp_path: Path) -> None:
    before = state(ready)
    for name, text in HOSTILE.items():
        write(tmp_path / "m", {"2_b.sql": f"CREATE TABLE b ();\n{text}\n"})
        for together in (False, True):
            outcome = migrate(ready.dsn, tmp_path / "m", options=ApplyOptions(single_transaction=together))
            assert outcome.failure, name
            assert outcome.failure.message == REACHED_IN, name
            assert state(ready) == before, name
    write(tmp_path / "m", {"2_b.sql": "CREATE TABLE b ();", "3_c.sql": "SELECT count(*) FROM secops.target"})
    assert migrate(ready.dsn, tmp_path / "m").failure is None


@pytest.mark.parametrize("name", ["own row", "forged", "schema", "history"])
def test_statement_by_statement(ready: Database, tmp_path: Path, name: str) -> None:
    text = f"-- secops: no-transaction\nCREATE TABLE b ();\n{HOSTILE[name]}\n"
    outcome = migrate(ready.dsn, write(tmp_path / "m", {"2_b.sql": text}))
    assert outcome.failure
    assert (outcome.failure.message, outcome.failure.half_done) == (REACHED_IN, True)
    rows = ready.query("SELECT version, state FROM secops.schema_migrations ORDER BY 1")
    assert rows == [("1", "applied"), ("2", "failed")]


def replica(database: Database) -> None:
    database.run(f"ALTER DATABASE {database.name} SET session_replication_role = replica")


def test_triggers_of_the_user_s_are_silent_and_ours_are_not(database: Database, tmp_path: Path) -> None:
    replica(database)
    with initialised(database.dsn) as link:
        text = "-- secops: no-transaction\nSET session_replication_role = replica;\nCREATE TABLE b ();\n"
        files = write(tmp_path / "m", {"1_a.sql": "CREATE TABLE a ();", "2_b.sql": text})
        assert migrate(database.dsn, files).failure is None
        assert history.verify(link).broken == ()
    assert database.query("SELECT count(*) FROM secops.migration_history") == [(3,)]


def test_a_ledger_whose_trigger_is_silent_accuses_no_file(ready: Database, tmp_path: Path) -> None:
    """One of an older version: its trigger is an ordinary one."""
    ready.run("ALTER TABLE secops.migration_history ENABLE TRIGGER history_append")
    files = write(tmp_path / "m", {"2_b.sql": "CREATE TABLE b ();"})
    before = state(ready)
    replica(ready)
    with pytest.raises(RefusedError, match="session_replication_role is replica") as caught:
        migrate(ready.dsn, files)
    assert "ENABLE ALWAYS TRIGGER" in caught.value.advice
    with link_to(ready.dsn) as link, pytest.raises(DatabaseError, match="null value") as told:
        repair.forget(link, "1", history.RunRecord())
    assert caught.value.advice in told.value.advice
    assert state(ready) == before
    ready.run(f"ALTER DATABASE {ready.name} RESET session_replication_role")
    assert migrate(ready.dsn, files).failure is None
    ready.run("ALTER TABLE secops.migration_history DISABLE TRIGGER history_append")
    write(tmp_path / "m", {"3_c.sql": "CREATE TABLE c ();"})
    with pytest.raises(RefusedError, match="somebody has disabled it"):
        migrate(ready.dsn, files)


def test_on_the_way_down(ready: Database, tmp_path: Path) -> None:
    before = state(ready)
    write(tmp_path / "m", {"1_a.down.sql": f"DROP TABLE a; {HOSTILE['forged']}"})
    outcome = migrate(ready.dsn, tmp_path / "m", direction=Direction.DOWN)
    assert outcome.failure
    assert state(ready) == before


def test_at_the_commit(ready: Database, tmp_path: Path) -> None:
    """A deferred trigger runs after all has been looked at: what it did is told."""
    text = (
        "CREATE TABLE b (i int); CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN DELETE FROM secops.schema_migrations; RETURN NULL; END $$;"
        "CREATE CONSTRAINT TRIGGER late AFTER INSERT ON b DEFERRABLE INITIALLY DEFERRED"
        " FOR EACH ROW EXECUTE FUNCTION f(); INSERT INTO b VALUES (1);"
    )
    outcome = migrate(ready.dsn, write(tmp_path / "m", {"2_b.sql": text}))
    assert outcome.failure
    assert outcome.failure.message == f"{REACHED_IN}, at its COMMIT"
    assert "secops migrate verify" in outcome.failure.advice
