"""What kind of database answers: asked of a real server, which is not written to."""

from __future__ import annotations

import pytest

from secopskit.audit.live.database import database_of_variable, look_at_database
from secopskit.audit.live.model import DatabaseNature
from secopskit.errors import UsageError
from secopskit.postgres.connect import ConnectionSettings
from secopskit.postgres.errors import DatabaseError
from secopskit.secret import SecretValue
from support.postgres import Database
from support.values import alnum

SUPABASE = """
    CREATE SCHEMA auth; CREATE SCHEMA storage; CREATE SCHEMA realtime; CREATE SCHEMA vault;
    CREATE TABLE auth.users (id uuid); CREATE TABLE storage.objects (id uuid);
    CREATE FUNCTION auth.uid() RETURNS uuid LANGUAGE sql AS 'SELECT NULL::uuid';
"""


def test_natures(any_database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_URL", any_database.dsn)
    seen = []
    for statements in ("SELECT 1", SUPABASE, "CREATE TABLE ir_model (); CREATE TABLE res_users ()"):
        any_database.run(statements)
        seen.append(look_at_database(database_of_variable("SHOP_URL"), "SHOP_URL"))
    assert [each.nature for each in seen] == [
        DatabaseNature.OTHER,
        DatabaseNature.SUPABASE,
        DatabaseNature.ODOO,
    ]
    assert seen[0].key == "SHOP_URL"
    assert seen[0].version[:2].isdigit()
    assert seen[0].place.startswith("database ")


def test_a_variable_that_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SHOP_URL", raising=False)
    with pytest.raises(UsageError, match="SHOP_URL is not set"):
        database_of_variable("SHOP_URL")


def test_nobody_answers() -> None:
    password = alnum(20)
    url = SecretValue(f"postgresql://u:{password}@127.0.0.1:1/x".encode())
    with pytest.raises(DatabaseError, match="cannot connect") as caught:
        look_at_database(ConnectionSettings(conninfo=url, origin="SHOP_URL"))
    assert password not in str(caught.value)
    assert caught.value.advice
