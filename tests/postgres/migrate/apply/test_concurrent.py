"""Many runners at once: each file is applied once, none of them fails, whatever is built concurrently."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.links import initialised
from support.postgres import Database, Pooler
from support.runner import Runners, write

RUNNERS = 10
FILES = {
    "001_table.sql": "CREATE TABLE t AS SELECT generate_series(1, 2000) AS i;",
    "002_index.sql": "-- secops: no-transaction\nCREATE INDEX CONCURRENTLY t_i ON t (i);\nVACUUM t;",
    "003_more.sql": "CREATE TABLE applied_once (i int); INSERT INTO applied_once VALUES (1);",
    "004_index.sql": "-- secops: no-transaction\nCREATE UNIQUE INDEX CONCURRENTLY t_u ON t ((i * 2));",
    "005_column.sql": "ALTER TABLE t ADD COLUMN j int;",
}


@pytest.fixture
def runners() -> Iterator[Runners]:
    with Runners() as runners:
        yield runners


def race(dsn: str, runners: Runners, directory: Path) -> list[int]:
    """The exit codes of ten runs at once."""
    pids = [runners.start(dsn, directory) for _ in range(RUNNERS)]
    return [runners.wait(pid) for pid in pids]


def test_ten_runners(database: Database, runners: Runners, tmp_path: Path) -> None:
    initialised(database.dsn).close()
    assert race(database.dsn, runners, write(tmp_path / "m", FILES)) == [0] * RUNNERS
    applied_once(database)


def test_ten_runners_through_a_pooler(
    any_database: Database, pooler: Pooler, runners: Runners, tmp_path: Path
) -> None:
    initialised(any_database.dsn).close()
    codes = race(pooler.dsn(any_database.name), runners, write(tmp_path / "m", FILES))
    assert codes == [0] * RUNNERS
    applied_once(any_database)


def applied_once(database: Database) -> None:
    """Each file has one row in the ledger and one in the history."""
    versions = [(name[:3],) for name in FILES]
    assert (
        database.query("SELECT version FROM secops.schema_migrations WHERE state = 'applied' ORDER BY 1")
        == versions
    )
    assert (
        database.query("SELECT version FROM secops.migration_history WHERE version IS NOT NULL ORDER BY id")
        == versions
    )
    assert database.query("SELECT i FROM applied_once") == [(1,)]
    assert database.query("SELECT count(*) FROM pg_index WHERE NOT indisvalid") == [(0,)]
