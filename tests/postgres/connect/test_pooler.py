"""Through pgbouncer in transaction mode, where a session is nobody's own."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from secopskit.migrate.apply.progress import MigrationOutcome, Noted, RunEvent
from secopskit.migrate.model import Direction
from support.links import initialised, link_to
from support.postgres import Database, Pooler
from support.runner import Runners, migrate, write

LEAKY = """
SET search_path = '';
SET statement_timeout = '7s';
SELECT pg_catalog.set_config('lock_timeout', '6s', false);
SET ROLE somebody;
SELECT 1;
"""


@pytest.fixture
def dsn(any_database: Database, pooler: Pooler) -> str:
    """A database that `init` has seen, through the pooler."""
    initialised(any_database.dsn).close()
    return pooler.dsn(any_database.name)


def test_all_kinds_of_files(any_database: Database, dsn: str, tmp_path: Path) -> None:
    told: list[RunEvent] = []
    files = {
        "1_a.sql": "CREATE TABLE a (i int);\nCOPY a FROM stdin;\n1\n2\n\\.\n",
        "2_b.sql": "-- secops: no-transaction\nCREATE INDEX CONCURRENTLY a_i ON a (i);\nVACUUM a;\n",
        "2_b.down.sql": "-- secops: no-transaction\nDROP INDEX CONCURRENTLY a_i;\n",
    }
    directory = write(tmp_path / "m", files)
    with link_to(dsn) as link:
        assert link.pooled
    outcome = migrate(dsn, directory, tell=told.append)
    assert outcome.failure is None
    assert [done.step.migration.version for done in outcome.done] == ["1", "2"]
    assert any(isinstance(event, Noted) and "pooler" in event.message for event in told)
    assert any_database.query("SELECT sum(i) FROM a") == [(3,)]
    assert any_database.query("SELECT indisvalid FROM pg_index WHERE indexrelid = 'a_i'::regclass") == [
        (True,)
    ]
    assert migrate(dsn, directory, direction=Direction.DOWN).failure is None
    assert any_database.query("SELECT to_regclass('a_i')") == [(None,)]


def test_a_file_leaves_nothing_to_the_next_client(any_database: Database, dsn: str, tmp_path: Path) -> None:
    any_database.run("CREATE ROLE somebody")
    try:
        outcome = migrate(dsn, write(tmp_path / "m", {"1_a.sql": LEAKY, "2_b.sql": "CREATE TABLE b ();"}))
        assert outcome.failure is None
        settings = "current_user, current_setting('lock_timeout'), current_setting('statement_timeout')"
        with link_to(dsn) as link:
            link.execute(b"BEGIN")
            row = link.execute(f"SELECT {settings}, to_regclass('b')::text".encode()).fetchone()
            link.execute(b"ROLLBACK")
        assert row == (any_database.query("SELECT current_user")[0][0], "0", "0", "b")
    finally:
        any_database.run("DROP ROLE somebody")


def test_a_killed_run_leaves_no_lock_behind(any_database: Database, dsn: str, tmp_path: Path) -> None:
    slow = write(
        tmp_path / "slow", {"1_a.sql": "CREATE TABLE a ();\nSELECT pg_sleep(30);\nCREATE TABLE b ();"}
    )
    quick = write(tmp_path / "quick", {"1_a.sql": "CREATE TABLE a ();"})
    with Runners() as runners:
        pid = runners.start(dsn, slow)
        sleeping = (
            "SELECT count(*) FROM pg_stat_activity WHERE query ~ 'pg_sleep' AND pid <> pg_backend_pid()"
        )
        while any_database.query(sleeping) != [(1,)]:
            time.sleep(0.02)
        os.kill(pid, signal.SIGKILL)
        runners.wait(pid)
    outcome: MigrationOutcome = migrate(dsn, quick)
    assert outcome.failure is None
    assert any_database.query("SELECT to_regclass('a') IS NULL, to_regclass('b') IS NULL") == [(False, True)]
