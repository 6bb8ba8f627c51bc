"""The wrong database is refused, by looking only; the right one is known again."""

from __future__ import annotations

from typing import Any, LiteralString

import psycopg
import pytest

from secopskit.errors import ExitCode, RefusedError, UsageError
from secopskit.migrate.ledger.history import RunRecord
from secopskit.migrate.ledger.initialise import initialise, schema_text
from secopskit.migrate.ledger.pin import admit, survey_writable
from secopskit.postgres.errors import DatabaseError
from secopskit.postgres.identity import ODOO_TABLES
from support.cli import ROOT
from support.links import initialised, link_to
from support.postgres import Database

SCRIPT = ROOT / "scripts" / "00_migration_state_tracking.sql"


def _catalogue(database: Database) -> list[tuple[Any, ...]]:
    return database.query(
        "SELECT (SELECT array_agg(oid ORDER BY oid) FROM pg_class), (SELECT count(*) FROM pg_proc), "
        "(SELECT array_agg(nspname ORDER BY 1) FROM pg_namespace WHERE nspname !~ '^pg_'), "
        "(SELECT count(*) FROM pg_attribute)"
    )


@pytest.mark.parametrize("schema", ["public", "odoo", "Other Schema"])
def test_an_odoo_is_refused_and_not_written_to(database: Database, schema: str) -> None:
    database.run(
        f'CREATE SCHEMA IF NOT EXISTS "{schema}"; CREATE TABLE "{schema}".ir_module_module (id int); '
        f'CREATE TABLE "{schema}".res_users (id int) PARTITION BY LIST (id)'
    )
    before = _catalogue(database)
    # Any attempt to write would now fail in another way than by the refusal.
    database.run(f"ALTER DATABASE {database.name} SET default_transaction_read_only = on")
    with link_to(database.dsn) as link:
        for attempt in (
            lambda: survey_writable(link),
            lambda: admit(link),
            lambda: initialise(link, "staging", RunRecord()),
            lambda: initialise(link, "staging", RunRecord(), copy=True),
        ):
            with pytest.raises(RefusedError, match="is an Odoo database") as caught:
                attempt()
            assert caught.value.exit_code is ExitCode.REFUSED
            assert f"{schema}.ir_module_module" in str(caught.value)
            assert link.info.transaction_status == psycopg.pq.TransactionStatus.IDLE
    assert _catalogue(database) == before


def test_an_odoo_is_refused_by_the_script_for_psql(database: Database) -> None:
    database.run("CREATE TABLE ir_model (id int); CREATE TABLE res_partner (id int)")
    before = _catalogue(database)
    with database.connect() as plain, pytest.raises(psycopg.errors.RaiseException, match="Odoo"):
        plain.execute(SCRIPT.read_bytes())
    assert _catalogue(database) == before


def test_an_odoo_that_came_later_is_refused_too(any_database: Database) -> None:
    with initialised(any_database.dsn) as link:
        admit(link)
        any_database.run("CREATE SCHEMA late; CREATE TABLE late.ir_cron (); CREATE TABLE late.ir_rule ()")
        with pytest.raises(RefusedError, match="Odoo"):
            admit(link)


@pytest.mark.parametrize(
    "tables",
    [
        "CREATE TABLE res_users ()",
        "CREATE SCHEMA a; CREATE TABLE a.res_users (); CREATE TABLE res_users ()",
        "CREATE VIEW res_users AS SELECT 1; CREATE VIEW res_partner AS SELECT 1",
        "CREATE TABLE res_usersx (); CREATE TABLE my_res_partner ()",
    ],
    ids=["one", "one-twice", "views", "alike"],
)
def test_what_only_looks_like_an_odoo(any_database: Database, tables: LiteralString) -> None:
    any_database.run(tables)
    with initialised(any_database.dsn) as link:
        assert admit(link).environment == "staging"


FOREIGN: dict[str, LiteralString] = {
    "target": "CREATE TABLE secops.target (x int)",
    "view": "CREATE VIEW secops.target AS SELECT 1 AS id, '' AS env, 1 AS system_identifier",
    "dbmate": "CREATE TABLE secops.schema_migrations (version text)",
    "application": "CREATE TABLE secops.orders (id int); CREATE TABLE secops.users (id int)",
}


@pytest.mark.parametrize("what", FOREIGN)
def test_somebody_else_s_schema_of_our_name(any_database: Database, what: str) -> None:
    any_database.run(f"CREATE SCHEMA secops; {FOREIGN[what]}")
    before = _catalogue(any_database)
    with link_to(any_database.dsn) as link:
        for attempt in (lambda: admit(link), lambda: initialise(link, "staging", RunRecord())):
            with pytest.raises(RefusedError, match=r"the schema secops in .* is not ours") as caught:
                attempt()
            assert "RENAME TO" in caught.value.advice
    assert _catalogue(any_database) == before


