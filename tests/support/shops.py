"""A database with two login roles that are used in turn, one owner role, and an administrator of both."""

from __future__ import annotations

import itertools
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, LiteralString
from urllib.parse import quote

import psycopg
from psycopg import sql

from secopskit.conduct.consent import NOBODY
from secopskit.migrate.shadow.server import ShadowServer
from secopskit.provider import build_provider, parse_settings
from secopskit.provider.interface import Credential, Provider, Surroundings
from secopskit.secret import SecretValue
from support.postgres import Database, create_database, drop_database
from support.values import alnum
from support.vendors.rotation import Notes

_numbers = itertools.count(1)
NAME = "SHOP_DATABASE_URL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """Roles of a test's own. `admin` is no superuser; `word` is the password of role `one`."""

    database: Database
    owner: str
    one: str
    two: str
    admin: str
    word: str
    admin_word: str
    notes: Notes = field(default_factory=Notes)
    waits: list[float] = field(default_factory=list)
    neighbours: dict[str, SecretValue] = field(default_factory=dict)

    def url(self, role: str, word: str, *, port: int | None = None, more: str = "") -> str:
        """The URL of the database for a login."""
        server = self.database.server
        where = f"{server.host}:{port or server.port}/{self.database.name}"
        return f"postgresql://{quote(role, safe='')}:{quote(word, safe='')}@{where}{more}"

    @property
    def value(self) -> str:
        """What readers of the database have now."""
        return self.url(self.one, self.word)

    def surroundings(self, *, admin: str | None = None) -> Surroundings:
        """The surroundings of a provider; ADMIN_URL is the administrator's."""
        variables = {"ADMIN_URL": SecretValue((admin or self.url(self.admin, self.admin_word)).encode())}
        return Surroundings(
            base="/",
            variable=variables.get,
            respondent=NOBODY,
            tell=self.notes,
            current=self.neighbours.get,
            sleep=self.waits.append,
        )

    def provider(self, value: str | None = None, *, admin: str | None = None, **settings: Any) -> Provider:
        """The rotation of `value`; with two roles unless `settings` say otherwise."""
        wanted = {"roles": [self.one, self.two], "admin_url_env": "ADMIN_URL"} | settings
        parsed = parse_settings("postgres", wanted, source="`test.")
        old = SecretValue((value or self.value).encode("utf-8", "surrogateescape"))
        credential = Credential(
            name=NAME, environment="production", provider="postgres", settings=parsed, old=old
        )
        return build_provider(credential, self.surroundings(admin=admin))

    def alone(self, value: str | None = None, **settings: Any) -> Provider:
        """The rotation with one role, which changes its own password."""
        return self.provider(value, **({"mode": "one-role", "roles": [], "admin_url_env": ""} | settings))

    def admits(self, url: str) -> bool:
        """Whether the server lets a login in."""
        try:
            psycopg.connect(url, sslmode="disable", connect_timeout=10).close()
        except psycopg.OperationalError:
            return False
        return True

    def run(self, text: LiteralString, *names: str) -> None:
        """Run a statement as the superuser; `{}` are names of roles."""
        with self.database.connect() as connection:
            connection.execute(sql.SQL(text).format(*map(sql.Identifier, names)))


@contextmanager
def shop(server: ShadowServer) -> Iterator[Shop]:
    """A shop in a database of its own; database and roles are gone afterwards."""
    tag = f"{os.getpid()}_{next(_numbers)}"
    database = create_database(server)
    made = Shop(
        database=database,
        owner=f"owner_{tag}",
        one=f"shop-a {tag}",
        two=f"shop_b_{tag}",
        admin=f"admin_{tag}",
        word=alnum(12) + "@/:%?# 'é\\",
        admin_word=alnum(20),
    )
    try:
        _furnish(made)
        yield made
    finally:
        drop_database(database)
        with server.connect(autocommit=True) as connection:
            for role in (made.one, made.two, made.admin, made.owner):
                connection.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(role)))


def _furnish(made: Shop) -> None:
    with made.database.connect() as connection:

        def run(text: LiteralString, *parts: sql.Composable) -> None:
            connection.execute(sql.SQL(text).format(*parts))

        owner, admin = sql.Identifier(made.owner), sql.Identifier(made.admin)
        run("CREATE ROLE {} NOLOGIN", owner)
        run("CREATE ROLE {} LOGIN CREATEROLE PASSWORD {}", admin, sql.Literal(made.admin_word))
        for role in map(sql.Identifier, (made.one, made.two)):
            run("CREATE ROLE {} NOLOGIN IN ROLE {}", role, owner)
            run("ALTER ROLE {} SET role = {}", role, sql.Literal(made.owner))
            if made.database.server.version >= 16:
                run("GRANT {} TO {} WITH ADMIN TRUE, INHERIT FALSE, SET FALSE", role, admin)
        run("ALTER ROLE {} LOGIN PASSWORD {}", sql.Identifier(made.one), sql.Literal(made.word))
        run("GRANT CREATE ON SCHEMA public TO {}", owner)
        run("CREATE TABLE things (id int); ALTER TABLE things OWNER TO {}", owner)


class Storm:
    """Logins without a pause, from several threads, each with the value that is published then.

    `failures` are moments of failed logins; `overtaken` counts those among them whose value was published no
    more when they failed: had they been a little faster, they had got in.
    """

    def __init__(self, published: Callable[[], str], *, threads: int = 4) -> None:
        self.total = 0
        self.failures: list[float] = []
        self.overtaken = 0
        self._published = published
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(threads)]

    def __enter__(self) -> Storm:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(30)

    def wait_for(self, total: int) -> None:
        """Go on until there have been that many logins."""
        deadline = time.monotonic() + 60
        while self.total < total:
            assert time.monotonic() < deadline, self.total
            time.sleep(0.01)

    def _work(self) -> None:
        while not self._stop.is_set():
            value = self._published()
            try:
                with psycopg.connect(value, sslmode="disable", connect_timeout=20) as connection:
                    connection.execute("SELECT 1")
                failed = False
            except psycopg.OperationalError:
                failed = True
            changed = failed and self._published() != value
            with self._lock:
                self.total += 1
                self.overtaken += changed
                if failed:
                    self.failures.append(time.monotonic())
