"""Operators and functions that somebody left in `public` are never called by what secops itself sends."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from secopskit.cli.boundary import run
from secopskit.errors import RefusedError
from secopskit.migrate.ledger.foreign import foreign_ledgers
from secopskit.migrate.ledger.pin import admit
from secopskit.postgres.errors import DatabaseError
from support.cli import Outcome
from support.links import initialised, link_to
from support.meddler import meddle, overshadow
from support.postgres import Database
from support.runner import write

Secops = Callable[..., Outcome]
FILES = {
    "1_a.sql": "CREATE TABLE a (i int);",
    "1_a.down.sql": "DROP TABLE a;",
    "2_b.sql": "-- secops: no-transaction\nCREATE INDEX CONCURRENTLY a_i ON a (i);"
    "CREATE INDEX CONCURRENTLY ON a (i); CREATE TABLE b (i int);",
    "2_b.down.sql": "-- secops: no-transaction\nDROP TABLE b;"
    "DROP INDEX CONCURRENTLY a_i; DROP INDEX CONCURRENTLY a_i_idx;",
}
LIFE = (
    ("init", 0),
    ("status", 1),
    ("plan", 1),
    ("dry-run", 0),
    ("up --steps 1", 0),
    ("dry-run", 0),
    ("up", 0),
    ("status", 0),
    ("verify", 0),
    ("verify --schema", 1),
    ("history", 0),
    ("shell-lock", 0),
    ("down --steps 2", 0),
    ("dry-run --on-target --to 1", 0),
    ("repair --mark-applied 1", 0),
    ("repair --forget 1", 0),
    ("baseline 1", 0),
)


@pytest.fixture
def migrate(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Secops:
    """`secops migrate` in a directory with FILES."""
    for name in [name for name in os.environ if name.startswith(("PG", "SECOPS_", "GITHUB_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("DATABASE_URL", database.dsn)
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "migrations", FILES)

    def call(words: str) -> Outcome:
        capfd.readouterr()
        command, *options = words.split()
        code = run(["migrate", command, *options, *([] if command in _READS else ["--yes"])])
        return Outcome(int(code), *capfd.readouterr())

    return call


_READS: Final = {"status", "plan", "dry-run", "verify", "history", "shell-lock"}


@pytest.mark.parametrize("spoil", [meddle, overshadow])
def test_a_whole_life(migrate: Secops, database: Database, spoil: Callable[[Database], None]) -> None:
    spoil(database)
    for words, code in LIFE:
        outcome = migrate(words)
        assert (outcome.code, "hijacked" in outcome.out + outcome.err) == (code, False), (words, outcome.err)


def test_an_odoo_does_not_hide(database: Database) -> None:
    with initialised(database.dsn):
        pass
    database.run("CREATE TABLE res_users (); CREATE TABLE ir_module_module ()")
    meddle(database)
    database.run(
        "CREATE OR REPLACE FUNCTION meddled_0(name, text) RETURNS text LANGUAGE sql AS $$ SELECT 'x' $$;"
        "CREATE OR REPLACE FUNCTION meddled_1(text, name) RETURNS text LANGUAGE sql AS $$ SELECT 'x' $$"
    )
    with link_to(database.dsn) as link, pytest.raises(RefusedError, match=r"public\.ir_module_module"):
        admit(link)


def test_a_search_path_that_has_public_first(database: Database) -> None:
    """Then even what fits no better than PostgreSQL's own goes before it."""
    with initialised(database.dsn):
        pass
    meddle(database)
    database.run(
        "CREATE FUNCTION public.same(name, name) RETURNS boolean LANGUAGE plpgsql"
        " AS $$ BEGIN RAISE EXCEPTION 'hijacked'; END $$;"
        "CREATE OPERATOR public.= (LEFTARG = name, RIGHTARG = name, FUNCTION = public.same);"
        f"ALTER DATABASE {database.name} SET search_path = public, pg_catalog"
    )
    with link_to(database.dsn) as link:
        assert admit(link).environment == "staging"


def test_a_policy_on_a_table_of_another_tool_is_no_code_for_us(database: Database) -> None:
    database.run(
        "DO $$ BEGIN CREATE ROLE deployer LOGIN PASSWORD 'deployer';"
        "EXCEPTION WHEN duplicate_object THEN NULL; END $$;"
        "CREATE TABLE schema_migrations (version text); GRANT SELECT ON schema_migrations TO deployer;"
        "CREATE FUNCTION spy() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'spied'; END $$;"
        "INSERT INTO schema_migrations VALUES ('1');"
        "ALTER TABLE schema_migrations ENABLE ROW LEVEL SECURITY;"
        "CREATE POLICY p ON schema_migrations USING (spy())"
    )
    user, password = database.dsn.split("//")[1].split("@")[0].split(":")
    dsn = database.dsn.replace(f"{user}:{password}@", "{0}:{0}@".format("deployer"))
    with link_to(dsn) as link, pytest.raises(DatabaseError, match="row-level security") as caught:
        foreign_ledgers(link)
    assert "spied" not in str(caught.value)
