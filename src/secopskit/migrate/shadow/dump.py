"""The schema of a database as SQL, by PostgreSQL's own pg_dump.

How to connect is written to a file that only we can read: nothing of it, least of all the
password, is on pg_dump's command line or in its environment.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from secopskit.errors import SecopsError
from secopskit.migrate.shadow import binaries
from secopskit.migrate.shadow.facts import TargetFacts
from secopskit.settings.environment import variables
from secopskit.state.private import write_new

if TYPE_CHECKING:
    import psycopg

_SECONDS: Final = 120
# What the libpq of every pg_dump understands, which may be older than psycopg's.
_PARAMETERS: Final = frozenset(
    {
        *("user", "password", "connect_timeout", "options", "channel_binding", "gssencmode", "krbsrvname"),
        *("sslmode", "sslrootcert", "sslcert", "sslkey", "sslpassword", "sslcrl", "sslsni"),
    }
)


class NoDumpError(SecopsError):
    """The schema cannot be read by pg_dump; the message says why, for a note."""


def dump_schema(target: psycopg.Connection[Any], facts: TargetFacts) -> str:
    """The target's schema without owners, but for our own and what the role may not read.

    Raises NoDumpError where there is no pg_dump that could, or the server refuses it.
    """
    program = _program(facts.version)
    command = [program, "--dbname=service=target", "--schema-only", "--no-owner", "--no-tablespaces"]
    command += ["--no-subscriptions", "--no-security-labels", "--lock-wait-timeout=2000"]
    command += [f"--exclude-schema={_pattern(name)}" for name in ("secops", *facts.unreadable)]
    with tempfile.TemporaryDirectory(prefix="secops-dump-") as directory:  # 0700
        service = Path(directory) / "service"
        _write_service(service, target)
        kept = variables("HOME", "PATH", "KRB5CCNAME")
        try:
            done = subprocess.run(
                command,
                env=kept | {"PGSERVICEFILE": str(service), "LC_ALL": "C"},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=False,
                timeout=_SECONDS,
            )
        except subprocess.TimeoutExpired:
            raise NoDumpError(f"pg_dump took more than {_SECONDS} s") from None
    if done.returncode != 0:
        raise NoDumpError(_reason(done.stderr.decode("utf-8", "replace")))
    return done.stdout.decode("utf-8")


def _program(version: int) -> str:
    """A pg_dump that understands a server of `version`: of the same version if there is one."""
    fitting = [
        found
        for found in binaries.candidates()
        if found.version >= version and os.access(found.path("pg_dump"), os.X_OK)
    ]
    if not fitting:
        raise NoDumpError(f"no pg_dump for PostgreSQL {version} is installed here")
    return min(fitting, key=lambda found: found.version).path("pg_dump")


def _write_service(path: Path, target: psycopg.Connection[Any]) -> None:
    """How `target` was reached, as a service file."""
    given = {
        option.keyword.decode(): option.val.decode()
        for option in target.pgconn.info
        if option.val and option.keyword.decode() in _PARAMETERS
    }
    given |= {"host": target.info.host, "port": str(target.info.port), "dbname": target.info.dbname}
    if address := target.info.hostaddr:
        given["hostaddr"] = address
    if word := target.info.password:  # from wherever libpq had it, .pgpass included
        given["password"] = word
    if any("\n" in value or value != value.strip() for value in given.values()):
        raise NoDumpError("a connection parameter cannot be written into a service file")
    write_new(path, ("[target]\n" + "".join(f"{name}={value}\n" for name, value in given.items())).encode())


def _pattern(name: str) -> str:
    """A schema's name as pg_dump's patterns want it, which otherwise know `*` and `.`."""
    return '"' + name.replace('"', '""') + '"'


def _reason(said: str) -> str:
    """pg_dump's first complaint, without the address that libpq repeats."""
    lines = [line.removeprefix("pg_dump: ") for line in said.splitlines() if line.strip()]
    line = next((line for line in lines if "error:" in line), lines[0] if lines else "it said nothing")
    return "pg_dump: " + line.removeprefix("error: ").rpartition("failed: ")[2][:300]
