"""Databases with a past are taken over, nothing is run; the ledger is set right with a trace."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import LiteralString

import pytest

from secopskit.errors import RefusedError, UsageError
from secopskit.migrate.ledger import adopt, history, repair, versions
from secopskit.migrate.ledger.foreign import ForeignLedger, MigrationTool, foreign_ledgers
from secopskit.migrate.ledger.history import RunRecord
from secopskit.migrate.model import Direction, Directives, Migration, Script, Statement, VersionState
from secopskit.migrate.plan import make_plan
from secopskit.postgres.connect import Link
from support.links import initialised
from support.postgres import Database

RUN = RunRecord(actor="ada")
FLYWAY: LiteralString = """
    CREATE TABLE flyway_schema_history (installed_rank int PRIMARY KEY, version varchar(50),
        description varchar(200), type varchar(20), script varchar(1000), checksum int,
        installed_by varchar(100), installed_on timestamp DEFAULT now(), execution_time int, success boolean);
    INSERT INTO flyway_schema_history VALUES
"""
SQITCH: LiteralString = """
    CREATE SCHEMA sqitch;
    CREATE TABLE sqitch.changes (change_id text, script_hash text, change text, project text, note text,
        committed_at timestamptz, committer_name text);
    INSERT INTO sqitch.changes VALUES
        ('a', '', 'users', 'app', '', '2026-01-02 03:04:05Z', ''),
        ('b', '', 'Orders/Add-Index', 'app', '', '2026-01-03 03:04:05Z', '');
