"""Schema drift: a database held against what its files make."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from secopskit.cli.boundary import run
from secopskit.migrate.look.catalog import KINDS, Definition, Description, SchemaObject, Scope, describe
from secopskit.migrate.look.drift import Difference, DriftKind, compare
from secopskit.migrate.shadow import binaries
from secopskit.migrate.shadow.extensions import Extensions
from secopskit.migrate.shadow.server import start
from support.cli import Outcome
from support.postgres import Database, need_version, versions

SCHEMA = """
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE SCHEMA app;
CREATE TYPE app.mood AS ENUM ('sad', 'In Between');
CREATE DOMAIN app.positive AS int DEFAULT 1 CHECK (VALUE > 0);
CREATE TYPE pair AS (a int, b text);
CREATE TYPE span AS RANGE (subtype = int);
CREATE TABLE plain (n varchar(20));
CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    note varchar(20) NOT NULL DEFAULT 'new', total app.positive, mood app.mood,
    twice bigint GENERATED ALWAYS AS (id * 2) STORED,
    CONSTRAINT low CHECK (total < 1000));
CREATE TABLE app.parts (day date, number serial, orders_id bigint REFERENCES orders) PARTITION BY RANGE (day);
CREATE TABLE app.parts_2026 PARTITION OF app.parts FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE INDEX orders_note ON orders (note) WHERE total > 5;
CREATE VIEW totals WITH (security_invoker = true) AS SELECT sum(total) FROM orders;
CREATE MATERIALIZED VIEW notes AS SELECT note FROM orders;
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE FUNCTION plus(a int, b app.positive) RETURNS int LANGUAGE sql RETURN a + b;
CREATE AGGREGATE all_of(int) (sfunc = int4pl, stype = int, initcond = '0');
CREATE TRIGGER touched BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION touch('x');
CREATE RULE quiet AS ON DELETE TO orders DO INSTEAD NOTHING;
CREATE SEQUENCE counter INCREMENT 5;
ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
CREATE POLICY mine ON orders FOR SELECT USING (note = current_user);
GRANT SELECT ON orders TO public;
"""
# What a change makes of it; the objects are as they are told.
CHANGES = [
    ("CREATE SCHEMA more; CREATE TABLE more.t (id int)", "extra schema more"),
    ("DROP EXTENSION pg_trgm", "missing extension pg_trgm"),
    ("ALTER TYPE app.mood ADD VALUE 'glad'", "changed type app.mood"),
    ("ALTER DOMAIN app.positive DROP DEFAULT", "changed type app.positive"),
    ("ALTER TYPE pair ADD ATTRIBUTE c int", "changed type pair"),
    ("DROP TYPE span", "missing type span"),
    ("CREATE TABLE scratch (id serial PRIMARY KEY, n int UNIQUE)", "extra table scratch"),
    ("ALTER TABLE plain SET UNLOGGED", "changed table plain"),
    ("ALTER TABLE orders DISABLE ROW LEVEL SECURITY", "changed table orders"),
    ("ALTER TABLE app.parts DETACH PARTITION app.parts_2026", "changed table app.parts_2026"),
    ("ALTER TABLE orders ADD seen date", "extra column seen of orders"),
    ("ALTER TABLE orders ALTER note DROP NOT NULL", "changed column note of orders"),
    ("ALTER TABLE orders ALTER note SET DEFAULT 'old'", "changed column note of orders"),
    ("ALTER TABLE plain ALTER n TYPE varchar(30)", "changed column n of plain"),
    ("ALTER TABLE orders DROP CONSTRAINT low", "missing constraint low of orders"),
    ("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'orders_note'::regclass",
     "changed index orders_note of orders"),
    ("DROP INDEX orders_note", "missing index orders_note of orders"),
    ("CREATE OR REPLACE VIEW totals AS SELECT sum(total) FROM orders", "changed view totals"),
    ("REFRESH MATERIALIZED VIEW notes; INSERT INTO orders (note) VALUES ('a'); ANALYZE", ""),
    ("DROP MATERIALIZED VIEW notes", "missing view notes"),
    ("CREATE OR REPLACE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$",
     "changed function touch()"),
    ("DROP FUNCTION plus", "missing function plus(integer, app.positive)"),
    ("DROP AGGREGATE all_of(int)", "missing function all_of(integer)"),
    ("ALTER TABLE orders DISABLE TRIGGER touched", "changed trigger touched of orders"),
    ("DROP RULE quiet ON orders", "missing rule quiet of orders"),
    ("ALTER SEQUENCE counter INCREMENT 6", "changed sequence counter"),
    ("SELECT nextval('counter')", ""),
    ("ALTER POLICY mine ON orders USING (true)", "changed policy mine of orders"),
    ("GRANT INSERT ON orders TO public", "changed grants on orders to public"),
    ("GRANT USAGE ON SCHEMA app TO public", "extra grants on schema app to public"),
    ("REVOKE ALL ON FUNCTION touch FROM public", "missing grants on touch() to public"),
    ("CREATE EVENT TRIGGER watch ON ddl_command_end EXECUTE FUNCTION loud()", "extra event trigger watch"),
]  # fmt: skip


def told(differences: tuple[Difference, ...]) -> list[str]:
    return [f"{item.kind.name.lower()} {item.thing}" for item in differences]


def test_each_change_is_told_alone(database: Database) -> None:
    """Of a database before and after each change."""
    database.run(SCHEMA)
    database.run("CREATE FUNCTION loud() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN END $$")
    scope = Scope(roles=(database.server.user,))
    with database.connect() as connection:
        before = describe(connection, scope)
        assert {thing.kind for thing in before.things} == set(KINDS) - {"event trigger"}
        assert compare(before, before) == ()
        for change, expected in CHANGES:
            connection.execute(change.encode())
            after = describe(connection, scope)
            assert told(compare(before, after)) == [expected] * bool(expected), change
            before = after


def test_reading_changes_nothing_and_waits_not_long(any_database: Database) -> None:
    any_database.run("CREATE TABLE t (id int)")
    with any_database.connect() as connection:
        connection.execute("SET default_transaction_read_only = off")
        describe(connection, Scope())
        assert connection.execute("SHOW search_path").fetchone() == ('"$user", public',)
        assert connection.execute("SHOW transaction_read_only").fetchone() == ("off",)


def description(
    *things: SchemaObject, left_out: tuple[SchemaObject, ...] = (), text: str = "x"
) -> Description:
    made = {thing: Definition.of(thing.kind, text) for thing in things}
    return Description(things=made, left_out=frozenset(left_out))


def test_the_whole_stands_for_its_parts() -> None:
    table = SchemaObject("table", "app.t", "", "app")
    column = SchemaObject("column", "id", "app.t", "app")
    schema = SchemaObject("schema", "app")
    assert told(compare(description(schema), description(schema, table, column))) == ["extra table app.t"]
    assert told(compare(description(schema, table, column), description())) == ["missing schema app"]
    assert told(compare(description(table, column), description(table))) == ["missing column id of app.t"]
    # What stands in for an extension is none of the files' doing.
    assert compare(description(table, column), description(left_out=(table,))) == ()
    assert compare(description(table, column), description(left_out=(schema,))) == ()


def test_no_value_is_shown_and_each_counts() -> None:
    column = SchemaObject("column", "key", "t", "public")
    (item,) = compare(
        description(column, text="text default 'canary-1'::text"),
        description(column, text="text default 'canary-2'::text"),
    )
    assert item.kind is DriftKind.CHANGED
    assert item.expected == item.found == "text default '…'::text"
    body = SchemaObject("function", "f()", "", "public")
    shown = repr(compare(description(body, text="canary $$ x"), description(body, text="canary $$ y")))
    assert "canary" not in shown


# --- The command ------------------------------------------------------------------------------------

Secops = Callable[..., Outcome]
FILES = {
    "003_all.sql": SCHEMA,
    "004_index.sql": "-- secops: no-transaction\nCREATE INDEX CONCURRENTLY orders_total ON orders (total);",
    "005_pending.sql": "CREATE TABLE later (id int);",
}


@pytest.fixture(scope="module")
def spare() -> Iterator[str]:
    """The URL of a server of the newest version that is nobody's target, for shadows that cost little."""
    server = start(binaries.find(prefer=need_version(max(versions(), default=None))))
    yield server.dsn()
    server.stop()


