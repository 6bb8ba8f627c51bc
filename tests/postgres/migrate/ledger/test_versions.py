"""State tables: made once, seen by their owner alone; the history shows when it was tampered with."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from typing import LiteralString

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg import sql

from secopskit.errors import RefusedError, UsageError
from secopskit.migrate.ledger import history, versions
from secopskit.migrate.ledger.history import Action, HistoryEntry, RunRecord
from secopskit.migrate.ledger.initialise import initialise, schema_text
from secopskit.migrate.ledger.lock import hold, who_holds
from secopskit.migrate.ledger.pin import survey
from secopskit.migrate.model import Directives, LockTaken, Migration, Script, Statement, VersionState
from secopskit.postgres.errors import DatabaseError
from support.links import initialised, link_to, settings_of
from support.meddler import overshadow
from support.postgres import Database

RUN = RunRecord(actor="ada", git_sha="0" * 40)
FORGED: LiteralString = (
    "UPDATE secops.migration_history SET ok = false WHERE id = 3;"
    "UPDATE secops.migration_history h SET hash = secops.history_hash(h) WHERE id = 3"
)
TABLES = ("target", "schema_migrations", "migration_history")


def migration(version: str, statements: int = 2, *, transaction: bool = True) -> Migration:
    """A migration of `statements` statements that nobody runs."""
    script = Script(
        path=f"{version}_x.sql",
        text="",
        checksum="ab" * 32,
        directives=Directives(transaction=transaction),
        statements=tuple(Statement(text="", line=n, start=0, end=0) for n in range(statements)),
    )
    return Migration(version=version, name="x", up=script)


def test_init_pins_the_database_once(database: Database) -> None:
    with link_to(database.dsn) as link:
        identity, new = initialise(link, "staging", RUN)
        again, new_again = initialise(link, "staging", RUN)
        assert (new, new_again) == (True, False)
        assert identity == again
        assert identity.environment == "staging"
        assert identity.database == database.name
        assert identity.server_version == link.info.server_version
        assert identity == survey(link).identity
        with pytest.raises(RefusedError, match="pinned as staging, not as production"):
            initialise(link, "production", RUN)
        assert [row.message for row in history.read(link)] == ["pinned as staging"]


def test_the_schema_can_run_again(any_database: Database) -> None:
    with initialised(any_database.dsn) as link:
        before = survey(link)
        link.execute(schema_text().encode())
        assert survey(link) == before


def test_ten_inits_at_once(any_database: Database) -> None:
    found: list[str] = []

    def init() -> None:
        with initialised(any_database.dsn) as link:
            identity = survey(link).identity
            found.append(identity.id if identity else "")

    threads = [threading.Thread(target=init) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(found) == 10
    assert len(set(found)) == 1
    assert any_database.query("SELECT count(*) FROM secops.target") == [(1,)]
    assert any_database.query("SELECT count(*) FROM secops.migration_history") == [(1,)]


def test_nobody_but_the_owner_sees_the_state(any_database: Database) -> None:
    """Even where default privileges grant everything to everybody, as Supabase's do in public."""
    roles = ("anon", "authenticated", "service_role")
    for role in roles:
        any_database.run(
            f"DO $$ BEGIN CREATE ROLE {role} NOLOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$;"
            f"ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO {role};"
            f"ALTER DEFAULT PRIVILEGES GRANT ALL ON SCHEMAS TO {role};"
        )
    with initialised(any_database.dsn) as link:
        for role in (*roles, "public"):
            for table in TABLES:
                row = link.execute(
                    "SELECT has_schema_privilege(r, 'secops', 'USAGE'), has_table_privilege(r, t, 'SELECT'), "
                    "has_table_privilege(r, t, 'INSERT') FROM (SELECT %s::name AS r, 'secops.' || %s AS t)",
                    (role if role != "public" else "pg_monitor", table),
                ).fetchone()
                assert row == (False, False, False), (role, table)
        secured = link.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'secops'::regnamespace AND relkind = 'r' "
            "AND relrowsecurity"
        ).fetchall()
        assert {name for (name,) in secured} == set(TABLES)


