"""Through a pooler in session mode, where each of two connections takes a server connection for itself."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from secopskit.errors import SecopsError
from secopskit.migrate.shadow.server import ShadowServer
from secopskit.postgres import connect
from support import postgres
from support.links import initialised
from support.postgres import Database, Pooler
from support.runner import migrate, write

POOL = 3


@pytest.fixture
def session_pooler(any_postgres: ShadowServer) -> Iterator[Pooler]:
    """A pgbouncer in session mode with few server connections."""
    yield from postgres.pooler(any_postgres, pool_size=POOL, more={"pool_mode": "session"})


def test_runs_that_fill_the_pool_do_not_wait_for_each_other(
    any_database: Database, session_pooler: Pooler, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connect, "_POOL_WAIT_S", (0.5, 4.0))
    initialised(any_database.dsn).close()
    directory = write(tmp_path / "m", {"1_a.sql": "CREATE TABLE a (); SELECT pg_sleep(0.2);"})
    start = threading.Barrier(POOL)
    done, failed = [], []

    def up() -> None:
        start.wait(20)
        try:
            done.append(migrate(session_pooler.dsn(any_database.name), directory))
        except SecopsError as error:
            failed.append(error)

    threads = [threading.Thread(target=up) for _ in range(POOL)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert time.monotonic() - began < 30
    assert done
    assert all("no second server connection" in str(error) for error in failed)
    assert all("pool_size" in error.advice for error in failed)
    assert any_database.query("SELECT version, state FROM secops.schema_migrations") == [("1", "applied")]


def test_a_pool_of_one(
    any_database: Database, any_postgres: ShadowServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connect, "_POOL_WAIT_S", (0.2, 0.3))
    initialised(any_database.dsn).close()
    directory = write(tmp_path / "m", {"1_a.sql": "CREATE TABLE a ();"})
    more = {"pool_mode": "session"}
    for pooler in postgres.pooler(any_postgres, pool_size=1, more=more):
        with pytest.raises(SecopsError, match="no second server connection"):
            migrate(pooler.dsn(any_database.name), directory)
    more["query_wait_timeout"] = "1"
    monkeypatch.setattr(connect, "_POOL_WAIT_S", (20, 20))
    for pooler in postgres.pooler(any_postgres, pool_size=1, more=more):
        with pytest.raises(SecopsError, match="query_wait_timeout") as caught:
            migrate(pooler.dsn(any_database.name), directory)
        assert "pool_size" in caught.value.advice
