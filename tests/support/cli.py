"""Runs secops as its users do: as a process of its own, in an environment of the test's own."""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src"
# A process with this in its environment is not measured (see `support.coverage_floor`), for that would be
# seen: in what is imported, in how long it takes, on a disk that is full.
UNMEASURED = {"COVERAGE_PROCESS_CONFIG": ""}
COMMAND = (sys.executable, "-m", "secopskit")


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a process ended."""

    code: int
    out: str
    err: str

    @property
    def text(self) -> str:
        """All that it printed, for a look that is not concerned with where."""
        return self.out + self.err


@cache
def home() -> Path:
    """An empty home directory for what this test process starts."""
    directory = Path(tempfile.mkdtemp(prefix="secops-tests-"))
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    return directory


@cache
def rules_cache() -> Path:
    """Where compiled rules are kept from run to run: compiling takes seconds, a hook a quarter of one."""
    directory = SOURCE.parent / ".pytest_cache" / "secops"
    directory.mkdir(parents=True, exist_ok=True)
    directory.chmod(0o700)
    return directory


def environment(**more: str) -> dict[str, str]:
    """Variables for a child process: nothing of the developer's git, secops or pre-commit comes through.

    What is staged, pushed or installed in a test is the test's alone.
    """
    # Without its bytecode kept, each process would spend half of its time on compiling our own source.
    foreign = ("GIT_", "SECOPS_", "PRE_COMMIT", "XDG_", "PYTHONDONTWRITEBYTECODE")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    kept |= {
        "HOME": str(home()),
        "SECOPS_CACHE_DIR": str(rules_cache()),
        "SECOPS_STATE_DIR": str(home() / "state"),
        "PYTHONPATH": str(SOURCE),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": "Ada",
        "GIT_AUTHOR_EMAIL": "ada@example.org",
        "GIT_COMMITTER_NAME": "Ada",
        "GIT_COMMITTER_EMAIL": "ada@example.org",
        "GIT_TERMINAL_PROMPT": "0",
        "NO_COLOR": "1",
        "LC_ALL": "C.UTF-8",
    }
    return kept | more


def run(
    *command: str | os.PathLike[str],
    cwd: Path,
    stdin: bytes = b"",
    env: Mapping[str, str] | None = None,
    timeout: float = 60,
) -> Outcome:
    """Run any command in `cwd`. `env` is added to `environment`."""
    done = subprocess.run(
        command,
        cwd=cwd,
        input=stdin,
        env=environment(**(env or {})),
        capture_output=True,
        timeout=timeout,
        check=False,
    )
    return Outcome(done.returncode, _text(done.stdout), _text(done.stderr))


def secops(
    *arguments: str | os.PathLike[str], cwd: Path, stdin: bytes = b"", env: Mapping[str, str] | None = None
) -> Outcome:
    """Run `secops` with `arguments` in `cwd`."""
    return run(*COMMAND, *arguments, cwd=cwd, stdin=stdin, env=env)


def _text(output: bytes) -> str:
    return output.decode("utf-8", "surrogateescape")
