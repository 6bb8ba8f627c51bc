"""Undoing: by reviewed files only, each in a transaction with its row."""

from __future__ import annotations

from pathlib import Path

import pytest

from secopskit.errors import RefusedError
from secopskit.migrate.ledger import history
from secopskit.migrate.model import Direction
from support.links import initialised, link_to
from support.postgres import Database
from support.runner import migrate, write


@pytest.fixture
def ready(database: Database) -> Database:
    """A database that `init` has seen, of each version."""
    initialised(database.dsn).close()
    return database


def applied(database: Database) -> list[str]:
    return [
        version for (version,) in database.query("SELECT version FROM secops.schema_migrations ORDER BY 1")
    ]


def test_undo(ready: Database, tmp_path: Path) -> None:
    files = {
        "1_a.sql": "CREATE TABLE a ();",
        "2_b.sql": "CREATE TABLE b ();",
        "2_b.down.sql": "DROP TABLE b;",
        "3_c.sql": "CREATE TABLE c ();",
        "3_c.down.sql": "DROP TABLE c;\nSELECT 1 / 0;",
    }
    directory = write(tmp_path / "m", files)
    assert migrate(ready.dsn, directory).failure is None
    outcome = migrate(ready.dsn, directory, direction=Direction.DOWN, to="1")
    assert outcome.failure
    assert (outcome.failure.line, applied(ready)) == (2, ["1", "2", "3"])
    write(directory, {"3_c.down.sql": "DROP TABLE c;"})
    outcome = migrate(ready.dsn, directory, direction=Direction.DOWN, to="1")
    assert [done.step.migration.version for done in outcome.done] == ["3", "2"]
    assert applied(ready) == ["1"]
    with link_to(ready.dsn) as link:
        rows = [(row.action, row.version, row.ok) for row in history.read(link, limit=3)]
    assert rows == [("down", "2", True), ("down", "3", True), ("down", "3", False)]
    with pytest.raises(RefusedError, match="no file that undoes it"):
        migrate(ready.dsn, directory, direction=Direction.DOWN)