def test_a_schema_that_was_made_for_us(any_database: Database) -> None:
    any_database.run("CREATE SCHEMA secops")
    with initialised(any_database.dsn) as link:
        any_database.run("CREATE TABLE secops.notes (); DROP TABLE secops.schema_migrations")
        assert admit(link).environment == "staging"


def test_whoever_may_not_make_the_schema_is_told_what_to_ask_for(any_database: Database) -> None:
    any_database.run(
        "DO $$ BEGIN CREATE ROLE newcomer LOGIN PASSWORD 'newcomer';"
        "EXCEPTION WHEN duplicate_object THEN NULL; END $$"
    )
    dsn = f"postgres://newcomer:newcomer@127.0.0.1:{any_database.server.port}/{any_database.name}"
    with link_to(dsn) as link, pytest.raises(DatabaseError, match="permission denied for database") as caught:
        initialise(link, "staging", RunRecord())
    assert "GRANT CREATE ON DATABASE" in caught.value.advice
    any_database.run(f"GRANT CREATE ON DATABASE {any_database.name} TO newcomer")
    with initialised(dsn) as link:
        assert admit(link).environment == "staging"


def test_script_and_guard_know_the_same_tables() -> None:
    text = schema_text()
    assert all(f"'{name}'" in text for name in ODOO_TABLES)
    listed = text.split("ANY (ARRAY[")[1].split("]")[0]
    assert {item.strip(" \n'") for item in listed.split(",")} == set(ODOO_TABLES)


def test_a_database_without_state(database: Database) -> None:
    with link_to(database.dsn) as link, pytest.raises(UsageError, match="no migration state") as caught:
        admit(link)
    assert "secops migrate init" in caught.value.advice


def test_the_pinned_one_and_no_other(database: Database) -> None:
    with initialised(database.dsn) as link:
        identity = admit(link)
        assert admit(link, environment="staging", expected_id=identity.id) == identity
        with pytest.raises(RefusedError, match="pinned as staging, not as production"):
            admit(link, environment="production")
        with pytest.raises(RefusedError, match="is expected"):
            admit(link, expected_id="0" * 32)


def test_a_copy_is_refused_until_it_is_said_to_be_one(any_database: Database) -> None:
    """A real copy: the state came along as in a restore, the database is another."""
    with initialised(any_database.dsn, "production") as link:
        original = admit(link)
    copy = Database(server=any_database.server, name=any_database.name + "_copy")
    with any_database.server.connect(autocommit=True) as plain:
        plain.execute(f"CREATE DATABASE {copy.name} TEMPLATE {any_database.name}".encode())
    try:
        with link_to(copy.dsn) as link:
            with pytest.raises(RefusedError, match="came along from another") as caught:
                admit(link)
            assert "--copy" in caught.value.advice
            with pytest.raises(RefusedError):
                initialise(link, "staging", RunRecord())
            identity, new = initialise(link, "staging", RunRecord(), copy=True)
            assert new
            assert identity.id != original.id
            assert admit(link, environment="staging") == identity
    finally:
        with any_database.server.connect(autocommit=True) as plain:
            plain.execute(f"DROP DATABASE {copy.name} WITH (FORCE)".encode())


def test_the_pinned_one_is_not_made_a_copy(any_database: Database) -> None:
    with initialised(any_database.dsn, "production") as link:
        with pytest.raises(RefusedError, match="pinned as production"):
            initialise(link, "staging", RunRecord(), copy=True)
        assert admit(link).environment == "production"


def test_another_cluster_with_the_same_names(any_database: Database) -> None:
    with initialised(any_database.dsn) as link:
        link.execute("UPDATE secops.target SET system_identifier = '1'")
        with pytest.raises(RefusedError, match="not the one that was pinned"):
            admit(link)


def test_the_script_for_psql_does_what_init_does(database: Database) -> None:
    """Same text, and a database that it made is one for secops."""
    text = SCRIPT.read_text()
    assert schema_text() in text
    with database.connect() as plain:
        plain.execute("SET secops.environment = 'staging'")
        plain.execute(text.encode())
        plain.execute(text.encode())
    with link_to(database.dsn) as link:
        assert admit(link, environment="staging").database == database.name
        _, new = initialise(link, "staging", RunRecord())
        assert not new