def test_another_role_is_told_instead_of_an_empty_ledger(any_database: Database) -> None:
    """Row-level security would show it no rows, and it would apply everything again."""
    with initialised(any_database.dsn):
        pass
    any_database.run(
        "DO $$ BEGIN CREATE ROLE deployer LOGIN PASSWORD 'deployer';"
        "EXCEPTION WHEN duplicate_object THEN NULL; END $$;"
        "GRANT USAGE ON SCHEMA secops TO deployer; GRANT ALL ON ALL TABLES IN SCHEMA secops TO deployer"
    )
    user, password = any_database.dsn.split("//")[1].split("@")[0].split(":")
    dsn = any_database.dsn.replace(f"{user}:{password}@", "{0}:{0}@".format("deployer"))
    with link_to(dsn) as link, pytest.raises(DatabaseError, match="belongs to another role"):
        survey(link)
    any_database.run("REVOKE ALL ON SCHEMA secops FROM deployer")
    with link_to(dsn) as link, pytest.raises(DatabaseError, match="permission denied"):
        survey(link)


def test_an_owner_without_special_rights(any_database: Database) -> None:
    any_database.run(
        "DO $$ BEGIN CREATE ROLE owner LOGIN PASSWORD 'owner'; "
        "EXCEPTION WHEN duplicate_object THEN NULL; END $$;"
        f"ALTER DATABASE {any_database.name} OWNER TO owner"
    )
    dsn = f"postgres://owner:owner@127.0.0.1:{any_database.server.port}/{any_database.name}"
    with initialised(dsn) as link, hold(settings_of(dsn), beside=link) as held:
        versions.claim(migration("1"), RUN).on(link)
        versions.finish("1").on(link)
        assert [row.state for row in versions.read(link)] == [VersionState.APPLIED]
        holder = who_holds(link)
        assert holder
        assert holder.pid == held.pid


@pytest.mark.parametrize("name", ["", "Production", "a b", "x';--", "a" * 64])
def test_names_of_environments(any_database: Database, name: str) -> None:
    with link_to(any_database.dsn) as link:
        with pytest.raises(UsageError, match="no name of an environment"):
            initialise(link, name, RUN)
        assert survey(link).pin is None


def test_a_version_from_claim_to_release(database: Database) -> None:
    with initialised(database.dsn) as link:
        with link.transaction():
            row = versions.claim(migration("1"), RUN).on(link).fetchone()
            assert row == link.execute("SELECT pg_current_xact_id()::text").fetchone()
            versions.finish("1").on(link)
        (applied,) = versions.read(link)
        assert (applied.version, applied.name, applied.checksum) == ("1", "x", "ab" * 32)
        assert (applied.state, applied.statements_done, applied.statements_total) == (
            VersionState.APPLIED,
            2,
            2,
        )
        assert applied.applied_at is not None
        assert applied.applied_at.tzinfo is not None
        assert applied.duration_ms in range(10_000)
        assert applied.run_id == RUN.id
        assert row
        assert versions.committed(link, row[0]) is True
        assert versions.release("1").on(link).rowcount == 1
        assert versions.release("1").on(link).rowcount == 0


def test_steps_of_a_file_without_a_transaction(any_database: Database) -> None:
    with initialised(any_database.dsn) as link:
        versions.claim(migration("1", 3, transaction=False), RUN).on(link)
        versions.progress("1", 1).on(link)
        versions.fail("1").on(link)
        assert [(row.state, row.statements_done) for row in versions.read(link)] == [(VersionState.FAILED, 1)]
        assert versions.resume("1", 2, RUN).on(link).rowcount == 0
        assert versions.resume("1", 1, RUN).on(link).rowcount == 1
        assert [row.state for row in versions.read(link)] == [VersionState.RUNNING]
        versions.finish("1", duration_ms=7).on(link)
        assert [(row.state, row.duration_ms) for row in versions.read(link)] == [(VersionState.APPLIED, 7)]


