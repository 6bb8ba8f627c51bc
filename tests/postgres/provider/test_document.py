"""The SQL of docs/ROTATION.md for two roles, run as it stands: afterwards they can be rotated."""

from __future__ import annotations

import re
from typing import LiteralString

import psycopg
from psycopg import sql

from secopskit.provider.interface import RotationPhase
from support.cli import ROOT
from support.postgres import Database
from support.shops import Shop
from support.values import alnum

DOCUMENT = (ROOT / "docs" / "ROTATION.md").read_text(encoding="utf-8")
ROLES = ("shop_a", "shop_b", "shop_rotator", "shop_owner")


def test_after_the_sql_of_the_document_roles_take_turns(database: Database) -> None:
    shop = Shop(
        database=database,
        owner="shop_owner",
        one="shop_a",
        two="shop_b",
        admin="shop_rotator",
        word=alnum(20),
        admin_word=alnum(20),
    )
    (text,) = re.findall(r"^```sql\n(.*?)^```", DOCUMENT, re.MULTILINE | re.DOTALL)
    try:
        _set_password(shop, "CREATE ROLE {} LOGIN PASSWORD {}", "shop_a", shop.word)
        shop.run("GRANT CREATE ON SCHEMA public TO {}", "shop_a")
        with psycopg.connect(shop.value, sslmode="disable") as session:
            session.execute("CREATE TABLE things (id int)")
        shop.run("REVOKE CREATE ON SCHEMA public FROM {}", "shop_a")
        database.run(text)
        _set_password(shop, "ALTER ROLE {} PASSWORD {}", "shop_rotator", shop.admin_word)

        rotation = shop.provider()
        assert rotation.phase is RotationPhase.DUAL
        new = rotation.create(rotation.prepare())
        rotation.verify(new)
        rotation.revoke(new)
        assert not shop.admits(shop.value)
        assert new.value is not None
        with psycopg.connect(new.value.reveal().decode(), sslmode="disable") as session:
            session.execute("INSERT INTO things VALUES (1)")
            session.execute("CREATE TABLE made (id int)")
        owners = "SELECT DISTINCT tableowner FROM pg_tables WHERE tablename IN ('made', 'things')"
        assert database.query(owners) == [("shop_owner",)]
    finally:
        shop.run("DROP OWNED BY {}", "shop_owner")
        for role in ROLES:
            shop.run("DROP ROLE IF EXISTS {}", role)


def _set_password(shop: Shop, statement: LiteralString, role: str, word: str) -> None:
    with shop.database.connect() as connection:
        connection.execute(sql.SQL(statement).format(sql.Identifier(role), sql.Literal(word)))
