"""Passwords that a vendor sets, tried at a real server: admitted, refused, and nobody there."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from secopskit.provider.interface import VerificationError
from secopskit.provider.vendor.database import LoginAnswer, try_login
from support.postgres import Database
from support.values import alnum
from support.vendors.digitalocean import DigitalOcean
from support.vendors.rotation import Bench, begin, value
from support.vendors.server import Fault, Reply, serving
from support.vendors.supabase import Supabase


class Role:
    """A role of a server, whose password a vendor sets."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.name = f"vendor_{secrets.token_hex(4)}"
        self.run(sql.SQL("CREATE ROLE {} LOGIN"))

    def run(self, text: sql.SQL) -> None:
        with self.database.connect() as connection:
            connection.execute(text.format(sql.Identifier(self.name)))

    def set(self, password: str) -> None:
        with self.database.connect() as connection:
            connection.execute(
                sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(self.name), sql.Literal(password))
            )

    def url(self, password: str = "", port: str = "") -> str:
        place = conninfo_to_dict(self.database.dsn)
        login = f"{self.name}:{password}" if password else self.name
        return f"postgresql://{login}@{place['host']}:{port or place['port']}/{place['dbname']}"


@pytest.fixture
def role(database: Database) -> Iterator[Role]:
    made = Role(database)
    yield made
    made.run(sql.SQL("DROP ROLE {}"))


def test_a_login_is_admitted_refused_or_impossible(role: Role) -> None:
    role.set("a-password")
    assert try_login(value(role.url("a-password"))).answer is LoginAnswer.ADMITTED
    refused = try_login(value(role.url("wrong-password")))
    assert refused.answer is LoginAnswer.REFUSED
    nobody = try_login(value(role.url("a-password", port="1")))
    assert nobody.answer is LoginAnswer.UNREACHABLE
    for trial in (refused, nobody):
        assert trial.reason
        assert "-password" not in trial.reason


def test_the_password_of_supabase_is_rotated_and_taken_back(role: Role) -> None:
    vendor = Supabase(on_password=role.set)
    old = vendor.password
    role.set(old)
    settings = {"what": "database-password", "project": vendor.ref, "direct_url": role.url()}
    with serving(vendor):
        at = Bench(variables={"SUPABASE_ACCESS_TOKEN": vendor.token})
        provider = at.provider(
            "supabase", settings | {"api_url": vendor.url}, old=role.url(old), name="DATABASE_URL"
        )
        draft, new = begin(provider)
        assert "directly was admitted" in provider.verify(new)
        assert "refused" in provider.revoke(new)
        assert "was admitted" in provider.rollback(draft, new)
        with pytest.raises(VerificationError):
            provider.revoke(new)
    assert try_login(value(role.url(old))).answer is LoginAnswer.ADMITTED
    assert not vendor.violations


def test_the_password_of_a_database_user_is_rotated(role: Role) -> None:
    vendor = DigitalOcean(user=role.name)
    old = vendor.password
    role.set(old)
    settings = {"what": "database-user", "cluster": vendor.cluster, "user": role.name}
    with serving(vendor):
        at = Bench(variables={"DIGITALOCEAN_ACCESS_TOKEN": vendor.token})
        provider = at.provider(
            "digitalocean", settings | {"api_url": vendor.url}, old=role.url(old), name="DATABASE_URL"
        )
        _, new = begin(provider)
        role.set(vendor.password)
        assert new.value == value(role.url(vendor.password))
        assert "admitted" in provider.verify(new)
        assert "refused" in provider.revoke(new)
        vendor.faults = [Fault("GET", "users", Reply(200, {"user": {"password": alnum(9)}}))]
        with pytest.raises(VerificationError, match="another password"):
            provider.verify(new)
    assert not vendor.violations