def test_the_fence(any_database: Database) -> None:
    with initialised(any_database.dsn) as link:
        versions.claim(migration("1"), RUN).on(link)
        with pytest.raises(psycopg.errors.UniqueViolation) as caught:
            versions.claim(migration("1"), RUN).on(link)
        assert versions.lost_the_race(caught.value)
        link.execute("CREATE TABLE t (i int PRIMARY KEY); INSERT INTO t VALUES (1)")
        with pytest.raises(psycopg.errors.UniqueViolation) as other:
            link.execute("INSERT INTO t VALUES (1)")
        assert not versions.lost_the_race(other.value)


def test_the_fate_of_a_transaction(any_database: Database) -> None:
    with initialised(any_database.dsn) as link, link_to(any_database.dsn) as other:
        link.execute("BEGIN")
        row = versions.claim(migration("1"), RUN).on(link).fetchone()
        assert row
        assert versions.committed(other, row[0]) is None
        link.execute("ROLLBACK")
        assert versions.committed(other, row[0]) is False
        with pytest.raises(DatabaseError):
            versions.committed(other, str(10**15))


def test_the_history_keeps_what_was_said(database: Database) -> None:
    lock = LockTaken(relation="public.orders", mode="AccessExclusiveLock", existed=True)
    with initialised(database.dsn) as link:
        entry = HistoryEntry(action=Action.UP, version="1", message="a\0b", duration_ms=5, locks=[lock])
        history.append(RUN, entry).on(link)
        failed = HistoryEntry(action=Action.UP, ok=False, version="2", sqlstate="42P01", message="m" * 9999)
        history.append(RUN, failed).on(link)
        newest, older, first = history.read(link)
        assert (newest.ok, newest.sqlstate, len(newest.message)) == (False, "42P01", 4000)
        assert (older.message, older.duration_ms, older.locks) == ("ab", 5, (lock,))
        assert (older.actor, older.git_sha, older.run_id) == ("ada", "0" * 40, RUN.id)
        assert first.action == "init"
        assert [row.id for row in (first, older, newest)] == [1, 2, 3]
        assert history.read(link, version="1") == (older,)
        assert history.read(link, limit=1) == (newest,)
        chain = history.verify(link, head=older.hash)
        assert (chain.rows, chain.broken, chain.head) == (3, (), newest.hash)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE secops.migration_history SET ok = true",
        "DELETE FROM secops.migration_history",
        "TRUNCATE secops.migration_history",
        "UPDATE secops.migration_history SET ok = true WHERE false",
    ],
)
def test_the_history_is_append_only(any_database: Database, statement: LiteralString) -> None:
    with initialised(any_database.dsn) as link:
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
            link.execute(statement)
        assert history.verify(link).rows == 1


@pytest.mark.parametrize(
    ("statement", "complaint"),
    [
        ("UPDATE secops.migration_history SET message = 'other' WHERE id = 2", "row 2 was changed"),
        ("UPDATE secops.migration_history SET at = at + interval '1 us' WHERE id = 2", "row 2 was changed"),
        ("UPDATE secops.migration_history SET actor = '' WHERE id = 2", "row 2 was changed"),
        ("DELETE FROM secops.migration_history WHERE id = 2", "rows are missing"),
        ("DELETE FROM secops.migration_history WHERE id = 1", "rows are missing"),
        ("DELETE FROM secops.migration_history WHERE id = 4", "newest rows were removed"),
        (
            "UPDATE secops.migration_history h SET ok = false, hash = secops.history_hash(h) WHERE id = 3",
            "row 3 was changed",
        ),
        (FORGED, "row 4 does not follow"),
    ],
)
def test_who_goes_round_the_triggers_is_found_out(
    any_database: Database, statement: LiteralString, complaint: str
) -> None:
    with initialised(any_database.dsn) as link:
        for number in range(3):
            history.append(RUN, HistoryEntry(action=Action.UP, version=str(number), message="m")).on(link)
        head = history.read(link)[0].hash
        link.execute("SET session_replication_role = replica")
        link.execute(statement.encode())
        link.execute("RESET session_replication_role")
        broken = history.verify(link, head=head).broken
        assert any(complaint in sentence for sentence in broken), broken


