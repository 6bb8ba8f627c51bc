"""Applying files in transactions: what is kept, what is said, what is tried again."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from secopskit.errors import ExitCode, UsageError
from secopskit.migrate.apply.migration_run import ApplyOptions
from secopskit.migrate.apply.progress import (
    Failure,
    MigrationFailedError,
    RunEvent,
    StepDone,
    StepStarted,
    Waiting,
)
from secopskit.migrate.apply.retry import Patience
from secopskit.migrate.ledger import history
from secopskit.postgres.errors import DatabaseError
from support.links import initialised, link_to
from support.postgres import Database
from support.runner import migrate, write
from support.values import alnum


@pytest.fixture
def ready(database: Database) -> Database:
    """A database that `init` has seen, of each version."""
    initialised(database.dsn).close()
    return database


@pytest.fixture
def one(any_database: Database) -> Database:
    """A database that `init` has seen, where the version cannot matter."""
    initialised(any_database.dsn).close()
    return any_database


def failure(database: Database, directory: Path, *, options: ApplyOptions | None = None) -> Failure:
    outcome = migrate(database.dsn, directory, options=options)
    assert outcome.failure
    return outcome.failure


def applied(database: Database) -> list[str]:
    return [
        version for (version,) in database.query("SELECT version FROM secops.schema_migrations ORDER BY 1")
    ]


def test_each_file_stands_or_falls_alone(ready: Database, tmp_path: Path) -> None:
    files = {
        "1_a.sql": "CREATE TABLE a (i int);",
        "2_b.sql": "CREATE TABLE b (i int);\nINSERT INTO a VALUES (1);\n\nSELECT 1 / 0;\n",
        "3_c.sql": "CREATE TABLE c (i int);",
    }
    directory = write(tmp_path / "m", files)
    told: list[RunEvent] = []
    outcome = migrate(ready.dsn, directory, tell=told.append)
    assert outcome.failure
    assert str(outcome.failure) == f"{directory / '2_b.sql'}:4: division by zero [22012]"
    with pytest.raises(MigrationFailedError) as raised:
        outcome.raise_for_failure()
    assert raised.value.exit_code is ExitCode.OPERATION
    steps = [event for event in told if isinstance(event, StepStarted | StepDone)]
    assert [f"{type(event).__name__} {event.step.migration.version}" for event in steps] == [
        "StepStarted 1",
        "StepStarted 2",
        "StepDone 1",
    ]
    assert applied(ready) == ["1"]
    assert ready.query("SELECT to_regclass('b'), to_regclass('c'), count(*) FROM a") == [(None, None, 0)]
    with link_to(ready.dsn) as link:
        rows = history.read(link)
        assert history.verify(link).broken == ()
    assert [(row.version, row.ok, row.sqlstate) for row in rows] == [
        ("2", False, "22012"),
        ("1", True, None),
        (None, True, None),
    ]
    (directory / "2_b.sql").write_text("CREATE TABLE b (i int);")
    assert [done.step.migration.version for done in migrate(ready.dsn, directory).done] == ["2", "3"]
    assert migrate(ready.dsn, directory).done == ()


def test_all_or_nothing(ready: Database, tmp_path: Path) -> None:
    directory = write(
        tmp_path / "m", {"1_a.sql": "CREATE TABLE a ();", "2_b.sql": "CREATE TABLE b ();\nSELECT nope;"}
    )
    together = ApplyOptions(single_transaction=True)
    found = failure(ready, directory, options=together)
    assert (found.version, found.line, found.sqlstate) == ("2", 2, "42703")
    assert applied(ready) == []
    (directory / "2_b.sql").write_text("CREATE TABLE b ();")
    assert [done.step.migration.version for done in migrate(ready.dsn, directory, options=together).done] == [
        "1",
        "2",
    ]
    assert len(ready.query("SELECT DISTINCT xmin::text FROM secops.schema_migrations")) == 1
    write(directory, {"3_c.sql": "-- secops: no-transaction\nVACUUM;"})
    with pytest.raises(UsageError, match=r"3_c\.sql cannot run in a transaction"):
        migrate(ready.dsn, directory, options=together)


@pytest.mark.parametrize(
    ("text", "line", "sqlstate"),
    [
        (
            "INSERT INTO people\nVALUES ('CANARY');\nSELECT 1;\nINSERT INTO people VALUES ('CANARY');",
            4,
            "23505",
        ),
        ("INSERT INTO people VALUES ('CANARY');\nSELECT email::int\n  FROM people;", 2, "22P02"),
        ("COPY people FROM stdin;\nx\nCANARY\nCANARY\n\\.\n", 4, "23505"),
        ("COPY numbers FROM stdin;\n1\n2\nCANARY\n\\.\n", 4, "22P02"),
        (
            "INSERT INTO people VALUES ('CANARY');\nALTER TABLE people ADD CHECK (length(email) < 3);",
            2,
            "23514",
        ),
        ("ALTER ROLE CURRENT_USER PASSWORD CANARY;", 1, "42601"),
        ("DO $$ BEGIN\n  PERFORM 'CANARY'::date;\nEND $$;", 1, "22007"),
    ],
)
def test_a_failure_names_the_line_and_no_value(
    one: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture, text: str, line: int, sqlstate: str
) -> None:
    canary = alnum(20)
    one.run("CREATE TABLE people (email text UNIQUE); CREATE TABLE numbers (i int)")
    directory = write(tmp_path / "m", {"1_a.sql": text.replace("CANARY", canary), "2_b.sql": "SELECT 1;"})
    with caplog.at_level(logging.DEBUG):
        found = failure(one, directory)
    assert (found.line, found.sqlstate) == (line, sqlstate)
    with link_to(one.dsn) as link:
        recorded = [row.message for row in history.read(link, version="1")]
    assert len(recorded) == 1
    assert canary.lower() not in (repr(found) + repr(recorded) + caplog.text).lower()


LEAVINGS = """
SELECT pg_catalog.set_config('search_path', '', false);
SET statement_timeout = '5s';
SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY;
SET ROLE pg_monitor;
"""


def test_a_file_leaves_nothing_to_the_next(ready: Database, tmp_path: Path) -> None:
    second = """
    CREATE TABLE seen AS SELECT current_user::text AS who, current_setting('search_path') AS path,
        current_setting('statement_timeout') AS timeout, current_setting('lock_timeout') AS lock;
    """
    files = {
        "1_a.sql": LEAVINGS,
        "2_b.sql": second,
        "3_c.sql": "-- secops: lock-timeout=3s statement-timeout=4s\n" + second.replace("seen", "limited"),
    }
    assert migrate(ready.dsn, write(tmp_path / "m", files)).failure is None
    user = ready.query("SELECT current_user::text")[0][0]
    assert ready.query("SELECT * FROM public.seen") == [(user, '"$user", public', "0", "2s")]
    assert ready.query("SELECT * FROM public.limited") == [(user, '"$user", public', "4s", "3s")]


def test_text_is_sent_as_it_is(one: Database, tmp_path: Path) -> None:
    text = "CREATE TABLE t AS SELECT '100%s %(x)s %'::text AS a, 'é→😀' AS b, $q$;$q$ AS c;"
    assert migrate(one.dsn, write(tmp_path / "m", {"1_a.sql": text})).failure is None
    assert one.query("SELECT * FROM t") == [("100%s %(x)s %", "é→😀", ";")]


@contextmanager
def locked(database: Database, table: str, seconds: float) -> Iterator[None]:
    """Somebody reads `table` for a while and lets nobody change it."""
    with database.connect(autocommit=False) as connection:
        connection.execute(f"SELECT FROM {table}".encode())
        timer = threading.Timer(seconds, connection.commit)
        timer.start()
        yield
        timer.join()


def test_readers_do_not_queue_behind_us(ready: Database, tmp_path: Path) -> None:
    ready.run("CREATE TABLE busy (i int)")
    told: list[RunEvent] = []
    stalls: list[float] = []
    over = threading.Event()

    def read() -> None:
        with ready.connect() as connection:
            while not over.is_set():
                started = time.monotonic()
                connection.execute("SELECT FROM busy")
                stalls.append(time.monotonic() - started)
                time.sleep(0.01)

    directory = write(
        tmp_path / "m", {"1_a.sql": "CREATE TABLE a ();", "2_b.sql": "ALTER TABLE busy ADD COLUMN j int;"}
    )
    reader = threading.Thread(target=read)
    with locked(ready, "busy", 1.0):
        reader.start()
        outcome = migrate(ready.dsn, directory, options=ApplyOptions(lock_timeout_ms=200), tell=told.append)
        over.set()
        reader.join()
    assert outcome.failure is None
    assert [(done.step.migration.version, done.attempts > 1) for done in outcome.done] == [
        ("1", False),
        ("2", True),
    ]
    assert max(stalls) < 0.2 * 1.5
    waits = [event for event in told if isinstance(event, Waiting)]
    assert waits
    assert waits[0].reason == "canceling statement due to lock timeout [55P03]"


def test_patience_ends(ready: Database, tmp_path: Path) -> None:
    ready.run("CREATE TABLE busy (i int)")
    options = ApplyOptions(lock_timeout_ms=50, patience=Patience(total=0.3))
    with locked(ready, "busy", 1.5):
        found = failure(ready, write(tmp_path / "m", {"1_a.sql": "\nDROP TABLE busy;"}), options=options)
    assert (found.sqlstate, found.line) == ("55P03", 2)
    assert found.attempts > 1
    assert "lock-timeout" in found.advice
    assert applied(ready) == []


def test_a_deadlock_is_tried_again(one: Database, tmp_path: Path) -> None:
    one.run("CREATE TABLE a (i int); CREATE TABLE b (i int)")
    directory = write(tmp_path / "m", {"1_a.sql": "LOCK a; SELECT pg_sleep(0.2); LOCK b;"})
    holds_b = threading.Event()

    def cross() -> None:
        with one.connect(autocommit=False) as connection:
            connection.execute("SET deadlock_timeout = '10s'")
            connection.execute("LOCK b")
            holds_b.set()
            while not one.query("SELECT 1 FROM pg_locks WHERE relation = 'a'::regclass"):
                time.sleep(0.01)
            connection.execute("LOCK a")

    thread = threading.Thread(target=cross)
    thread.start()
    assert holds_b.wait(10)
    outcome = migrate(one.dsn, directory, options=ApplyOptions(lock_timeout_ms=0))
    thread.join()
    assert outcome.failure is None
    assert outcome.done[0].attempts == 2


def test_a_long_file(one: Database, tmp_path: Path) -> None:
    """Its answers are not all in memory at once, and the line is right all the same."""
    one.run("CREATE TABLE t (i int UNIQUE)")
    lines = [f"INSERT INTO t VALUES ({n});" for n in range(2500)]
    directory = write(tmp_path / "m", {"1_a.sql": "\n".join([*lines, "INSERT INTO t VALUES (1);", *lines])})
    assert failure(one, directory).line == 2501
    assert one.query("SELECT count(*) FROM t") == [(0,)]
    write(directory, {"1_a.sql": "\n".join(lines)})
    assert migrate(one.dsn, directory).failure is None
    assert one.query("SELECT count(*) FROM t") == [(2500,)]


RAISES = (
    "DO $$ BEGIN RAISE EXCEPTION 'bad row % url %', 7, 'postgres://ada:{0}@h/x'"
    " USING HINT = 'password={0}', ERRCODE = '{1}'; END $$;"
)


@pytest.mark.parametrize("state", ["P0001", "42501", "40001"])
def test_a_raise_is_shown_without_secrets(one: Database, tmp_path: Path, state: str) -> None:
    secret, told = alnum(20), list[RunEvent]()
    directory = write(tmp_path / "m", {"1_a.sql": RAISES.format(secret, state)})
    options = ApplyOptions(patience=Patience(first=0.01, total=0.05))
    outcome = migrate(one.dsn, directory, options=options, tell=told.append)
    assert outcome.failure
    assert outcome.failure.message == "bad row 7 url postgres://ada:***@h/x"
    ((message,),) = one.query("SELECT message FROM secops.migration_history WHERE NOT ok")
    waits = [event.reason for event in told if isinstance(event, Waiting)]
    assert bool(waits) == (state == "40001")
    assert secret not in f"{outcome.failure}{outcome.failure.advice}{message}{waits}"


def test_a_value_of_the_file_that_comes_back_is_not_shown(one: Database, tmp_path: Path) -> None:
    text = (
        "CREATE FUNCTION f(t text) RETURNS void LANGUAGE plpgsql AS"
        " $$\nBEGIN RAISE EXCEPTION 'no %', t; END $$;"
        "SELECT f('Blue 17 fox');"
    )
    assert failure(one, write(tmp_path / "m", {"1_a.sql": text})).message == "no ***"


def test_what_a_table_is_called_is_no_secret(one: Database, tmp_path: Path) -> None:
    text = (
        "CREATE TABLE api_keys (password text); INSERT INTO api_keys VALUES ('tokens'); SELECT FROM tokens;"
    )
    found = failure(one, write(tmp_path / "m", {"1_a.sql": text}))
    assert found.message == 'relation "tokens" does not exist'
    again = f"{text.partition('INSERT')[0]}CREATE TABLE api_keys ();"
    assert failure(one, write(tmp_path / "m", {"1_a.sql": again})).message == (
        'relation "api_keys" already exists'
    )


def test_a_role_that_may_only_read_is_told_before_any_file(any_database: Database, tmp_path: Path) -> None:
    initialised(any_database.dsn).close()
    any_database.run(f"ALTER DATABASE {any_database.name} SET default_transaction_read_only = on")
    with pytest.raises(DatabaseError, match="default_transaction_read_only") as caught:
        migrate(any_database.dsn, write(tmp_path / "m", {"1_a.sql": "CREATE TABLE a ();"}))
    assert "1_a.sql" not in str(caught.value)


def test_what_comes_too_late_in_a_transaction_needs_no_header(any_database: Database, tmp_path: Path) -> None:
    initialised(any_database.dsn).close()
    text = "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE;\nCREATE TABLE a ();"
    failure = migrate(any_database.dsn, write(tmp_path / "m", {"1_a.sql": text})).failure
    assert failure
    assert "no-transaction" not in failure.advice
    assert "take SET TRANSACTION out" in failure.advice
