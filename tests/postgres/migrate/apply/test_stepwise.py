"""Files without a transaction: they go on where they stopped, and tidy up after themselves only."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from secopskit.errors import ExitCode
from secopskit.migrate.apply.migration_run import ApplyOptions
from secopskit.migrate.apply.progress import (
    MigrationFailedError,
    MigrationOutcome,
    Noted,
    RunEvent,
    StatementDone,
    Waiting,
)
from secopskit.migrate.ledger import history
from secopskit.migrate.model import Direction
from support.links import initialised, link_to
from support.postgres import Database
from support.runner import migrate, write

HEAD = "-- secops: no-transaction\n"
BUILD = "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS t_i ON t (i);"


@pytest.fixture
def ready(database: Database) -> Database:
    """A database that `init` has seen, of each version, with a table that holds a value twice."""
    initialised(database.dsn).close()
    database.run("CREATE TABLE t (i int); INSERT INTO t VALUES (1), (1)")
    return database


def row(database: Database, version: str = "1") -> tuple[object, ...]:
    query = "SELECT state, stmts_done, stmts_total FROM secops.schema_migrations WHERE version = %s"
    return database.query(query, version)[0]


def indexes(database: Database) -> list[tuple[object, ...]]:
    return database.query(
        "SELECT indexrelid::regclass::text, indisvalid FROM pg_index WHERE indrelid = 't'::regclass"
    )


def notes(told: list[RunEvent]) -> list[str]:
    return [event.message for event in told if isinstance(event, Noted)]


def test_a_build_that_failed_is_resumed(ready: Database, tmp_path: Path) -> None:
    text = f"{HEAD}CREATE TABLE once ();\n{BUILD}\nCREATE TABLE after ();\n"
    directory = write(tmp_path / "m", {"1_a.sql": text, "2_b.sql": "CREATE TABLE b ();"})
    outcome = migrate(ready.dsn, directory)
    assert outcome.failure
    assert outcome.failure.half_done
    assert (outcome.failure.line, outcome.failure.sqlstate) == (3, "23505")
    with pytest.raises(MigrationFailedError) as raised:
        outcome.raise_for_failure()
    assert raised.value.exit_code is ExitCode.INCOMPLETE
    assert row(ready) == ("failed", 1, 3)
    assert indexes(ready) == [("t_i", False)]
    ready.run("DELETE FROM t WHERE ctid IN (SELECT ctid FROM t LIMIT 1)")
    told: list[RunEvent] = []
    assert migrate(ready.dsn, directory, tell=told.append).failure is None
    assert row(ready) == ("applied", 3, 3)
    assert indexes(ready) == [("t_i", True)]
    assert notes(told) == ["Dropping index public.t_i, which an interrupted run left invalid."]
    assert [event.done for event in told if isinstance(event, StatementDone)] == [2, 3]
    with link_to(ready.dsn) as link:
        rows = [(row.version, row.ok) for row in history.read(link, limit=3)]
    assert rows == [("2", True), ("1", True), ("1", False)]


def test_an_invalid_index_of_somebody_else_is_left_alone(ready: Database, tmp_path: Path) -> None:
    with pytest.raises(Exception, match="could not create unique index"):
        ready.run("CREATE UNIQUE INDEX CONCURRENTLY t_i ON t (i)")
    directory = write(tmp_path / "m", {"1_a.sql": HEAD + BUILD})
    for _ in range(2):
        outcome = migrate(ready.dsn, directory)
        assert outcome.failure
        assert "index public.t_i is invalid, and was not built by this file" in outcome.failure.message
        assert "DROP INDEX CONCURRENTLY public.t_i" in outcome.failure.advice
        assert indexes(ready) == [("t_i", False)]


def test_a_build_that_was_finished_but_not_counted(ready: Database, tmp_path: Path) -> None:
    """What a crash between the two leaves behind is not built again."""
    build = "CREATE INDEX CONCURRENTLY t_i ON t (i);"
    directory = write(tmp_path / "m", {"1_a.sql": f"{HEAD}{build}\nSELECT nope;"})
    assert migrate(ready.dsn, directory).failure
    ready.run("UPDATE secops.schema_migrations SET stmts_done = 0, state = 'running'")
    oid = ready.query("SELECT 't_i'::regclass::oid")
    assert migrate(ready.dsn, directory).failure
    assert row(ready) == ("failed", 1, 2)
    assert ready.query("SELECT 't_i'::regclass::oid") == oid


def test_a_build_that_still_runs_is_waited_for(ready: Database, tmp_path: Path) -> None:
    """The server may go on for a client that is dead, behind a pooler above all."""
    build = "CREATE INDEX CONCURRENTLY t_i ON t (i);"
    directory = write(tmp_path / "m", {"1_a.sql": f"{HEAD}SELECT nope;\n{build}"})
    assert migrate(ready.dsn, directory).failure
    ready.run("UPDATE secops.schema_migrations SET stmts_done = 1")
    told: list[RunEvent] = []
    with ready.connect(autocommit=False) as writer:
        writer.execute("INSERT INTO t VALUES (2)")  # an index is not valid before this is over
        builder = threading.Thread(target=ready.run, args=(build,))
        builder.start()
        while not ready.query("SELECT 1 FROM pg_stat_progress_create_index WHERE index_relid <> 0"):
            time.sleep(0.01)
        threading.Timer(0.5, writer.commit).start()
        outcome: MigrationOutcome = migrate(ready.dsn, directory, tell=told.append)
        builder.join()
    assert outcome.failure is None
    assert next(event.reason for event in told if isinstance(event, Waiting)).startswith(
        "index public.t_i is still being"
    )
    assert indexes(ready) == [("t_i", True)]


def test_each_statement_and_its_count_are_one(ready: Database, tmp_path: Path) -> None:
    text = f"{HEAD}INSERT INTO t VALUES (2);\nVACUUM t;\nCOPY t FROM stdin;\n3\n\\.\nSELECT 1 / 0;\n"
    directory = write(tmp_path / "m", {"1_a.sql": text})
    for _ in range(3):
        outcome = migrate(ready.dsn, directory)
        assert outcome.failure
        assert outcome.failure.line == 7
    assert row(ready) == ("failed", 3, 4)
    assert ready.query("SELECT count(*) FROM t") == [(4,)]


def test_settings_of_a_file_last_as_long_as_the_file(ready: Database, tmp_path: Path) -> None:
    ready.run("CREATE TABLE seen (number int, lock text, path text)")
    settings = "current_setting('lock_timeout'), current_setting('search_path')"
    look = f"INSERT INTO public.seen SELECT {{}}, {settings};\n"
    text = (
        f"{HEAD}{look.format(1)}SET lock_timeout = '7s';\nSET search_path = '';\n{look.format(2)}"
        f"INSERT INTO public.t SELECT 1 / (count(*) - 2) FROM public.t;\n{look.format(3)}"
    )
    directory = write(tmp_path / "m", {"1_a.sql": text, "2_b.sql": look.format(4)})
    assert migrate(ready.dsn, directory).failure
    ready.run("INSERT INTO t VALUES (5)")
    assert migrate(ready.dsn, directory).failure is None
    plain = ("2s", '"$user", public')
    assert ready.query("SELECT * FROM seen ORDER BY 1") == [
        (1, *plain),
        (2, "7s", '""'),
        (3, "7s", '""'),
        (4, *plain),
    ]


def test_a_procedure_that_commits(ready: Database, tmp_path: Path) -> None:
    ready.run("CREATE PROCEDURE p() LANGUAGE plpgsql AS 'BEGIN INSERT INTO t VALUES (9); COMMIT; END'")
    assert migrate(ready.dsn, write(tmp_path / "m", {"1_a.sql": f"{HEAD}CALL p();"})).failure is None
    assert ready.query("SELECT count(*) FROM t WHERE i = 9") == [(1,)]


def test_a_busy_table_is_tried_again(ready: Database, tmp_path: Path) -> None:
    directory = write(tmp_path / "m", {"1_a.sql": f"{HEAD}ALTER TABLE t ADD COLUMN j int;\nVACUUM t;"})
    with ready.connect(autocommit=False) as reader:
        reader.execute("SELECT FROM t")
        waits = 0

        def tell(event: RunEvent) -> None:
            nonlocal waits
            if isinstance(event, Waiting):
                waits += 1
                reader.commit()  # however slow the machine is: it was in the way once

        outcome = migrate(ready.dsn, directory, options=ApplyOptions(lock_timeout_ms=100), tell=tell)
    assert outcome.failure is None
    assert waits == 1


def test_undo_in_pieces(ready: Database, tmp_path: Path) -> None:
    files = {
        "1_a.sql": f"{HEAD}CREATE INDEX CONCURRENTLY t_i ON t (i);",
        "1_a.down.sql": f"{HEAD}DROP INDEX CONCURRENTLY IF EXISTS t_i;\nSELECT 1 / 0;",
    }
    directory = write(tmp_path / "m", files)
    assert migrate(ready.dsn, directory).failure is None
    assert migrate(ready.dsn, directory, direction=Direction.DOWN).failure
    assert row(ready) == ("failed", 1, 2)
    write(directory, {"1_a.down.sql": f"{HEAD}DROP INDEX CONCURRENTLY IF EXISTS t_i;"})
    assert migrate(ready.dsn, directory, direction=Direction.DOWN).failure is None
    assert ready.query("SELECT version FROM secops.schema_migrations") == []
    assert indexes(ready) == []