"""


def migration(
    version: str, name: str = "", text: str = "SELECT 1;", statements: int = 1, *, transaction: bool = True
) -> Migration:
    script = Script(
        path=f"{version}_{name}.sql",
        text=text,
        checksum=(version * 64)[:64],
        directives=Directives(transaction=transaction),
        statements=tuple(Statement(text=text, line=1, start=0, end=0) for _ in range(statements)),
    )
    return Migration(version=version, name=name, up=script)


FILES = (migration("1", "users"), migration("2", "orders_add_index"), migration("3", "invoices"))


def _states(link: Link) -> dict[str, VersionState]:
    return {row.version: row.state for row in versions.read(link)}


def _only(link: Link) -> ForeignLedger:
    (ledger,) = foreign_ledgers(link)
    return ledger


# --- baseline -----------------------------------------------------------------------------------


def test_baseline_covers_what_is_there(database: Database) -> None:
    with initialised(database.dsn) as link:
        new = adopt.baseline(link, FILES, "002", RUN)
        assert [item.version for item in new] == ["1", "2"]
        assert _states(link) == {"1": VersionState.BASELINE, "2": VersionState.BASELINE}
        assert {row.checksum for row in versions.read(link)} == {"1" * 64, "2" * 64}
        plan = make_plan(FILES, versions.read(link), None, direction=Direction.UP)
        assert [step.migration.version for step in plan.steps] == ["3"]
        assert not plan.blocked
        assert adopt.baseline(link, FILES, "2", RUN) == ()
        assert [(row.action, row.version) for row in history.read(link)][:2] == [
            ("baseline", "2"),
            ("baseline", "1"),
        ]
        with pytest.raises(UsageError, match="no version '4'"):
            adopt.baseline(link, FILES, "4", RUN)


def test_baseline_is_all_or_nothing(any_database: Database) -> None:
    broken = (*FILES, migration("11"), migration("11"))
    with initialised(any_database.dsn) as link:
        with pytest.raises(Exception, match="duplicate key"):
            adopt.baseline(link, broken, "11", RUN)
        assert _states(link) == {}
        assert history.verify(link).rows == 1


# --- other tools --------------------------------------------------------------------------------


def test_dbmate(database: Database) -> None:
    database.run("CREATE TABLE schema_migrations (version varchar(128) PRIMARY KEY)")
    database.run("INSERT INTO schema_migrations VALUES ('1'), ('002')")
    with initialised(database.dsn) as link:
        ledger = _only(link)
        assert (ledger.tool, ledger.table) == (MigrationTool.DBMATE, "public.schema_migrations")
        adoption = adopt.compare(ledger, FILES)
        assert [m.version for m in adoption.pending] == ["3"]
        assert len(adopt.adopt(link, adoption, RUN)) == 2
        assert _states(link) == {"1": VersionState.BASELINE, "2": VersionState.BASELINE}
        assert adopt.adopt(link, adoption, RUN) == ()
        message = f"from dbmate (public.schema_migrations); checksum {FILES[1].up.checksum}"
        assert history.read(link)[0].message == message


def test_supabase_tells_which_files_were_edited(any_database: Database) -> None:
    any_database.run(
        "CREATE SCHEMA supabase_migrations; CREATE TABLE supabase_migrations.schema_migrations "
        "(version text PRIMARY KEY, statements text[], name text); "
        "INSERT INTO supabase_migrations.schema_migrations VALUES ('1', '{SELECT 1,\"SELECT 2\"}', 'users'), "
        "('2', '{SELECT 2}', 'orders'), ('3', NULL, NULL)"
    )
    files = (migration("1", "users", "SELECT 1;\n\nSELECT 2;\n"), *FILES[1:])
    with initialised(any_database.dsn) as link:
        adoption = adopt.compare(_only(link), files)
        assert adoption.ledger.tool is MigrationTool.SUPABASE
        assert adoption.edited == ("2",)
        assert [item.version for item in adoption.adopted] == ["1", "2", "3"]
        adopt.adopt(link, adoption, RUN)
        assert set(_states(link)) == {"1", "2", "3"}


def test_sqitch_goes_by_names(any_database: Database) -> None:
    any_database.run(SQITCH)
    with initialised(any_database.dsn) as link:
        adoption = adopt.compare(_only(link), FILES)
        assert [item.version for item in adoption.adopted] == ["1", "2"]
        adopt.adopt(link, adoption, RUN)
        first = next(row for row in versions.read(link) if row.version == "1")
        assert first.applied_at == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
        twice = (*FILES, migration("11", "users"))
        assert [row.name for row in adopt.compare(_only(link), twice).unknown] == ["users"]
        with pytest.raises(UsageError, match="1 migrations without a file of that name: users"):
            adopt.adopt(link, adopt.compare(_only(link), twice), RUN, without_files=True)


def test_flyway_with_what_was_undone(any_database: Database) -> None:
    any_database.run(
        FLYWAY + "(1, '1', 'users', 'SQL', '', 1, '', now(), 1, true),"
        "(2, '2', 'orders', 'SQL', '', 1, '', now(), 1, true),"
        "(3, '3', 'invoices', 'SQL', '', 1, '', now(), 1, true),"
        "(4, NULL, 'views', 'SQL', '', 1, '', now(), 1, true),"
        "(5, '3', 'invoices', 'UNDO_SQL', '', 1, '', now(), 1, true)"
    )
    with initialised(any_database.dsn) as link:
        adoption = adopt.compare(_only(link), FILES)
        assert adoption.ledger.tool is MigrationTool.FLYWAY
        assert [item.version for item in adoption.adopted] == ["1", "2"]
        assert [m.version for m in adoption.pending] == ["3"]


def test_flyway_with_a_baseline(any_database: Database) -> None:
    any_database.run(FLYWAY + "(1, '2', '<< Flyway Baseline >>', 'BASELINE', '', 1, '', now(), 1, true)")
    with initialised(any_database.dsn) as link:
        adoption = adopt.compare(_only(link), FILES)
        assert [item.version for item in adoption.adopted] == ["1", "2"]


def test_flyway_with_a_failure(any_database: Database) -> None:
    any_database.run(FLYWAY + "(1, '1', 'users', 'SQL', '', 1, '', now(), 1, false)")
    with initialised(any_database.dsn) as link, pytest.raises(RefusedError, match="stands as failed"):
        foreign_ledgers(link)


@pytest.mark.parametrize(
    "tables",
    [
        "CREATE TABLE schema_migrations (version varchar PRIMARY KEY); CREATE TABLE ar_internal_metadata ()",
        "CREATE TABLE schema_migrations (version bigint PRIMARY KEY, dirty boolean)",
        "CREATE SCHEMA auth; CREATE TABLE auth.schema_migrations (version varchar PRIMARY KEY)",
        "CREATE TABLE changes (id int, change text)",
        "CREATE VIEW schema_migrations AS SELECT '1' AS version",
    ],
    ids=["rails", "golang-migrate", "supabase-auth", "other-changes", "view"],
)
def test_what_is_nobodys_we_know(any_database: Database, tables: LiteralString) -> None:
    any_database.run(tables)
    with initialised(any_database.dsn) as link:
        assert foreign_ledgers(link) == ()


def test_remembered_without_a_file(any_database: Database) -> None:
    any_database.run("CREATE SCHEMA x; CREATE TABLE x.schema_migrations (version varchar)")
    any_database.run("INSERT INTO x.schema_migrations VALUES ('1'), ('7'), ('8')")
    with initialised(any_database.dsn) as link:
        adoption = adopt.compare(_only(link), FILES)
        with pytest.raises(UsageError, match="2 migrations without a file of that version: 7, 8") as caught:
            adopt.adopt(link, adoption, RUN)
        assert "--without-files" in caught.value.advice
        assert _states(link) == {}
        adopt.adopt(link, adoption, RUN, without_files=True)
        assert set(_states(link)) == {"1", "7", "8"}
        assert not make_plan(FILES[:1], versions.read(link), None).blocked


# --- repair -------------------------------------------------------------------------------------


def test_accept_an_edited_file(any_database: Database) -> None:
    with initialised(any_database.dsn) as link:
        adopt.baseline(link, FILES, "1", RUN)
        edited = migration("01", "people", statements=3)
        repair.accept(link, edited, RUN)
        (row,) = versions.read(link)
        assert (row.version, row.name, row.checksum) == ("1", "people", edited.up.checksum)
        assert (row.state, row.statements_done, row.statements_total) == (VersionState.BASELINE, 3, 3)
        assert history.read(link)[0].message == f"checksum {'1' * 12} -> {edited.up.checksum}"
        with pytest.raises(UsageError, match="not in the ledger"):
            repair.accept(link, migration("2"), RUN)


def test_accept_an_edited_file_half_way(any_database: Database) -> None:
    with initialised(any_database.dsn) as link:
        versions.claim(migration("1", statements=3), RUN).on(link)
        versions.progress("1", 2).on(link)
        versions.fail("1").on(link)
        with pytest.raises(UsageError, match="has 1 statements, and 2"):
            repair.accept(link, migration("1", statements=1, transaction=False), RUN)
        with pytest.raises(UsageError, match="`-- secops: no-transaction` is gone from it"):
            repair.accept(link, migration("1", statements=5), RUN)
        repair.accept(link, migration("1", statements=5, transaction=False), RUN)
        (row,) = versions.read(link)
        assert (row.state, row.statements_done, row.statements_total) == (VersionState.FAILED, 2, 5)


def test_forget(any_database: Database) -> None:
    with initialised(any_database.dsn) as link:
        adopt.baseline(link, FILES, "2", RUN)
        repair.forget(link, "001", RUN)
        assert set(_states(link)) == {"2"}
        assert history.read(link)[0].message == f"forgotten; was baseline, checksum {'1' * 12}"
        with pytest.raises(UsageError, match="'1' is not in the ledger"):
            repair.forget(link, "1", RUN)


def test_mark_applied(any_database: Database) -> None:
    with initialised(any_database.dsn) as link:
        versions.claim(migration("1", statements=3), RUN).on(link)
        versions.progress("1", 2).on(link)
        repair.mark_applied(link, migration("1", statements=3), RUN)
        message = f"marked as applied; was running after 2 statements; checksum {'1' * 64}"
        assert history.read(link)[0].message == message
        repair.mark_applied(link, FILES[1], RUN)
        message = f"marked as applied; was pending; checksum {FILES[1].up.checksum}"
        assert history.read(link)[0].message == message
        assert _states(link) == {"1": VersionState.APPLIED, "2": VersionState.APPLIED}
        assert all(
            row.statements_done == row.statements_total and row.applied_at for row in versions.read(link)
        )
        with pytest.raises(UsageError, match="is applied already"):
            repair.mark_applied(link, FILES[1], RUN)
        assert history.verify(link).broken == ()
