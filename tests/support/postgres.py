"""Real PostgreSQL servers for tests, one a version and test process, started when first asked for.

A test gets databases of its own in them: `database` (run with every version that is here) and
`any_database` (with one version, where the version cannot matter).
"""

from __future__ import annotations

import itertools
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, LiteralString, NoReturn

import psycopg
import pytest
from psycopg import sql

from secopskit.migrate.shadow import binaries
from secopskit.migrate.shadow.launch import Launcher
from secopskit.migrate.shadow.server import ShadowServer, start

_numbers = itertools.count(1)
_POOLER_SECONDS = 20.0


@cache
def versions() -> tuple[int, ...]:
    """The major versions that are here, oldest first."""
    return tuple(sorted({found.version for found in binaries.candidates()}))


def need_version(version: int | None) -> int:
    """`version`, unless it is None: then there is no PostgreSQL, and the test is skipped (fails in CI)."""
    if version is None:
        missing("PostgreSQL")
    return version


def missing(program: str) -> NoReturn:
    """Skip the test because `program` is not installed; where CI should have it, fail."""
    reason = f"{program} is not installed here (scripts/test installs it where it may)"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """An empty database of the test's own. `dsn` is a URL over loopback TCP, password and all."""

    server: ShadowServer
    name: str

    @property
    def dsn(self) -> str:
        """Its URL, as DATABASE_URL would have it."""
        return self.server.dsn(self.name)

    def connect(self, **more: Any) -> psycopg.Connection[Any]:
        """A connection as the superuser, in autocommit mode unless asked otherwise."""
        return self.server.connect(self.name, **({"autocommit": True} | more))

    def query(self, text: LiteralString, *values: object) -> list[tuple[Any, ...]]:
        """Run one statement in a connection of its own; its rows, if it has any."""
        with self.connect() as connection:
            cursor = connection.execute(text, values or None)
            return cursor.fetchall() if cursor.description else []

    def run(self, text: str) -> None:
        """Run several statements at once."""
        with self.connect() as connection:
            connection.execute(text.encode())


def create_database(server: ShadowServer, template: str = "template0") -> Database:
    """A new database in `server`, empty unless it is made from a `template`."""
    name = f"test_{os.getpid()}_{next(_numbers)}"
    with server.connect(autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
        )
    return Database(server=server, name=name)


def drop_database(database: Database) -> None:
    """Remove the database, whoever is still connected to it."""
    with database.server.connect(autocommit=True) as connection:
        connection.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database.name))
        )


class Servers:
    """The servers of a test process; they end with it, however it ends."""

    def __init__(self) -> None:
        self._running: dict[int, ShadowServer] = {}

    def of(self, version: int) -> ShadowServer:
        """The server of a major version, started when it is first asked for."""
        if version not in self._running:
            settings = {"max_connections": "120", "wal_level": "logical", "max_prepared_transactions": "10"}
            self._running[version] = start(binaries.find(prefer=version), tcp=True, settings=settings)
        return self._running[version]

    def stop(self) -> None:
        """Stop them all."""
        while self._running:
            self._running.popitem()[1].stop()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pooler:
    """A pgbouncer in transaction mode before a server; every database and its superuser goes through."""

    server: ShadowServer
    port: int

    def dsn(self, database: str) -> str:
        """The URL of a database through the pooler."""
        return self.server.dsn(database).replace(f":{self.server.port}/", f":{self.port}/")


def pooler(
    server: ShadowServer, *, pool_size: int = 20, more: Mapping[str, str] | None = None
) -> Iterator[Pooler]:
    """A pgbouncer for the time of a fixture; skips visibly where there is none. `more` are its settings."""
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"])
    program = shutil.which("pgbouncer", path=path)
    if program is None:
        missing("pgbouncer")
    launcher = Launcher.choose(program)
    directory = launcher.make_directory()
    port = _free_port()
    process = launcher.guard(
        [program, _configure(launcher, directory, server, port, pool_size, more or {})], directory
    )
    try:
        _await(server, port, process, directory)
        yield Pooler(server=server, port=port)
    finally:
        assert process.stdin
        process.stdin.close()
        process.wait(_POOLER_SECONDS)
        shutil.rmtree(directory, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _configure(
    launcher: Launcher,
    directory: Path,
    server: ShadowServer,
    port: int,
    pool_size: int,
    more: Mapping[str, str],
) -> str:
    users = directory / "users.txt"
    launcher.write(users, f'"{server.user}" "{server.password.reveal().decode()}"\n')
    settings = {
        "listen_addr": "127.0.0.1",
        "listen_port": port,
        "unix_socket_dir": "",
        "auth_type": "scram-sha-256",
        "auth_file": users,
        "pool_mode": "transaction",
        "default_pool_size": pool_size,
        "max_client_conn": 200,
        "ignore_startup_parameters": "extra_float_digits",
        **more,
    }
    lines = ["[databases]", f"* = host={server.host} port={server.port}", "[pgbouncer]"]
    lines += [f"{name} = {value}" for name, value in settings.items()]
    launcher.write(directory / "pgbouncer.ini", "\n".join(lines) + "\n")
    return str(directory / "pgbouncer.ini")


def _await(server: ShadowServer, port: int, process: subprocess.Popen[bytes], directory: Path) -> None:
    deadline = time.monotonic() + _POOLER_SECONDS
    while True:
        try:
            server.connect(port=port).close()
        except psycopg.OperationalError:
            assert process.poll() is None, (directory / "log").read_text()
            assert time.monotonic() < deadline, (directory / "log").read_text()
            time.sleep(0.05)
        else:
            return