def test_the_chain_has_one_end_for_all(any_database: Database) -> None:
    """Rows appended at once from many connections, some rolled back, are still one chain."""
    with initialised(any_database.dsn) as link:

        def work(number: int) -> None:
            with link_to(any_database.dsn) as mine:
                for turn in range(10):
                    mine.execute("BEGIN")
                    history.append(
                        RunRecord(), HistoryEntry(action=Action.API, message=f"{number}.{turn}")
                    ).on(mine)
                    mine.execute("ROLLBACK" if turn % 3 == 0 else "COMMIT")

        threads = [threading.Thread(target=work, args=(number,)) for number in range(5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        chain = history.verify(link)
        assert (chain.rows, chain.broken) == (1 + 5 * 6, ())


def test_any_text_hashes_alike_here_and_there(any_database: Database) -> None:
    text = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=30)
    with initialised(any_database.dsn) as link:

        @settings(max_examples=60)
        @given(message=text, version=st.none() | text, actor=text, ok=st.booleans())
        def check(message: str, version: str | None, actor: str, ok: bool) -> None:
            entry = HistoryEntry(action=Action.UP, ok=ok, version=version, message=message)
            history.append(RunRecord(actor=actor), entry).on(link)

        check()
        chain = history.verify(link)
        assert chain.rows > 20
        assert chain.broken == ()


def test_a_dry_run_is_remembered_for_its_plan_and_a_time(any_database: Database) -> None:
    with initialised(any_database.dsn) as link:
        hour = timedelta(hours=1)
        history.append(RUN, HistoryEntry(action=Action.DRY_RUN, plan_hash="a")).on(link)
        history.append(RUN, HistoryEntry(action=Action.DRY_RUN, plan_hash="b", ok=False)).on(link)
        history.append(RUN, HistoryEntry(action=Action.UP, plan_hash="c")).on(link)
        assert history.rehearsed_at(link, "a", hour) == history.read(link)[2].at
        assert history.rehearsed_at(link, "a", timedelta(0)) is None
        assert history.rehearsed_at(link, "b", hour) is None
        assert history.rehearsed_at(link, "c", hour) is None


def test_a_database_of_any_encoding_and_settings(any_database: Database) -> None:
    """What roles and databases may set by default must not change what is stored and hashed."""
    name = sql.Identifier(any_database.name)
    with any_database.connect() as plain:
        for setting in ("DateStyle = 'German'", "TimeZone = 'Asia/Kathmandu'", "extra_float_digits = 0"):
            plain.execute(sql.SQL("ALTER DATABASE {} SET ").format(name) + sql.SQL(setting))
        plain.execute(sql.SQL("ALTER DATABASE {} SET standard_conforming_strings = off").format(name))
        plain.execute(sql.SQL("ALTER DATABASE {} SET search_path = ''").format(name))
    with initialised(any_database.dsn) as link:
        history.append(RUN, HistoryEntry(action=Action.UP, message="back\\slash 'quote'")).on(link)
        chain = history.verify(link)
        assert (chain.rows, chain.broken) == (2, ())
        versions.claim(migration("1"), RUN).on(link)
        versions.finish("1").on(link)
        assert versions.read(link)[0].applied_at is not None
        assert history.rehearsed_at(link, "a", timedelta(days=40)) is None
        assert history.read(link)[0].message == "back\\slash 'quote'"


def test_nothing_of_public_is_called(database: Database) -> None:
    with initialised(database.dsn):
        pass
    overshadow(database)
    one = replace(migration("1"), down=migration("1").up)
    with link_to(database.dsn) as link:
        row = versions.claim(one, RUN).on(link).fetchone()
        assert row
        assert versions.committed(link, row[0])
        for command in (
            *(versions.progress("1", 1), versions.fail("1"), versions.resume("1", 1, RUN)),
            *(versions.finish("1"), versions.undo(one, 0, RUN), versions.undo(one, 0, RUN)),
            *(versions.mark("1", one, RUN), versions.accept("1", "a", "0" * 64, done=1, total=1)),
            *(versions.move("1", "2", "b"), versions.release("2")),
        ):
            assert command.on(link).rowcount == 1, command.text
