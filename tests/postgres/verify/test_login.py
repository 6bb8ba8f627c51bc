"""A login at a real server: admitted, refused, and what says neither."""

from __future__ import annotations

import psycopg
import pytest

from secopskit.findings import VerificationState
from secopskit.postgres.login import LoginAttempt, try_login
from secopskit.rules.inquiry import Inquiry, Protocol
from secopskit.secret import SecretValue
from secopskit.verify.ask import Asker
from secopskit.verify.model import Surrounding
from support.loopback import Clock
from support.postgres import Database
from support.values import alnum

_LOGIN = Inquiry(name="login", source="", protocol=Protocol.SERVICE_URL)


def test_a_role_with_a_password(any_database: Database) -> None:
    password = alnum(24)
    name = f"asked_{alnum(8).lower()}"
    any_database.run(f"CREATE ROLE {name} LOGIN CREATEDB PASSWORD '{password}'")
    try:
        with any_database.connect() as link:
            port, database = link.info.port, link.info.dbname

        def attempt(word: str, where: str = database) -> LoginAttempt:
            return LoginAttempt("localhost", "127.0.0.1", port, name, SecretValue(word.encode()), where)

        try:
            psycopg.connect(
                host="127.0.0.1", port=port, user=name, password=password, dbname=database
            ).close()
        except psycopg.Error:
            pytest.skip("the server does not listen on an address")
        seen = try_login(attempt(password))
        assert (seen.admitted, seen.account, seen.rights) == (True, name, ("createdb",))
        assert try_login(attempt(alnum(24))).admitted is False
        assert try_login(attempt(password, "no_such_database")).admitted is True

        clock = Clock()
        url = f"postgres://{name}:{password}@127.0.0.1:{port}/{database}"
        asker = Asker(tell=clock, sleep=clock.sleep, now=clock.now, admitted={"127.0.0.1"})
        place = Surrounding(url.encode(), url.index(password))
        told = asker.prepare(_LOGIN, SecretValue(password.encode()), place).ask()
        assert (told.state, told.account) == (VerificationState.ACTIVE, name)
    finally:
        any_database.run(f"DROP ROLE {name}")


def test_nobody_there_says_neither() -> None:
    seen = try_login(LoginAttempt("localhost", "127.0.0.1", 1, "ada", SecretValue(b"x"), "shop"), timeout_s=2)
    assert seen.admitted is None
