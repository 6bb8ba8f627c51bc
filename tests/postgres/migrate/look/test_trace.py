"""Locks, rewrites and scans of statements, as PostgreSQL documents them, on every version that is here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from secopskit.migrate.look import trace
from secopskit.migrate.look.quiet import GRANTS_LOCK, is_grant, is_quiet
from secopskit.migrate.look.snapshot import take_snapshot
from secopskit.migrate.look.trace import Tracer, blocks, gist, strongest
from secopskit.migrate.look.trace_alone import run_alone
from secopskit.migrate.model import Statement, StatementReport
from secopskit.migrate.read.split import split
from support import postgres as support
from support.postgres import Database, Servers

SETUP = """
    CREATE TABLE parent (id int PRIMARY KEY);
    CREATE TABLE t (id bigint PRIMARY KEY, a int, b varchar(20), c text, d int NOT NULL DEFAULT 1);
    CREATE INDEX t_a ON t (a);
    CREATE TABLE checked (a int, CONSTRAINT filled CHECK (a IS NOT NULL),
                          CONSTRAINT later CHECK (a > 0) NOT VALID);
    CREATE VIEW v AS SELECT id FROM parent;
    CREATE MATERIALIZED VIEW mv AS SELECT id FROM parent;
    CREATE UNIQUE INDEX mv_id ON mv (id);
    CREATE TABLE part (id int, k int) PARTITION BY RANGE (k);
    CREATE TABLE part1 PARTITION OF part FOR VALUES FROM (0) TO (10);
    CREATE TABLE loose (id int, k int);
    CREATE SEQUENCE s;
    CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
