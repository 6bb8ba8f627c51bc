"""Starts a PostgreSQL server that belongs to this process and leaves nothing behind.

Its cluster lies in a 0700 directory of its own, reached through a socket in it (or, when asked,
a port of the loopback interface), with a password made for the occasion.
"""

from __future__ import annotations

import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from secopskit.errors import SecopsError
from secopskit.migrate.shadow.binaries import Binaries
from secopskit.migrate.shadow.launch import Launcher
from secopskit.secret import SecretValue

if TYPE_CHECKING:
    import psycopg

_START_SECONDS: Final = 60.0
_STOP_SECONDS: Final = 20.0
# Nothing here outlives a crash, so nothing waits for a disk.
_FAST: Final = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "shared_buffers": "16MB",
    "max_connections": "50",
    "autovacuum": "off",
    "jit": "off",
    "log_min_messages": "fatal",
}


_MOST_LOCKS: Final = 5_000  # for each connection: some 60 MB in all


@dataclass(frozen=True, slots=True, kw_only=True)
class ShadowServer:
    """A running server. `host` is a directory with its socket, or an address of the loopback.

    `user` is the superuser, whose name nobody else has.
    """

    host: str
    port: int
    user: str
    version: int
    directory: Path
    password: SecretValue
    process: subprocess.Popen[bytes]

    def connect(self, database: str = "postgres", **more: Any) -> psycopg.Connection[Any]:
        """A connection as the superuser; `more` goes to psycopg (`user=`, `password=`, `autocommit=`)."""
        import psycopg

        arguments: dict[str, Any] = {
            "host": self.host,
            "port": self.port,
            "user": self.user,
            "dbname": database,
            "sslmode": "disable",
            "prepare_threshold": None,
        }
        if "password" not in more:
            arguments["password"] = self.password.reveal().decode()
        return psycopg.connect(**(arguments | more))

    def dsn(self, database: str = "postgres") -> str:
        """The superuser's URL, password and all; this server's life is short, and so is its worth."""
        where = f"{self.host}:{self.port}" if not self.host.startswith("/") else ""
        query = "" if where else f"?host={quote(self.host, safe='')}&port={self.port}"
        word = self.password.reveal().decode()
        return f"postgresql://{self.user}:{word}@{where}/{quote(database, safe='')}{query}"

    @property
    def pid(self) -> int:
        """The process id of the postmaster."""
        return int((self.directory / "data" / "postmaster.pid").read_text().split("\n", 1)[0])

    def stop(self) -> None:
        """Stop the server at once and remove its directory."""
        _end(self.process)
        shutil.rmtree(self.directory, ignore_errors=True)


@contextmanager
def running(binaries: Binaries, *, settings: Mapping[str, str] | None = None) -> Iterator[ShadowServer]:
    """A server for the length of the block; see `start`."""
    server = start(binaries, settings=settings)
    try:
        yield server
    finally:
        server.stop()


def room_for(locks: int) -> dict[str, str]:
    """Settings of a server that has room for as many locks as the target's, if not for more."""
    for_each = -(-locks // int(_FAST["max_connections"]))
    return {"max_locks_per_transaction": str(min(max(for_each, 10), _MOST_LOCKS))} if locks else {}


def start(
    binaries: Binaries, *, tcp: bool = False, settings: Mapping[str, str] | None = None
) -> ShadowServer:
    """Make a cluster and start its server. `settings` are PostgreSQL's, over ones made for speed.

    Raises SecopsError when the server cannot be made or does not start.
    """
    launcher = Launcher.choose(binaries.path("postgres"))
    directory = launcher.make_directory()
    try:
        password = secrets.token_urlsafe(24)
        user = f"secops_{secrets.token_hex(4)}"
        _initialise(binaries, launcher, directory, user, password)
        port = _free_port() if tcp else 5432
        options = (
            _FAST
            | dict(settings or {})
            | {
                "listen_addresses": "127.0.0.1" if tcp else "",
                "port": str(port),
                "unix_socket_directories": str(directory),
            }
        )
        command = [binaries.path("postgres"), "-D", str(directory / "data")]
        for name, value in options.items():
            command += ["-c", f"{name}={value}"]
        process = launcher.guard(command, directory)
        try:
            _await(process, directory)
        except BaseException:
            _end(process)
            raise
    except BaseException:
        shutil.rmtree(directory, ignore_errors=True)
        raise
    return ShadowServer(
        host="127.0.0.1" if tcp else str(directory),
        port=port,
        user=user,
        version=binaries.version,
        directory=directory,
        password=SecretValue(password.encode()),
        process=process,
    )


def _initialise(binaries: Binaries, launcher: Launcher, directory: Path, user: str, password: str) -> None:
    word = directory / "password"
    launcher.write(word, password)
    try:
        code, complaint = launcher.run(
            [
                binaries.path("initdb"),
                f"--pgdata={directory / 'data'}",
                f"--username={user}",
                f"--pwfile={word}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C",
                "--wal-segsize=1",
                "--no-sync",
            ],
            cwd=directory,
        )
    except subprocess.TimeoutExpired:
        raise _not_started("initdb took more than a minute") from None
    finally:
        word.unlink()
    if code != 0:
        raise _not_started(complaint)


def _await(process: subprocess.Popen[bytes], directory: Path) -> None:
    """Wait until the server says in its pid file that it takes connections."""
    note = directory / "data" / "postmaster.pid"
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        try:
            if note.read_text().split("\n")[7].strip() == "ready":
                return
        except (OSError, IndexError):
            pass
        if process.poll() is not None:
            break
        time.sleep(0.005)
    try:
        said = (directory / "log").read_text(encoding="utf-8", errors="replace")
    except OSError:
        said = ""
    raise _not_started(said)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Let the guard stop the server."""
    if process.stdin:
        process.stdin.close()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _not_started(said: str) -> SecopsError:
    lines = [line for line in said.splitlines() if line.strip()]
    return SecopsError(
        f"the PostgreSQL server did not start: {lines[-1] if lines else 'it said nothing'}",
        advice="Is there room on the disk? A server of your own can be named in SHADOW_DATABASE_URL.",
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