@pytest.fixture
def secops(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Secops:
    """`secops migrate` in this process, in a directory with FILES."""
    for name in ("SHADOW_DATABASE_URL", "GITHUB_STEP_SUMMARY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.chdir(tmp_path)
    write(tmp_path, FILES)

    def call(*arguments: str) -> Outcome:
        capfd.readouterr()
        code = run(["migrate", *arguments])
        out, err = capfd.readouterr()
        return Outcome(int(code), out, err)

    return call


@pytest.fixture
def migrate(secops: Secops, any_database: Database, spare: str, monkeypatch: pytest.MonkeyPatch) -> Secops:
    """The same, for an empty database, with a server for shadows."""
    monkeypatch.setenv("DATABASE_URL", any_database.dsn)
    monkeypatch.setenv("SHADOW_DATABASE_URL", spare)
    return secops


def write(root: Path, files: dict[str, str]) -> None:
    (root / "migrations").mkdir(exist_ok=True)
    for name, text in files.items():
        (root / "migrations" / name).write_text(text)


def document(outcome: Outcome) -> Any:
    return json.loads(outcome.out)


def test_drift_is_found(secops: Secops, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a shadow of our own, of the same version."""
    monkeypatch.setenv("DATABASE_URL", database.dsn)
    assert secops("init", "--yes").code == 0
    up = secops("up", "--yes", "--to", "004")
    assert up.code == 0, up.err
    clean = secops("verify", "--schema")
    assert (clean.code, clean.err) == (0, ""), clean.out
    assert "schema: as the files make it" in clean.out
    database.run("ALTER TABLE orders ALTER note SET DEFAULT 'canary'; GRANT UPDATE ON orders TO public")
    assert secops("verify").code == 0
    drifted = secops("verify", "--schema")
    assert drifted.code == 1
    assert "! different: column note of orders (character varying(20) not null default" in drifted.out
    assert "with other values" in drifted.out
    assert "(select, update; by the files select)" in drifted.out
    assert "schema: 2 differences" in drifted.out
    assert "canary" not in drifted.out
    schema = document(secops("verify", "--schema", "--json", "--without", "grants"))["schema"]
    assert [
        (item["difference"], item["kind"], item["name"], item["of"]) for item in schema["differences"]
    ] == [("changed", "column", "note", "orders")]
    assert schema["server_version"] == database.server.version
    assert secops("verify", "--schema", "--without", "moods").code == 2


def test_an_adopted_database(migrate: Secops, any_database: Database, tmp_path: Path) -> None:
    """Its past is compared where files tell it, and asked for where none does."""
    past = "CREATE TABLE legacy (id int);"
    any_database.run(
        past + "CREATE TABLE schema_migrations (version varchar PRIMARY KEY);"
        "INSERT INTO schema_migrations VALUES ('001'), ('002')"
    )
    migrate("init", "--yes")
    adopted = migrate("baseline", "--from", "dbmate", "--without-files", "--yes")
    assert adopted.code == 0, adopted.err
    assert migrate("up", "--yes", "--to", "003").code == 0
    refused = migrate("verify", "--schema")
    assert refused.code == 5
    assert "no file says what 002 made" in refused.err
    assert "pg_dump --schema-only" in refused.err
    write(tmp_path, {"002_past.sql": past})
    clean = migrate("verify", "--schema")
    assert clean.code == 0, clean.out + clean.err
    assert "note: adopted up to 002: what differs may be older than the files" in clean.err
    any_database.run("ALTER TABLE legacy ADD more int")
    found = migrate("verify", "--schema")
    assert found.code == 1
    assert found.out.count("! ") == 1
    assert "! only in the database: column more of legacy (integer)" in found.out


def test_files_that_do_not_tell(migrate: Secops, tmp_path: Path) -> None:
    write(
        tmp_path, {"003_all.sql": "CREATE TABLE IF NOT EXISTS t (id int); SELECT 1 / (1 - count(*)) FROM t"}
    )
    (tmp_path / "migrations" / "004_index.sql").unlink()
    migrate("init", "--yes")
    migrate("repair", "--mark-applied", "003", "--yes")
    assert migrate("verify", "--schema").code == 1
    write(tmp_path, {"003_all.sql": "SELECT 1"})
    unclear = migrate("verify", "--schema", "--json")
    assert unclear.code == 1
    assert document(unclear)["schema"] is None
    write(tmp_path, {"003_all.sql": "SELECT 1;\nSELECT 1 / 0;"})
    migrate("repair", "--accept", "003", "--yes")
    failed = migrate("verify", "--schema")
    assert failed.code == 3
    assert "on an empty database, migrations/003_all.sql:2: division by zero" in failed.err


def test_a_supabase_project(migrate: Secops, any_database: Database, tmp_path: Path) -> None:
    """What the platform keeps for itself is left out; what a project does there is not."""
    any_database.run(
        "CREATE SCHEMA auth; CREATE SCHEMA extensions; CREATE TABLE auth.users (id uuid PRIMARY KEY, x int);"
        "CREATE FUNCTION auth.uid() RETURNS uuid LANGUAGE sql AS 'SELECT NULL::uuid';"
        "CREATE EXTENSION pg_trgm SCHEMA extensions;"
        f"ALTER DATABASE {any_database.name} SET search_path = public, extensions"
    )
    for name in ("004_index.sql", "005_pending.sql"):
        (tmp_path / "migrations" / name).unlink()
    write(
        tmp_path,
        {
            "003_all.sql": "CREATE EXTENSION IF NOT EXISTS pg_trgm;"
            "CREATE TABLE near (far real DEFAULT similarity('a', 'b'));"
            "CREATE TABLE notes (id uuid DEFAULT auth.uid(), owner uuid REFERENCES auth.users);"
            "CREATE FUNCTION hello() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';"
            "CREATE TRIGGER hello AFTER INSERT ON auth.users EXECUTE FUNCTION hello();"
        },
    )
    migrate("init", "--yes")
    up = migrate("up", "--yes", "--to", "003")
    assert up.code == 0, up.err
    grants = ("--without", "grants")  # of the platform's defaults, which this is too little of
    clean = migrate("verify", "--schema", *grants)
    assert clean.code == 0, clean.out + clean.err
    any_database.run("DROP TRIGGER hello ON auth.users; ALTER TABLE auth.users ADD y int")
    found = migrate("verify", "--schema", *grants)
    assert found.code == 1
    assert found.out.count("! ") == 1
    assert "! only in the files: trigger hello of auth.users" in found.out


def test_what_stands_in_for_an_extension_is_no_drift(
    secops: Secops, database: Database, spare: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The shadow's server may lack what the target's has."""
    if not database.query("SELECT name FROM pg_available_extensions WHERE name = 'uuid-ossp'"):
        pytest.skip("this PostgreSQL came without uuid-ossp")
    monkeypatch.setenv("DATABASE_URL", database.dsn)
    monkeypatch.setenv("SHADOW_DATABASE_URL", spare)
    for name in FILES:
        (tmp_path / "migrations" / name).unlink()
    write(
        tmp_path,
        {"1_all.sql": 'CREATE EXTENSION "uuid-ossp"; CREATE TABLE t (id uuid DEFAULT uuid_generate_v4());'},
    )
    secops("init", "--yes")
    assert secops("up", "--yes").code == 0
    clean = secops("verify", "--schema")
    assert clean.code == 0, clean.out + clean.err


def test_what_a_stand_in_does_not_know_is_no_drift(
    migrate: Secops, any_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Options of an index that only the extension itself understands."""
    if not any_database.query("SELECT name FROM pg_available_extensions WHERE name = 'vector'"):
        pytest.skip("this PostgreSQL came without pgvector")
    for name in FILES:
        (tmp_path / "migrations" / name).unlink()
    write(
        tmp_path,
        {
            "1_all.sql": "CREATE EXTENSION vector; CREATE TABLE t (v vector(3) NOT NULL DEFAULT '[1,2,3]');"
            "CREATE INDEX near ON t USING hnsw (v vector_l2_ops) WITH (m = 5);"
        },
    )
    migrate("init", "--yes")
    assert migrate("up", "--yes").code == 0
    monkeypatch.setattr(Extensions, "_available", lambda *_: None)
    clean = migrate("verify", "--schema")
    assert clean.code == 0, clean.out + clean.err
    assert "stand-ins in its place" in clean.out + clean.err
    any_database.run("ALTER TABLE t ALTER v DROP DEFAULT")
    assert migrate("verify", "--schema").code == 1
