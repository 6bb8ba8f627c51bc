"""A plan and a database that has moved on since it was made."""

from __future__ import annotations

from pathlib import Path

import pytest

from secopskit.errors import RefusedError
from secopskit.migrate.apply.execute import apply_plan
from secopskit.migrate.apply.migration_run import ApplyOptions
from secopskit.migrate.apply.progress import silent
from secopskit.migrate.ledger import versions
from secopskit.migrate.ledger.history import RunRecord
from secopskit.migrate.ledger.pin import admit
from secopskit.migrate.model import MigrationPlan
from secopskit.migrate.plan import make_plan
from secopskit.migrate.read.files import load_migrations
from secopskit.postgres.errors import DatabaseError
from support.links import initialised, link_to, settings_of
from support.postgres import Database
from support.runner import migrate, write


@pytest.fixture
def one(any_database: Database) -> Database:
    """A database that `init` has seen, where the version cannot matter."""
    initialised(any_database.dsn).close()
    return any_database


def planned(database: Database, directory: Path, **wishes: str) -> MigrationPlan:
    with link_to(database.dsn) as link:
        loaded = load_migrations(str(directory))
        return make_plan(loaded.migrations, versions.read(link), admit(link), to=wishes.get("to"))


def carry_out(database: Database, plan: MigrationPlan) -> tuple[list[str], list[str]]:
    """The versions done and those skipped."""
    with link_to(database.dsn) as link:
        outcome = apply_plan(
            settings_of(database.dsn),
            link,
            plan,
            admit(link),
            record=RunRecord(),
            options=ApplyOptions(),
            tell=silent,
        )
    assert outcome.failure is None
    done = [done.step.migration.version for done in outcome.done]
    return done, [step.migration.version for step in outcome.skipped]


def test_what_another_run_has_done_meanwhile(one: Database, tmp_path: Path) -> None:
    directory = write(tmp_path / "m", {"1_a.sql": "SELECT 1;", "2_b.sql": "SELECT 2;"})
    first, both = planned(one, directory, to="1"), planned(one, directory)
    assert carry_out(one, first) == (["1"], [])
    assert carry_out(one, both) == (["2"], ["1"])
    assert carry_out(one, both) == ([], ["1", "2"])


def test_a_plan_that_no_longer_fits(one: Database, tmp_path: Path) -> None:
    directory = write(tmp_path / "m", {"1_a.sql": "SELECT 1;", "2_b.sql": "SELECT 2;"})
    first = planned(one, directory, to="1")
    other = write(tmp_path / "other", {"1_a.sql": "SELECT 'other';"})
    stale = planned(one, other)
    assert carry_out(one, planned(one, directory)) == (["1", "2"], [])
    with pytest.raises(RefusedError, match="other versions were applied"):
        carry_out(one, first)
    with pytest.raises(RefusedError, match="another content"):
        carry_out(one, stale)


def test_nothing_is_applied_without_the_lock(one: Database, tmp_path: Path) -> None:
    others = "locktype = 'advisory' AND pid <> pg_backend_pid()"
    cut_off = f"SELECT pg_terminate_backend(pid) FROM pg_locks WHERE {others};"
    directory = write(
        tmp_path / "m", {"1_a.sql": cut_off + "SELECT pg_sleep(0.2);", "2_b.sql": "CREATE TABLE b ();"}
    )
    with pytest.raises(DatabaseError, match="holds the migration lock was cut off"):
        migrate(one.dsn, directory)
    assert one.query("SELECT to_regclass('b')") == [(None,)]
