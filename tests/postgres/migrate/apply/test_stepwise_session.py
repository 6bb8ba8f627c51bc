"""What a file without a transaction sets for its session: for its statements, and not for our ledger."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from secopskit.migrate.apply.ledger_watch import REACHED_IN
from secopskit.migrate.ledger import history
from support.links import initialised, link_to
from support.postgres import Database
from support.runner import migrate, write

HEAD = "-- secops: no-transaction\n"


@pytest.fixture
def ready(database: Database) -> Database:
    """A database that `init` has seen, of each version."""
    initialised(database.dsn).close()
    return database


@pytest.fixture
def app(ready: Database) -> Iterator[str]:
    """A role that owns a table of its own, and may not touch the ledger."""
    name = f"app_{ready.name}"
    ready.run(
        f"CREATE ROLE {name}; CREATE SCHEMA app AUTHORIZATION {name}; CREATE TABLE app.t (a int);"
        f"ALTER TABLE app.t OWNER TO {name}; CREATE TABLE seen (number int, who text, session text);"
        f"GRANT INSERT ON seen TO {name}"
    )
    yield name
    ready.run(f"DROP OWNED BY {name} CASCADE; DROP ROLE {name}")


def row(database: Database) -> tuple[object, ...]:
    return database.query("SELECT state, stmts_done, stmts_total FROM secops.schema_migrations")[0]


@pytest.mark.parametrize("change", ["SET ROLE {};", "SET SESSION AUTHORIZATION {};"])
def test_the_ledger_is_written_as_who_we_are(ready: Database, tmp_path: Path, app: str, change: str) -> None:
    look = "INSERT INTO public.seen SELECT {}, current_user, session_user;\n"
    text = (
        f"{HEAD}{change.format(app)}\n{look.format(1)}CREATE INDEX CONCURRENTLY i ON app.t (a);\n"
        f"VACUUM app.t;\nINSERT INTO app.t SELECT 1 / (count(*) - 1) FROM app.t;\n{look.format(2)}"
    )
    directory = write(tmp_path / "m", {"1_a.sql": text})
    ready.run("INSERT INTO app.t VALUES (0)")
    failure = migrate(ready.dsn, directory).failure
    assert failure
    assert (failure.line, failure.sqlstate, row(ready)) == (6, "22012", ("failed", 4, 6))
    ready.run("DELETE FROM app.t")
    assert migrate(ready.dsn, directory).failure is None
    seen = ready.query("SELECT number, who, session FROM seen ORDER BY 1")
    assert [(number, who) for number, who, _ in seen] == [(1, app), (2, app)]
    assert {session == app for *_, session in seen} == {"SESSION" in change}


def test_a_role_and_an_authorization_at_once(ready: Database, tmp_path: Path, app: str) -> None:
    ready.run(f"GRANT pg_monitor TO {app}; GRANT INSERT ON seen TO pg_monitor")
    text = (
        f"{HEAD}SET SESSION AUTHORIZATION {app};\nSET ROLE pg_monitor;\n"
        "INSERT INTO public.seen SELECT 1, current_user, session_user;\n"
    )
    assert migrate(ready.dsn, write(tmp_path / "m", {"1_a.sql": text})).failure is None
    assert ready.query("SELECT who, session FROM seen") == [("pg_monitor", app)]
    ready.run("REVOKE INSERT ON seen FROM pg_monitor")


@pytest.mark.parametrize(
    "setting", ["session_replication_role = replica", "default_transaction_read_only = on"]
)
def test_what_is_left_on_does_not_reach_the_ledger(ready: Database, tmp_path: Path, setting: str) -> None:
    text = f"{HEAD}CREATE TABLE t ();\nSET {setting};\nSELECT 1;\nSELECT FROM nope;\n"
    directory = write(tmp_path / "m", {"1_a.sql": text})
    failure = migrate(ready.dsn, directory).failure
    assert failure
    assert (failure.line, failure.sqlstate, row(ready)) == (5, "42P01", ("failed", 3, 4))
    assert "could not be recorded" not in failure.advice
    ready.run("CREATE TABLE nope ()")
    assert migrate(ready.dsn, directory).failure is None
    assert row(ready) == ("applied", 4, 4)
    with link_to(ready.dsn) as link:
        assert history.verify(link).broken == ()
        assert [each.ok for each in history.read(link, limit=2)] == [True, False]


def test_what_reached_in_is_not_said_to_be_undone(ready: Database, tmp_path: Path) -> None:
    text = f"{HEAD}CREATE TABLE t ();\nDELETE FROM secops.schema_migrations;\n"
    failure = migrate(ready.dsn, write(tmp_path / "m", {"1_a.sql": text})).failure
    assert failure
    assert failure.message == REACHED_IN
    assert "Nothing of this file was kept" not in failure.advice
    assert "before this line is done and recorded" in failure.advice
    assert ready.query("SELECT to_regclass('t')::text") == [("t",)]


@pytest.mark.parametrize(
    ("sets", "where"),
    [
        ("SELECT pg_catalog.set_config('search_path', 's1', false);", "s1"),
        ("select set_config('search_path', 's1', false), set_config('a.b', 'c', false);", "s1"),
        ("SET search_path = s1;\nDISCARD ALL;", "public"),
    ],
)
def test_what_was_set_is_set_again(ready: Database, tmp_path: Path, sets: str, where: str) -> None:
    ready.run("CREATE SCHEMA s1; CREATE TABLE public.todo ()")
    text = (
        f"{HEAD}{sets}\nCREATE TABLE one ();\nSELECT 1 / count(*) FROM public.todo;\nCREATE TABLE two ();\n"
    )
    directory = write(tmp_path / "m", {"1_a.sql": text})
    assert migrate(ready.dsn, directory).failure
    ready.run("ALTER TABLE todo ADD COLUMN i int; INSERT INTO todo VALUES (1)")
    assert migrate(ready.dsn, directory).failure is None
    found = ready.query("SELECT schemaname FROM pg_tables WHERE tablename IN ('one', 'two')")
    assert found == [(where,), (where,)]
