"""Runs migrations as `secops migrate up` does, without the command line around it.

`Runners` does so in processes that a test can kill, forked from one that has everything imported.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from secopskit.errors import SecopsError
from secopskit.migrate.apply.execute import apply_plan
from secopskit.migrate.apply.migration_run import ApplyOptions
from secopskit.migrate.apply.progress import MigrationOutcome, TellEvent, silent
from secopskit.migrate.ledger import versions
from secopskit.migrate.ledger.history import RunRecord
from secopskit.migrate.ledger.pin import admit
from secopskit.migrate.model import Direction
from secopskit.migrate.plan import make_plan
from secopskit.migrate.read.files import load_migrations
from support.cli import environment
from support.links import link_to, settings_of


def write(directory: Path, files: Mapping[str, str]) -> Path:
    """Migrations of the given names and texts."""
    directory.mkdir(exist_ok=True)
    for name, text in files.items():
        (directory / name).write_text(text, encoding="utf-8")
    return directory


def migrate(
    dsn: str,
    directory: Path,
    *,
    direction: Direction = Direction.UP,
    to: str | None = None,
    steps: int | None = None,
    options: ApplyOptions | None = None,
    tell: TellEvent = silent,
) -> MigrationOutcome:
    """Plan and apply, on a database that `init` has seen."""
    with link_to(dsn) as link:
        identity = admit(link)
        loaded = load_migrations(str(directory))
        rows = versions.read(link)
        plan = make_plan(
            loaded.migrations,
            rows,
            identity,
            direction=direction,
            to=to,
            steps=steps,
            problems=loaded.problems,
        )
        return apply_plan(
            settings_of(dsn),
            link,
            plan,
            identity,
            record=RunRecord(),
            options=options or ApplyOptions(),
            tell=tell,
        )


class Runners:
    """Processes that migrate, started in no time: forks of one that waits for orders."""

    def __enter__(self) -> Self:
        self._parent = subprocess.Popen(
            [sys.executable, "-m", "support.runner"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment(PYTHONPATH=os.pathsep.join(filter(None, sys.path))),
            text=True,
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._parent.communicate(timeout=60)

    def start(self, dsn: str, directory: Path) -> int:
        """Start a process; its id. Whoever kills it must `wait` for it, too."""
        return int(self._order(f"start {dsn} {directory}"))

    def wait(self, pid: int) -> int:
        """Wait for the end of a process; its exit code, negative for a signal."""
        return int(self._order(f"wait {pid}"))

    def _order(self, words: str) -> str:
        assert self._parent.stdin
        assert self._parent.stdout
        self._parent.stdin.write(words + "\n")
        self._parent.stdin.flush()
        return self._parent.stdout.readline()


def _run(dsn: str, directory: str) -> int:
    try:
        migrate(dsn, Path(directory)).raise_for_failure()
    except SecopsError as error:
        sys.stderr.write(f"{error}\n{error.advice}\n")
        return int(error.exit_code)
    return 0


def _serve() -> None:
    for line in sys.stdin:
        match line.split():
            case "start", dsn, directory:
                pid = os.fork()
                if pid == 0:
                    os._exit(_run(dsn, directory))
                _answer(pid)
            case "wait", pid:
                _answer(os.waitstatus_to_exitcode(os.waitpid(int(pid), 0)[1]))


def _answer(number: int) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    _serve()
