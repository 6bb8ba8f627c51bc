"""Dry runs: on a shadow that stands where the target stands, and on the target itself."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from secopskit.errors import SecopsError
from secopskit.migrate.apply.progress import RunEvent, StepDone
from secopskit.migrate.look.dryrun import DryRun, DryRunOptions, on_shadow, on_target
from secopskit.migrate.model import Direction, Migration, MigrationPlan, MigrationStep
from secopskit.migrate.read.files import load_migrations
from secopskit.migrate.read.split import split
from secopskit.migrate.shadow import binaries, dump
from secopskit.migrate.shadow.database import ShadowOptions
from secopskit.migrate.shadow.server import start
from secopskit.secret import SecretValue
from support.postgres import Database, need_version, versions

Files = Callable[[dict[str, str]], tuple[Migration, ...]]
# Mostly empty pages: a table of some size is quickly made.
FIRST = "CREATE TABLE orders (id bigint PRIMARY KEY, note varchar(20), total int) WITH (fillfactor = 10)"
ROWS = 20_000


@pytest.fixture
def files(tmp_path: Path) -> Files:
    """Write migration files and load them."""

    def write(texts: dict[str, str]) -> tuple[Migration, ...]:
        for name, text in texts.items():
            (tmp_path / name).write_text(text)
        loaded = load_migrations(str(tmp_path))
        assert not loaded.problems
        return loaded.migrations

    return write


@pytest.fixture(scope="module")
def spare() -> Iterator[DryRunOptions]:
    """A server that is nobody's target, where a shadow costs next to nothing."""
    version = need_version(max(versions(), default=None))
    server = start(binaries.find(prefer=version))
    yield DryRunOptions(shadow=ShadowOptions(url=SecretValue(server.dsn().encode())))
    server.stop()


def plan_of(*migrations: Migration) -> MigrationPlan:
    steps = tuple(MigrationStep(migration=migration) for migration in migrations)
    return MigrationPlan(steps=steps, problems=(), applied=0, hash="0" * 64)


def rules(run: DryRun) -> set[str]:
    return {hazard.rule for hazard in run.hazards}


def snapshot(database: Database) -> list[tuple[Any, ...]]:
    return database.query(
        "SELECT c.oid, relname, relfilenode, relnatts, n.nspname FROM pg_class c"
        " JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname !~ '^pg_' ORDER BY 1"
    )


def fill(database: Database) -> Database:
    database.run(FIRST)
    database.run(f"INSERT INTO orders SELECT i, 'a note', i FROM generate_series(1, {ROWS}) i; ANALYZE")
    return database


@pytest.fixture
def filled(any_database: Database) -> Database:
    """A target with a table of some size."""
    return fill(any_database)


def test_a_plan_on_a_copy_of_the_target(database: Database, files: Files) -> None:
    filled = fill(database)
    first, second, third = files(
        {
            "1_first.sql": FIRST,
            "2_second.sql": "ALTER TABLE orders ALTER total TYPE bigint;\n"
            "ALTER TABLE orders ALTER note TYPE text;",
            "3_third.sql": "-- secops: no-transaction\nCREATE INDEX CONCURRENTLY ON orders (total);",
        }
    )
    before = snapshot(filled)
    told: list[RunEvent] = []
    with filled.connect() as target:
        run = on_shadow(plan_of(second, third), target=target, before=[first], tell=told.append)
    assert snapshot(filled) == before
    assert run.ok, run.failure
    assert (run.where, run.copied, run.version) == ("shadow", "pg_dump", filled.server.version)
    assert run.notes == ()
    rewrite, cheap = run.steps[0].statements
    assert rewrite.rewrites == ("orders", "orders_pkey")
    assert [
        (lock.relation, lock.mode) for lock in rewrite.locks if lock.kind == "table" and lock.existed
    ] == [("orders", "AccessExclusiveLock")]
    assert rewrite.locks[0].size
    assert rewrite.locks[0].size > 8_000_000
    assert cheap.rewrites == cheap.scans == ()
    (index,) = run.steps[1].statements
    assert [lock.mode for lock in index.locks if lock.existed] == ["ShareUpdateExclusiveLock"]
    assert rules(run) == {"rewrite"}
    assert [isinstance(event, StepDone) for event in told] == [False, True, False, True]


