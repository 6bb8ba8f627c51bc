"""kill -9 at any moment: ledger and schema agree, the server lets go soon, and the next run goes on."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from secopskit.migrate.shadow.server import ShadowServer
from support.links import initialised
from support.postgres import Database, create_database, drop_database
from support.runner import Runners, write

FILES = 8
GONE_WITHIN_S = 1.0


@pytest.fixture
def runners() -> Iterator[Runners]:
    with Runners() as runners:
        yield runners


def plain(number: int) -> str:
    return f"CREATE TABLE t{number} (i int);\nSELECT pg_sleep(0.02);\nCREATE TABLE u{number} (i int);\n"


def in_pieces(number: int) -> str:
    return (
        "-- secops: no-transaction\n"
        f"CREATE TABLE t{number} AS SELECT generate_series(1, 3000) AS i;\n"
        f"CREATE INDEX CONCURRENTLY x{number} ON t{number} (i);\n"
        f"CREATE TABLE u{number} (i int);\n"
        f"CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS y{number} ON t{number} ((i + 1));\n"
    )


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    texts = (in_pieces(n) if n % 3 == 0 else plain(n) for n in range(1, FILES + 1))
    return write(tmp_path / "migrations", {f"{n:03}_x.sql": text for n, text in enumerate(texts, 1)})


def fresh(server: ShadowServer) -> Database:
    database = create_database(server)
    initialised(database.dsn).close()
    return database


def test_kill_at_random_points(any_postgres: ShadowServer, runners: Runners, directory: Path) -> None:
    kill_often(any_postgres, runners, directory, times=10)


@pytest.mark.slow
def test_kill_at_many_points(postgres: ShadowServer, runners: Runners, directory: Path) -> None:
    # The number that is promised, 200, takes minutes: SECOPS_TEST_KILLS=200.
    kill_often(postgres, runners, directory, times=int(os.environ.get("SECOPS_TEST_KILLS", "10")))


def kill_often(server: ShadowServer, runners: Runners, directory: Path, *, times: int) -> None:
    database, killed = fresh(server), 0
    whole_run(server, runners, directory)  # the first one imports
    longest = whole_run(server, runners, directory)
    while killed < times:
        pid = runners.start(database.dsn, directory)
        time.sleep(random.uniform(0.0, longest))
        os.kill(pid, signal.SIGKILL)
        killed += runners.wait(pid) == -signal.SIGKILL
        await_the_end(database)
        agree(database)
        if len(applied(database)) == FILES:
            drop_database(database)
            database = fresh(server)
    assert runners.wait(runners.start(database.dsn, directory)) == 0
    complete(database)
    drop_database(database)


def whole_run(server: ShadowServer, runners: Runners, directory: Path) -> float:
    """How long a run takes that nobody kills."""
    database = fresh(server)
    started = time.monotonic()
    assert runners.wait(runners.start(database.dsn, directory)) == 0
    took = time.monotonic() - started
    complete(database)
    drop_database(database)
    return took


def await_the_end(database: Database) -> None:
    """The server's processes of the killed run, its lock among them, are gone soon."""
    deadline = time.monotonic() + GONE_WITHIN_S
    with database.connect() as connection:
        query = (
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'secops migrate' AND datname = %s"
        )
        while connection.execute(query, [database.name]).fetchone() != (0,):
            assert time.monotonic() < deadline, "the server did not notice that its client is dead"
            time.sleep(0.01)


def applied(database: Database) -> list[str]:
    rows = database.query(
        "SELECT version FROM secops.schema_migrations WHERE state = 'applied' ORDER BY version"
    )
    return [version for (version,) in rows]


def agree(database: Database) -> None:
    """What the ledger says is there; of anything else nothing is, but for the statement that was at work."""
    done = applied(database)
    assert done == [f"{n:03}" for n in range(1, len(done) + 1)]
    assert [
        v
        for (v,) in database.query(
            "SELECT version FROM secops.migration_history WHERE ok AND version IS NOT NULL ORDER BY id"
        )
    ] == done
    started = database.query(
        "SELECT version, stmts_done FROM secops.schema_migrations WHERE state <> 'applied'"
    )
    expected = {f"{letter}{int(version)}" for version in done for letter in "tu"}
    for version, statements in started:
        assert int(version) == len(done) + 1
        expected |= set([f"t{int(version)}", "", f"u{int(version)}"][:statements]) - {""}
    tables = {name for (name,) in database.query("SELECT relname FROM pg_class WHERE relname ~ '^[tu]\\d+$'")}
    assert tables == expected


def complete(database: Database) -> None:
    """All is applied, once, and no invalid index is left."""
    assert len(applied(database)) == FILES
    agree(database)
    assert database.query("SELECT indexrelid::regclass FROM pg_index WHERE NOT indisvalid") == []
    assert database.query("SELECT count(*) FROM pg_class WHERE relname ~ '^[xy]\\d+$'") == [
        (2 * (FILES // 3),)
    ]
