"""Database facts: what a look tells of a database, and what is refused by them."""

from __future__ import annotations

from dataclasses import replace
from typing import LiteralString

import pytest

from secopskit.postgres.connect import Link
from secopskit.postgres.errors import DatabaseError
from secopskit.postgres.identity import DatabaseFacts, read_database_facts, read_only
from secopskit.postgres.refusal import refuse_odoo, refuse_standby
from support.links import link_to
from support.postgres import Database

SUPABASE: LiteralString = """
    CREATE SCHEMA auth; CREATE SCHEMA storage; CREATE SCHEMA realtime; CREATE SCHEMA vault;
    CREATE TABLE auth.users (id uuid); CREATE TABLE storage.objects (id uuid);
    CREATE FUNCTION auth.uid() RETURNS uuid LANGUAGE sql AS 'SELECT NULL::uuid';
"""


def facts_of(link: Link, schema: str = "") -> DatabaseFacts:
    with read_only(link, "looking"):
        return read_database_facts(link, schema=schema)


def test_what_is_in_a_schema(database: Database) -> None:
    database.run(
        "CREATE TABLE target (a int, b int, c int); ALTER TABLE target DROP b; CREATE TABLE bare ();"
        "CREATE SCHEMA other; CREATE VIEW other.target AS SELECT 1 AS a; CREATE INDEX i ON target (a)"
    )
    with link_to(database.dsn) as link:
        assert facts_of(link, "public").relations == {"target": {"a", "c"}, "bare": set()}
        assert facts_of(link, "other").relations == {"target": set()}
        assert facts_of(link, "none").relations == {}
        assert facts_of(link).relations == {}


def test_a_look_cannot_write(any_database: Database) -> None:
    with link_to(any_database.dsn) as link:
        with (
            pytest.raises(DatabaseError, match="looking: cannot execute CREATE TABLE"),
            read_only(link, "looking"),
        ):
            link.execute("CREATE TABLE t ()")
        assert link.execute("SELECT to_regclass('t')").fetchone() == (None,)


def test_supabase_is_recognised(any_database: Database) -> None:
    with link_to(any_database.dsn) as link:
        assert not facts_of(link).supabase
        any_database.run("CREATE SCHEMA auth; CREATE SCHEMA storage; CREATE SCHEMA realtime")
        assert not facts_of(link).supabase
        any_database.run("DROP SCHEMA auth, storage, realtime")
        any_database.run(SUPABASE)
        assert facts_of(link).supabase
        assert not facts_of(link).is_odoo
        refuse_odoo(facts_of(link))


def test_a_standby_is_no_place_to_write(any_database: Database) -> None:
    with link_to(any_database.dsn) as link:
        facts = facts_of(link)
    refuse_standby(facts)
    with pytest.raises(DatabaseError, match="standby"):
        refuse_standby(replace(facts, standby=True))