def test_where_there_is_no_pg_dump_the_files_are_run_again(
    filled: Database, files: Files, spare: DryRunOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(version: int) -> str:
        raise dump.NoDumpError(f"no pg_dump for PostgreSQL {version}")

    monkeypatch.setattr(dump, "_program", none)
    first, second = files({"1_first.sql": FIRST, "2_second.sql": "CREATE INDEX ON orders (total)"})
    with filled.connect() as target:
        run = on_shadow(plan_of(second), target=target, before=[first], options=spare)
        assert run.copied == "replay"
        assert "no pg_dump for PostgreSQL" in run.notes[0]
        assert rules(run) == {"index-not-concurrent"}


def test_files_that_cannot_be_run_again_are_named(files: Files, spare: DryRunOptions) -> None:
    first, second = files({"1_first.sql": "SELECT nothing_like_it()", "2_second.sql": "SELECT 1"})
    with pytest.raises(SecopsError, match=r"1_first\.sql: fails when run again"):
        on_shadow(plan_of(second), before=[first], options=spare)


def test_an_empty_target_knows_no_hazard(files: Files, spare: DryRunOptions) -> None:
    migrations = files(
        {
            "1_a.sql": FIRST,
            "2_b.sql": "ALTER TABLE orders ALTER total TYPE bigint; CREATE INDEX ON orders (total)",
        }
    )
    run = on_shadow(plan_of(*migrations), options=spare)
    assert run.ok
    assert run.hazards == ()
    assert (run.copied, run.target_version) == ("nothing", None)


def test_a_failure_is_told_with_its_place_and_stops(files: Files, spare: DryRunOptions) -> None:
    migrations = files(
        {
            "1_a.sql": FIRST
            + ";\n\nINSERT INTO orders VALUES (1, 'canary', 1);\nSELECT\n  wrong\n  FROM orders",
            "2_b.sql": "CREATE TABLE never (id int)",
        }
    )
    run = on_shadow(plan_of(*migrations), options=spare)
    assert not run.ok
    assert run.failure
    assert (run.failure.line, run.failure.sqlstate) == (5, "42703")
    assert len(run.steps) == 1
    assert len(run.steps[0].statements) == 2
    assert "canary" not in repr(run.steps[0].statements) + str(run.failure)


@pytest.mark.parametrize(
    ("text", "sqlstate"),
    [("CREATE TYPE m AS ENUM ('a');\nVACUUM", "25001"), ("DO $$ BEGIN COMMIT; END $$", "2D000")],
)
def test_what_needs_no_transaction_is_told_so(
    files: Files, spare: DryRunOptions, text: str, sqlstate: str
) -> None:
    (migration,) = files({"1_a.sql": "DO 'BEGIN END'"})
    # The loader refuses some of these before they are tried.
    migration = replace(migration, up=replace(migration.up, statements=split(text)))
    run = on_shadow(plan_of(migration), options=spare)
    assert run.failure
    assert run.failure.sqlstate == sqlstate
    assert "no-transaction" in run.failure.advice


def test_what_a_superuser_may_is_told_so(files: Files) -> None:
    (migration,) = files({"1_a.sql": "CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION now()"})
    run = on_shadow(plan_of(migration))
    assert run.failure
    assert run.failure.sqlstate == "42501"
    assert "--shadow-superuser" in run.failure.advice


def test_a_constraint_that_is_checked_at_the_end(files: Files, spare: DryRunOptions) -> None:
    migrations = files(
        {
            "1_a.sql": "CREATE TABLE p (id int PRIMARY KEY);\n"
            "CREATE TABLE c (id int REFERENCES p DEFERRABLE INITIALLY DEFERRED);\nINSERT INTO c VALUES (1)"
        }
    )
    run = on_shadow(plan_of(*migrations), options=spare)
    assert run.failure
    assert (run.failure.sqlstate, run.failure.line) == ("23503", None)


def test_files_without_a_transaction(files: Files, spare: DryRunOptions) -> None:
    migrations = files(
        {
            "1_a.sql": "CREATE TABLE t (id int);\nCOPY t FROM stdin;\n1\n2\n\\.\n",
            "2_b.sql": "-- secops: no-transaction\nCREATE INDEX CONCURRENTLY i ON t (id);\n"
            "ALTER TABLE t ADD n int;\nVACUUM t;\nDROP INDEX CONCURRENTLY i;",
        }
    )
    run = on_shadow(plan_of(*migrations), options=spare)
    assert run.ok, run.failure
    assert run.steps[0].statements[1].rows == 2
    assert [report.line for report in run.steps[1].statements] == [2, 3, 4, 5]


def test_settings_of_a_file_end_with_it(files: Files, spare: DryRunOptions) -> None:
    migrations = files(
        {
            "1_dump.sql": "SELECT pg_catalog.set_config('search_path', '', false);\n"
            "CREATE ROLE somebody_else; SET ROLE somebody_else;",
            "2_next.sql": "CREATE TABLE t (id int); DROP ROLE somebody_else;",
        }
    )
    run = on_shadow(plan_of(*migrations), options=spare)
    assert run.ok, run.failure


def test_a_supabase_project_without_its_database(files: Files, spare: DryRunOptions) -> None:
    migrations = files(
        {
            "1_a.sql": "CREATE TABLE notes (id int, owner uuid REFERENCES auth.users DEFAULT auth.uid());\n"
            "CREATE TABLE safe (id int);\nALTER TABLE safe ENABLE ROW LEVEL SECURITY;\n"
            "CREATE POLICY p ON safe TO authenticated USING (true);\n"
            "CREATE VIEW open AS SELECT * FROM notes;\n"
            "CREATE VIEW closed WITH (security_invoker = true) AS SELECT * FROM notes;",
        }
    )
    run = on_shadow(plan_of(*migrations), options=spare)
    assert run.ok, run.failure
    assert [(hazard.rule, hazard.relation, hazard.line) for hazard in run.hazards] == [
        ("rls-missing", "notes", 1),
        ("view-bypasses-rls", "open", 5),
    ]


def test_publications_the_path_and_what_the_target_cannot_have(any_database: Database, files: Files) -> None:
    any_database.run(
        "CREATE SCHEMA app; CREATE TABLE app.t (id int); CREATE PUBLICATION live;"
        " CREATE PUBLICATION whole FOR ALL TABLES;"
        f" ALTER DATABASE {any_database.name} SET search_path = app, public"
    )
    migrations = files(
        {
            "1_a.sql": "CREATE TABLE n (id int PRIMARY KEY);\nALTER PUBLICATION live ADD TABLE app.n, t;",
            "2_b.sql": "CREATE EXTENSION hypopg;\nCREATE EXTENSION IF NOT EXISTS no_such_thing;",
        }
    )
    with any_database.connect() as target:
        run = on_shadow(plan_of(*migrations), target=target)
    assert run.ok, run.failure
    assert not [note for note in run.notes if "not copied" in note]
    told = [(hazard.rule, hazard.version, hazard.line) for hazard in run.hazards]
    assert ("extension-missing", "2", 2) in told


def test_extensions_are_created_or_stood_in_for(files: Files) -> None:
    names = ["pgcrypto", "uuid-ossp", "pg_net", "pg_cron", "supabase_vault", "citext", "pg_stat_statements"]
    made = "\n".join(f'CREATE EXTENSION IF NOT EXISTS "{name}" WITH SCHEMA ext;' for name in names)
    migrations = files(
        {
            "1_schema.sql": "CREATE SCHEMA ext;",
            "2_extensions.sql": f"{made}\nCOMMENT ON EXTENSION pg_cron IS 'x';\n"
            "CREATE EXTENSION IF NOT EXISTS no_such_thing;\nCOMMENT ON EXTENSION pg_stat_statements IS 'x';",
            "3_use.sql": "CREATE TABLE t (id uuid DEFAULT ext.uuid_generate_v4(), name ext.citext);\n"
            "INSERT INTO t (name) VALUES ('x');\n"
            "SELECT ext.crypt('x', ext.gen_salt('bf')), ext.digest('x', 'sha256');\n"
            "SELECT ext.gen_random_bytes(20);\n"
            "SELECT cron.schedule('job', '* * * * *', 'SELECT 1');\n"
            "SELECT net.http_post(url := 'https://example.org', body := '{}');\n"
            "SELECT vault.create_secret('x', 'y');\nSELECT * FROM vault.decrypted_secrets;",
        }
    )
    run = on_shadow(plan_of(*migrations))
    assert run.ok, run.failure
    assert any("no_such_thing is not on the shadow's server: left out" in note for note in run.notes)
    assert any("pg_cron" in note and "stand-ins" in note for note in run.notes)


def test_on_the_target_everything_is_taken_back(filled: Database, files: Files) -> None:
    migrations = files(
        {
            "1_a.sql": "SET search_path = '';\nALTER TABLE public.orders ALTER total TYPE bigint;",
            "2_b.sql": "CREATE TABLE more (id int);\nINSERT INTO more SELECT id FROM orders;",
        }
    )
    before = snapshot(filled)
    with filled.connect() as target:
        run = on_target(plan_of(*migrations), target)
        assert target.info.transaction_status == psycopg.pq.TransactionStatus.IDLE
        assert target.execute("SHOW search_path").fetchone() == ('"$user", public',)
    assert run.ok, run.failure
    assert run.where == "target"
    assert run.steps[1].statements[1].rows == ROWS
    assert rules(run) == {"rewrite"}
    assert snapshot(filled) == before


def test_on_the_target_a_failure_is_taken_back_too(filled: Database, files: Files) -> None:
    migrations = files({"1_a.sql": "DROP TABLE orders", "2_b.sql": "SELECT wrong"})
    before = snapshot(filled)
    with filled.connect() as target:
        run = on_target(plan_of(*migrations), target)
    assert run.failure
    assert run.failure.version == "2"
    assert snapshot(filled) == before


def test_on_the_target_nothing_runs_that_stays(filled: Database, files: Files) -> None:
    migrations = files(
        {
            "1_a.sql": "CREATE TABLE t (id int)",
            "2_b.sql": "-- secops: no-transaction\nCREATE INDEX CONCURRENTLY i ON orders (total)",
            "3_c.sql": "SELECT 1",
        }
    )
    before = snapshot(filled)
    with filled.connect() as target:
        run = on_target(plan_of(*migrations), target)
    assert run.failure
    assert run.failure.version == "2"
    assert "--on-target" in run.failure.advice
    assert snapshot(filled) == before


def test_on_the_target_nobody_is_kept_waiting_long(filled: Database, files: Files) -> None:
    migrations = files({"1_a.sql": "ALTER TABLE orders ADD n int"})
    with filled.connect() as holder, filled.connect() as target:
        holder.execute("BEGIN; SELECT FROM orders LIMIT 1")
        started = time.monotonic()
        run = on_target(plan_of(*migrations), target, options=DryRunOptions(lock_timeout_ms=200))
        assert time.monotonic() - started < 5
    assert run.failure
    assert run.failure.sqlstate == "55P03"


def test_the_password_is_told_to_pg_dump_alone(
    any_database: Database,
    files: Files,
    spare: DryRunOptions,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Not on its command line, not in its environment: in a file that only we can read."""
    spy = tmp_path / "pg_dump"
    spy.write_text(
        "#!/bin/sh\n"
        f'{{ echo "$@"; env; stat -c %a "$PGSERVICEFILE"; }} > {tmp_path}/seen\n'
        f'cp "$PGSERVICEFILE" {tmp_path}/service\necho "pg_dump: error: no" >&2\nexit 1\n'
    )
    spy.chmod(0o755)
    monkeypatch.setattr(dump, "_program", lambda version: str(spy))
    password = any_database.server.password.reveal().decode()
    (migration,) = files({"1_a.sql": "SELECT 1"})
    monkeypatch.setenv("DATABASE_URL", any_database.dsn)
    with any_database.connect() as target:
        run = on_shadow(plan_of(migration), target=target, options=spare)
    assert run.notes == ("the target's schema was rebuilt from its files: pg_dump: no",)
    seen = (tmp_path / "seen").read_text()
    assert password not in seen
    assert seen.splitlines()[-1] == "600"
    assert password in (tmp_path / "service").read_text()


def test_what_the_role_may_not_read_is_left_out(
    any_database: Database, files: Files, spare: DryRunOptions
) -> None:
    database = any_database
    role = f"app_{database.name}"
    database.run(
        f"CREATE ROLE {role} LOGIN PASSWORD 'x'; CREATE SCHEMA hidden; CREATE TABLE hidden.t (id int);"
        f"CREATE SCHEMA app AUTHORIZATION {role}; CREATE TABLE app.t (id int);"
        f"ALTER TABLE app.t OWNER TO {role}"
    )
    (migration,) = files({"1_a.sql": "ALTER TABLE app.t ADD n int"})
    try:
        with database.connect(user=role, password="x") as target:
            run = on_shadow(plan_of(migration), target=target, options=spare)
    finally:
        database.run(f"DROP OWNED BY {role}; DROP ROLE {role}")
    assert run.ok, run.failure
    assert run.copied == "pg_dump"
    assert "schema hidden is not readable: left out" in run.notes


def test_a_dry_run_down(filled: Database, files: Files, spare: DryRunOptions) -> None:
    (migration,) = files({"1_a.sql": FIRST, "1_a.down.sql": "DROP TABLE orders"})
    plan = MigrationPlan(
        steps=(MigrationStep(migration=migration, direction=Direction.DOWN),),
        problems=(),
        applied=1,
        hash="0" * 64,
    )
    with filled.connect() as target:
        run = on_shadow(plan, target=target, before=[migration], options=spare)
    assert run.ok, run.failure
    assert "drops-data" in rules(run)
