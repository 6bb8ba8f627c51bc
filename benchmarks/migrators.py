"""The migration runners compared, each with the same migrations in the form it wants."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.peers import WORK, secops_with, tool_environment

DBMATE: Final = "dbmate@2.36.0"
HOME: Final = WORK / "home"
FIRST: Final = 20260101000001  # the version of the first migration; the others count on


@dataclass(frozen=True, slots=True, kw_only=True)
class Migrator:
    """`command` applies what `write` wrote; {url} in it is the database's, which holds no password."""

    name: str
    version: str
    write: Callable[[Path, Sequence[str]], None]
    command: tuple[str, ...]
    init: tuple[str, ...] = ()


def migrators(without: Sequence[str]) -> list[Migrator]:
    """secops and those of its peers that are here; says which are not."""
    found = [_secops(), _dbmate(), _sqitch()]
    return [one for one in found if one is not None and one.name not in without]


def _secops() -> Migrator:
    program = (str(secops_with("migrate") / "bin" / "python"), "-I", "-m", "secopskit")
    url = ("env", "DATABASE_URL={url}")
    return Migrator(
        name="secops",
        version=_last_word((*program, "--version")),
        write=_write_secops,
        init=(*url, *program, "migrate", "init", "--yes"),
        command=(*url, *program, "migrate", "up", "--yes", "--dir", "migrations"),
    )


def _dbmate() -> Migrator | None:
    program = shutil.which("dbmate") or _from_npm()
    if program is None:
        _absent("dbmate", "npm, or dbmate on PATH")
        return None
    return Migrator(
        name="dbmate",
        version=_last_word((program, "--version")),
        write=_write_dbmate,
        command=(program, "--url", "{url}?sslmode=disable", "--no-dump-schema", "up"),
    )


def _from_npm() -> str | None:
    """The program inside the package, without the Node.js around it."""
    place = WORK / "npm"
    pattern = "node_modules/@dbmate/*/bin/dbmate"
    if not any(place.glob(pattern)) and shutil.which("npm"):
        place.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            ("npm", "install", "--silent", "--ignore-scripts", "--prefix", str(place), DBMATE),
            check=False,
            stdout=sys.stderr,
            timeout=300,
        )
    return next(map(str, place.glob(pattern)), None)


def _sqitch() -> Migrator | None:
    program = shutil.which("sqitch")
    if program is None:
        _absent("sqitch", "sqitch on PATH, with its PostgreSQL driver (Debian: libdbd-pg-perl)")
        return None
    return Migrator(
        name="sqitch",
        version=_last_word((program, "--version")),
        write=_write_sqitch,
        command=(program, "deploy", "--no-verify", "db:{url}"),
    )


def _write_secops(directory: Path, texts: Sequence[str]) -> None:
    migrations = _made(directory / "migrations")
    for version, text in enumerate(texts, FIRST):
        (migrations / f"{version}_change.sql").write_text(text, encoding="utf-8")


def _write_dbmate(directory: Path, texts: Sequence[str]) -> None:
    migrations = _made(directory / "db" / "migrations")
    for version, text in enumerate(texts, FIRST):
        both = f"-- migrate:up\n{text}\n-- migrate:down\n"
        (migrations / f"{version}_change.sql").write_text(both, encoding="utf-8")


def _write_sqitch(directory: Path, texts: Sequence[str]) -> None:
    deploy = _made(directory / "deploy")
    lines = ["%syntax-version=1.0.0", "%project=benchmark", ""]
    for number, text in enumerate(texts, 1):
        (deploy / f"change{number}.sql").write_text(f"BEGIN;\n{text}\nCOMMIT;\n", encoding="utf-8")
        lines.append(f"change{number} 2026-01-01T00:00:00Z Ada <ada@example.org> # {number}")
    (directory / "sqitch.plan").write_text("\n".join(lines) + "\n", encoding="utf-8")
    identity = "[user]\n\tname = Ada\n\temail = ada@example.org\n"
    (directory / "sqitch.conf").write_text(f"[core]\n\tengine = pg\n{identity}", encoding="utf-8")


def _made(directory: Path) -> Path:
    directory.mkdir(parents=True)
    return directory


def _absent(name: str, needed: str) -> None:
    print(f"{name} is left out: it needs {needed}", file=sys.stderr)


def _last_word(command: tuple[str, ...]) -> str:
    env = tool_environment(HOME)
    run = subprocess.run(command, capture_output=True, text=True, check=True, env=env, timeout=60)
    return run.stdout.split()[-1]