"""
ACCESS_SHARE, ROW_SHARE, ROW_EXCLUSIVE = "AccessShare", "RowShare", "RowExclusive"
SHARE_UPDATE, SHARE, SHARE_ROW, EXCLUSIVE, ALL = (
    "ShareUpdateExclusive",
    "Share",
    "ShareRowExclusive",
    "Exclusive",
    "AccessExclusive",
)


@dataclass(frozen=True, slots=True)
class Form:
    """A statement, and what it does to the tables and views that are there (not to their indexes)."""

    text: str
    locks: dict[str, str]
    rewrites: tuple[str, ...] = ()
    scans: tuple[str, ...] = ()


T_ANEW = ("t", "t_a", "t_pkey")
IN_TRANSACTION = (
    Form("ALTER TABLE t ADD COLUMN n int", {"t": ALL}),
    Form("ALTER TABLE t ADD COLUMN n int DEFAULT 5", {"t": ALL}),
    Form("ALTER TABLE t ADD COLUMN n int NOT NULL DEFAULT 5", {"t": ALL}),
    Form("ALTER TABLE t ADD COLUMN n timestamptz DEFAULT now()", {"t": ALL}),
    Form("ALTER TABLE t ADD COLUMN n uuid DEFAULT gen_random_uuid()", {"t": ALL}, T_ANEW, ("t",)),
    Form("ALTER TABLE t ADD COLUMN n bigserial", {"t": ALL}, T_ANEW, ("t",)),
    Form("ALTER TABLE t ADD COLUMN n int GENERATED ALWAYS AS (a + 1) STORED", {"t": ALL}, T_ANEW, ("t",)),
    Form("ALTER TABLE t ALTER a TYPE bigint", {"t": ALL}, T_ANEW, ("t",)),
    Form("ALTER TABLE t ALTER b TYPE varchar(40)", {"t": ALL}),
    Form("ALTER TABLE t ALTER b TYPE text", {"t": ALL}),
    Form("ALTER TABLE t ALTER b TYPE varchar(10)", {"t": ALL}, T_ANEW, ("t",)),
    Form("ALTER TABLE t ALTER c TYPE varchar(10)", {"t": ALL}, T_ANEW, ("t",)),
    Form("ALTER TABLE t ALTER a SET NOT NULL", {"t": ALL}, (), ("t",)),
    Form("ALTER TABLE checked ALTER a SET NOT NULL", {"checked": ALL}),  # the constraint proves it
    Form("ALTER TABLE t ALTER d DROP NOT NULL", {"t": ALL}),
    Form("ALTER TABLE t ALTER d SET DEFAULT 7", {"t": ALL}),
    Form("ALTER TABLE t ALTER d DROP DEFAULT", {"t": ALL}),
    Form("ALTER TABLE t DROP COLUMN c", {"t": ALL}),
    Form("ALTER TABLE t RENAME COLUMN a TO aa", {"t": ALL}),
    Form("ALTER TABLE t RENAME TO tt", {"t": ALL}),
    Form("ALTER TABLE t ADD CONSTRAINT n CHECK (a > 1)", {"t": ALL}, (), ("t",)),
    Form("ALTER TABLE t ADD CONSTRAINT n CHECK (a > 1) NOT VALID", {"t": ALL}),
    # Reads the table, but PostgreSQL does not count it; nobody has to wait for it.
    Form("ALTER TABLE checked VALIDATE CONSTRAINT later", {"checked": SHARE_UPDATE}),
    Form(
        "ALTER TABLE t ADD CONSTRAINT n FOREIGN KEY (a) REFERENCES parent",
        {"t": SHARE_ROW, "parent": SHARE_ROW},
        (),
        ("t",),
    ),
    Form(
        "ALTER TABLE t ADD CONSTRAINT n FOREIGN KEY (a) REFERENCES parent NOT VALID",
        {"t": SHARE_ROW, "parent": SHARE_ROW},
    ),
    Form("ALTER TABLE t ADD UNIQUE (c)", {"t": ALL}, (), ("t",)),
    Form("ALTER TABLE loose ADD PRIMARY KEY (id)", {"loose": ALL}, (), ("loose",)),
    Form("ALTER TABLE t ADD EXCLUDE (a WITH =)", {"t": ALL}, (), ("t",)),
    Form("ALTER TABLE t DROP CONSTRAINT t_pkey", {"t": ALL}),
    Form("CREATE INDEX ON t (c)", {"t": SHARE}, (), ("t",)),
    Form("CREATE UNIQUE INDEX ON t (c)", {"t": SHARE}, (), ("t",)),
    Form("CREATE INDEX ON part (k)", {"part": SHARE, "part1": SHARE}, (), ("part1",)),
    Form("DROP INDEX t_a", {"t": ALL}),
    Form("ALTER INDEX t_a RENAME TO t_aa", {}),
    Form("REINDEX TABLE t", {"t": SHARE}, ("t_a", "t_pkey"), ("t",)),
    Form("REINDEX INDEX t_a", {"t": SHARE}, ("t_a",), ("t",)),
    Form("CLUSTER t USING t_a", {"t": ALL}, T_ANEW, ("t",)),
    Form("TRUNCATE t", {"t": ALL}),
    Form("TRUNCATE t, loose", {"t": ALL, "loose": ALL}),
    Form("DROP TABLE t", {"t": ALL}),
    Form("DROP TABLE parent CASCADE", {"parent": ALL, "v": ALL, "mv": ALL}),
    Form("CREATE TABLE n (id int)", {}),
    Form("CREATE TABLE n (id int REFERENCES parent)", {"parent": SHARE_ROW}),
    Form("CREATE TABLE n (LIKE t INCLUDING ALL)", {"t": ACCESS_SHARE}),
    Form("CREATE TABLE n AS SELECT * FROM t", {"t": ACCESS_SHARE}, (), ("t",)),
    Form("CREATE TRIGGER n BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f()", {"t": SHARE_ROW}),
    Form("ALTER TABLE t DISABLE TRIGGER USER", {"t": SHARE_ROW}),
    Form("CREATE RULE n AS ON INSERT TO t DO NOTHING", {"t": ALL}),
    Form("CREATE POLICY n ON t USING (true)", {"t": ALL}),
    Form("ALTER TABLE t ENABLE ROW LEVEL SECURITY", {"t": ALL}),
    Form("CREATE VIEW n AS SELECT * FROM t", {"t": ACCESS_SHARE}),
    Form("CREATE OR REPLACE VIEW v AS SELECT id FROM parent", {"v": ALL, "parent": ACCESS_SHARE}),
    Form("DROP VIEW v", {"v": ALL}),
    Form(
        "REFRESH MATERIALIZED VIEW mv",
        {"mv": ALL, "parent": ACCESS_SHARE},
        ("mv", "mv_id"),
        ("mv", "parent"),
    ),
    Form(
        "REFRESH MATERIALIZED VIEW CONCURRENTLY mv",
        {"mv": EXCLUSIVE, "parent": ACCESS_SHARE},
        (),
        ("mv", "parent"),
    ),
    Form(
        "ALTER TABLE part ATTACH PARTITION loose FOR VALUES FROM (10) TO (20)",
        {"part": SHARE_UPDATE, "loose": ALL},
        (),
        ("loose",),
    ),
    Form("ALTER TABLE part DETACH PARTITION part1", {"part": ALL, "part1": ALL}),
    Form("CREATE TABLE n PARTITION OF part FOR VALUES FROM (20) TO (30)", {"part": ALL}),
    Form("ALTER TABLE t SET (fillfactor = 70)", {"t": SHARE_UPDATE}),
    Form("ALTER TABLE t ALTER a SET STATISTICS 100", {"t": SHARE_UPDATE}),
    Form("ALTER TABLE t SET UNLOGGED", {"t": ALL}, T_ANEW, ("t",)),
    Form("ALTER TABLE t REPLICA IDENTITY FULL", {"t": ALL}),
    Form("ALTER TABLE t OWNER TO CURRENT_USER", {"t": ALL}),
    Form("CREATE STATISTICS n ON a, d FROM t", {"t": SHARE_UPDATE}),
    Form("COMMENT ON TABLE t IS 'x'", {"t": SHARE_UPDATE}),
    Form("ALTER SEQUENCE s INCREMENT 2", {"s": SHARE_ROW}),
    Form("CREATE PUBLICATION n FOR TABLE t", {"t": SHARE_UPDATE}),
    Form("CREATE TYPE n AS ENUM ('a')", {}),
    Form("ANALYZE t", {"t": SHARE_UPDATE}),
    Form("LOCK TABLE t IN EXCLUSIVE MODE", {"t": EXCLUSIVE}),
    Form("SELECT * FROM t FOR UPDATE", {"t": ROW_SHARE}, (), ("t",)),
    Form("INSERT INTO t (id) VALUES (1)", {"t": ROW_EXCLUSIVE}),
    Form("UPDATE t SET a = 1", {"t": ROW_EXCLUSIVE}, (), ("t",)),
    Form("DELETE FROM t", {"t": ROW_EXCLUSIVE}, (), ("t",)),
    Form("DO $$ BEGIN ALTER TABLE t ALTER a TYPE bigint; END $$", {"t": ALL}, T_ANEW, ("t",)),
)
ALONE = (
    Form("CREATE INDEX CONCURRENTLY n ON t (c)", {"t": SHARE_UPDATE}),
    Form("CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS n ON t (c)", {"t": SHARE_UPDATE}),
    Form("DROP INDEX CONCURRENTLY t_a", {"t": SHARE_UPDATE}),
    Form("REINDEX INDEX CONCURRENTLY t_a", {"t": SHARE_UPDATE}, ("t_a",)),
    Form("REINDEX TABLE CONCURRENTLY t", {"t": SHARE_UPDATE}, ("t_a", "t_pkey")),
    Form("ALTER TABLE part DETACH PARTITION part1 CONCURRENTLY", {"part": SHARE_UPDATE, "part1": ALL}),
    # Without that it may also cut off empty pages at the end, for a moment alone with the table.
    Form("VACUUM (TRUNCATE false) t", {"t": SHARE_UPDATE}),
    Form("VACUUM FULL t", {"t": ALL}, T_ANEW),
)


def statement(text: str) -> Statement:
    return Statement(text=text, line=1, start=0, end=len(text))


def execute(connection: psycopg.Connection[Any], what: Statement) -> int:
    return connection.execute(what.text.encode()).rowcount


def locks(report: StatementReport) -> dict[str, str]:
    found = [lock for lock in report.locks if lock.existed and lock.kind != "index"]
    assert len({lock.relation for lock in found}) == len(found)
    return {lock.relation: lock.mode.removesuffix("Lock") for lock in found}


def expect(form: Form, report: StatementReport) -> None:
    assert locks(report) == form.locks
    assert report.rewrites == form.rewrites
    if form.scans:
        assert report.scans == form.scans


@pytest.fixture(scope="module", params=support.versions() or (None,), ids=lambda version: f"pg{version}")
def prepared(request: pytest.FixtureRequest, servers: Servers) -> Iterator[Database]:
    """One database a version for all forms: what they do is rolled back."""
    database = support.create_database(servers.of(support.need_version(request.param)))
    database.run(SETUP)
    yield database
    support.drop_database(database)


@pytest.mark.parametrize("form", IN_TRANSACTION, ids=lambda form: form.text[:60])
def test_a_statement_in_a_transaction(prepared: Database, form: Form) -> None:
    with prepared.connect() as connection:
        tracer = Tracer(connection=connection, known=take_snapshot(connection).relations)
        connection.execute("BEGIN")
        tracer.begin()
        report = tracer.run(statement(form.text), partial(execute, connection))
        connection.execute("ROLLBACK")
    expect(form, report)
    assert set(report.scans) == set(form.scans)


@pytest.mark.parametrize("form", ALONE, ids=lambda form: form.text[:60])
def test_a_statement_outside_of_transactions(prepared: Database, form: Form) -> None:
    database = support.create_database(prepared.server, template=prepared.name)
    try:
        with database.connect() as connection:
            tracer = Tracer(connection=connection, known=take_snapshot(connection).relations)
            report = run_alone(tracer, statement(form.text), partial(execute, connection), database.connect)
        expect(form, report)
    finally:
        support.drop_database(database)


def test_enough_forms() -> None:
    assert len(IN_TRANSACTION) + len(ALONE) >= 40


def test_an_error_outside_of_transactions_comes_through(any_database: Database) -> None:
    any_database.run(SETUP)
    with any_database.connect() as connection:
        tracer = Tracer(connection=connection, known=take_snapshot(connection).relations)
        wrong = statement("CREATE INDEX CONCURRENTLY ON t (nowhere)")
        with pytest.raises(psycopg.errors.UndefinedColumn):
            run_alone(tracer, wrong, partial(execute, connection), any_database.connect)


def test_a_lock_taken_before_is_told_of_who_works_under_it(any_database: Database) -> None:
    any_database.run(SETUP)
    with any_database.connect() as connection:
        tracer = Tracer(connection=connection, known=take_snapshot(connection).relations, sizes={"t": 4096})
        connection.execute("BEGIN")
        tracer.begin()
        first = tracer.run(statement("ALTER TABLE t ADD n int"), partial(execute, connection))
        second = tracer.run(statement("CREATE INDEX ON t (c)"), partial(execute, connection))
        third = tracer.run(statement("CREATE INDEX ON loose (id)"), partial(execute, connection))
    assert locks(first) == locks(second) == {"t": ALL}
    assert locks(third) == {"loose": SHARE}
    assert [lock.size for lock in first.locks] == [4096]


def test_what_is_lost_renamed_or_required(database: Database) -> None:
    database.run(SETUP)
    with database.connect() as connection:
        tracer = Tracer(connection=connection, known=take_snapshot(connection).relations)

        def run(text: str) -> StatementReport:
            return tracer.run(statement(text), partial(execute, connection))

        connection.execute("BEGIN")
        tracer.begin()
        assert run("ALTER TABLE t DROP COLUMN c").drops == ("a column of t",)
        assert run("ALTER TABLE t ADD n int NOT NULL, ADD m int, ADD o int NOT NULL DEFAULT 1").required == (
            "t.n",
        )
        assert run("ALTER TABLE t DROP COLUMN n").drops == ()  # was not there before
        assert run("ALTER TABLE t RENAME TO tt").renames == ("t to tt",)
        assert run("DROP TABLE tt").drops == ("t",)
        assert run('CREATE TABLE "Odd name" (id int)').locks[0].relation == '"Odd name"'


MODES = [ACCESS_SHARE, ROW_SHARE, ROW_EXCLUSIVE, SHARE_UPDATE, SHARE, SHARE_ROW, EXCLUSIVE, ALL]


def test_which_modes_keep_which_out(any_database: Database) -> None:
    """Our table of conflicts, against PostgreSQL itself."""
    any_database.run("CREATE TABLE t ()")
    spelled = [" ".join(re.findall("[A-Z][a-z]+", mode)).upper() for mode in MODES]
    with any_database.connect() as holder, any_database.connect() as other:
        for mine, my_words in zip(MODES, spelled, strict=True):
            holder.execute("BEGIN")
            holder.execute(f"LOCK t IN {my_words} MODE".encode())
            for theirs, their_words in zip(MODES, spelled, strict=True):
                other.execute("BEGIN")
                try:
                    other.execute(f"LOCK t IN {their_words} MODE NOWAIT".encode())
                    refused = False
                except psycopg.errors.LockNotAvailable:
                    refused = True
                other.execute("ROLLBACK")
                assert refused == blocks(f"{mine}Lock", f"{theirs}Lock"), (mine, theirs)
            holder.execute("ROLLBACK")


@given(st.lists(st.sampled_from(MODES), unique=True, min_size=1))
def test_the_strongest_keep_out_as_many_as_all(modes: list[str]) -> None:
    full = [f"{mode}Lock" for mode in modes]
    kept = strongest(full)
    assert set(kept) <= set(full)
    for other in MODES:
        assert any(blocks(m, f"{other}Lock") for m in full) == any(blocks(m, f"{other}Lock") for m in kept)


PIECES = st.sampled_from(
    (
        *("SELECT ", " x ", "\\", "''", '"it\'s"', "/* /* */ it's */"),
        *(
            "'{}'",
            "E'{}\\''",
            "'it''s {}'",
            "'C:\\', '{}'",
            "$q${}$q$",
            "$${}$$",
            "-- it's {}\n",
            "/* ' {} */",
        ),
    )
)


@given(st.lists(PIECES, max_size=8))
def test_a_gist_holds_no_value(pieces: list[str]) -> None:
    canary = "Xq7Zcanary"
    assert canary not in gist("".join(pieces).replace("{}", canary), limit=10_000)


def test_a_gist_is_short() -> None:
    assert gist("ALTER  TABLE t -- why\n ADD n int") == "ALTER TABLE t ADD n int"
    assert gist("CREATE ROLE r PASSWORD 'x'") == "CREATE ROLE r PASSWORD '…'"
    assert len(gist("SELECT " + "x, " * 1000)) == 160


QUIET = """
GRANT SELECT ON t TO PUBLIC; REVOKE ALL ON t FROM PUBLIC; GRANT USAGE ON SCHEMA public TO PUBLIC;
GRANT USAGE ON SEQUENCE s TO PUBLIC; GRANT SELECT (id) ON t TO PUBLIC; COMMENT ON FUNCTION f() IS 'x';
CREATE OR REPLACE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'DECLARE r t%ROWTYPE; i t.id%TYPE;
BEGIN SELECT * INTO r FROM t; RETURN new; END'; ALTER FUNCTION f() SECURITY DEFINER; SET work_mem = '4MB';
CREATE FUNCTION g(a t) RETURNS SETOF t LANGUAGE plpgsql AS 'BEGIN RETURN QUERY SELECT * FROM t; END';
ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC; NOTIFY a; COMMENT ON SCHEMA public IS 'x'
"""
LOUD = """
COMMENT ON TABLE t IS 'x'; CREATE FUNCTION h() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM t';
CREATE POLICY p ON t USING (true); ALTER SEQUENCE s INCREMENT 2; CREATE INDEX i ON t (id)
"""


def test_statements_that_need_no_look_change_nothing_that_one_would_see(database: Database) -> None:
    database.run("CREATE TABLE t (id int); CREATE SEQUENCE s")
    database.run("CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END'")
    with database.connect(autocommit=False) as connection:
        before = take_snapshot(connection)
        for statement in split(QUIET):
            assert is_quiet(statement.text), statement.text
            connection.execute(statement.text.encode())
            after = take_snapshot(connection, last=before)
            assert after.relations is before.relations, statement.text
            locks = {mode for oid, mode in after.locks - before.locks if oid in after.relations}
            grants = is_grant(statement.text) and connection.info.server_version >= GRANTS_LOCK
            assert locks <= ({"AccessShareLock"} if grants else set()), statement.text
            before = after
        for statement in split(LOUD):
            assert not is_quiet(statement.text), statement.text


def test_a_lock_of_a_grant_is_not_taken_for_the_next_statements(database: Database) -> None:
    database.run("CREATE TABLE t (id int)")
    with database.connect(autocommit=False) as connection:
        tracer = Tracer(connection=connection, known=take_snapshot(connection).relations)
        tracer.begin()
        reports = [
            tracer.run(statement, lambda one: connection.execute(one.text.encode()).rowcount)
            for statement in split("GRANT SELECT ON t TO PUBLIC; CREATE TABLE u (id int)")
        ]
    assert {lock.relation for lock in reports[1].locks} == {"u"}


def test_what_an_event_trigger_does_is_seen_after_any_statement(any_database: Database) -> None:
    any_database.run(
        "CREATE TABLE t (id int); CREATE FUNCTION f() RETURNS event_trigger LANGUAGE plpgsql AS "
        "'BEGIN LOCK TABLE t; END'; CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION f()"
    )
    with any_database.connect(autocommit=False) as connection:
        tracer = Tracer(connection=connection, known=take_snapshot(connection).relations)
        tracer.begin()
        (grant,) = split("GRANT USAGE ON SCHEMA public TO PUBLIC")
        report = tracer.run(grant, lambda one: connection.execute(one.text.encode()).rowcount)
    assert [(lock.relation, lock.mode) for lock in report.locks] == [("t", "AccessExclusiveLock")]


def test_a_file_that_makes_very_much_is_not_looked_at_whole_each_time(
    any_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was there before is told as ever, and so is what a statement makes itself."""
    monkeypatch.setattr(trace, "_MUCH", 4)
    any_database.run("CREATE TABLE t (id int PRIMARY KEY, a int)")
    with any_database.connect() as connection:
        connection.execute("BEGIN")
        tracer = Tracer(connection=connection, known=take_snapshot(connection).relations)
        tracer.begin()
        seen: list[int] = []

        def execute(statement: Statement) -> int | None:
            seen.append(len(tracer._before.locks) if tracer._before else 0)
            return connection.execute(statement.text.encode()).rowcount

        text = "".join(f"CREATE TABLE m{number} (i int PRIMARY KEY);" for number in range(20))
        made = [tracer.run(each, execute) for each in split(text)]
        assert [{lock.relation for lock in report.locks} for report in made] == [
            {f"m{number}", f"m{number}_pkey"} for number in range(20)
        ]
        assert max(seen) < 30
        (change,) = (tracer.run(each, execute) for each in split("ALTER TABLE t ALTER a TYPE bigint"))
        assert change.rewrites == ("t", "t_pkey")
        assert {lock.relation for lock in change.locks if lock.existed} == {"t", "t_pkey"}
        tracer.begin()  # the next file
        (own,) = (tracer.run(each, execute) for each in split("ALTER TABLE m1 ALTER i TYPE bigint"))
        assert "m1" in own.rewrites
