"""Whatever secops was doing when it is killed: two seconds later nothing of it works on."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from support.cli import COMMAND, UNMEASURED, environment
from support.repos import Repo

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")

_MARK = "LC_KILLED_TEST"  # of the variables that git gets
_SURVEY = """
from secopskit.git.repository import Repository
from secopskit.purge.find.survey import survey
from secopskit.purge.values.matcher import ValueMatcher
survey(Repository.open("."), ValueMatcher((), engine="re"), jobs=2)  # with this engine, git reads
"""
_RUN = """
from secopskit.git.repository import Repository
Repository.open(".").run({words})
"""


_HAS_ITS_SIGNAL = r"grep -qs '^flags:.*02[0-7]\{4\}$' /proc/$$/fdinfo/*"  # O_ASYNC, see git/child.py


class Started:
    """A process that has a `git` in its PATH which stops where a test wants it to.

    It stops once it is sure to be told of our end: whoever is killed in the instant before leaves a git
    that ends when it next reads or writes, which `sleep` does not.
    """

    def __init__(
        self,
        repo: Repo,
        directory: Path,
        command: Sequence[str],
        stops_at: str,
        does: str,
        *,
        detached: bool = False,
    ) -> None:
        directory.mkdir()
        script = directory / "git"
        ready = "" if detached else f"until {_HAS_ITS_SIGNAL}; do sleep 0.01; done; "
        script.write_text(
            f'#!/bin/sh\ncase "$*" in {stops_at}) {ready}{does};; esac\nexec "{shutil.which("git")}" "$@"\n'
        )
        script.chmod(0o755)
        self.mark = secrets.token_hex(8)
        path = f"{directory}{os.pathsep}{os.environ['PATH']}"
        self.process = subprocess.Popen(
            command,
            cwd=repo.path,
            env=environment(PATH=path, **{_MARK: self.mark}, **UNMEASURED),  # who is killed says nothing
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def alive(self) -> list[str]:
        """The command lines of all processes that come from it, itself included."""
        entry = f"{_MARK}={self.mark}".encode()
        return [
            _read(process / "cmdline").replace(b"\0", b" ").decode().strip()
            for process in Path("/proc").iterdir()
            if process.name.isdigit() and entry in _read(process / "environ").split(b"\0")
        ]

    def kill(self, when: Callable[[list[str]], bool]) -> list[str]:
        """Kill it, and nothing else, once `when` is true of all that runs; what runs two seconds later."""
        assert _within(30, lambda: when(self.alive())), self.alive()
        self.process.kill()
        self.process.wait()
        try:
            _within(2, lambda: not self.alive())
            return self.alive()
        finally:
            os.system(f"grep -slz {_MARK}={self.mark} /proc/[0-9]*/environ | cut -d/ -f3 | xargs -r kill -9")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # it has ended, or is not ours
        return b""


def _within(seconds: float, true: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def _stopped(number: int) -> Callable[[list[str]], bool]:
    return lambda alive: sum(line == "sleep 60" for line in alive) >= number


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """Content for several slices of work, so that workers are started."""
    made = Repo.create(tmp_path / "repo")
    body = os.urandom(500_000).hex()
    made.commit({f"f{number}": f"{number}{body}" for number in range(30)})
    made.commit({"a": "b\n"})
    return made


_HISTORY = (*COMMAND, "scan", "--history", "--no-cache", "-j2", "--engine=re")


def test_in_the_middle_of_a_log(repo: Repo, tmp_path: Path) -> None:
    started = Started(repo, tmp_path / "bin", _HISTORY, "*' log '*", "exec sleep 60")

    def log_and_workers(alive: list[str]) -> bool:
        return _stopped(1)(alive) and sum("secopskit" in line for line in alive) == 3

    assert started.kill(log_and_workers) == []


def test_in_the_middle_of_a_history_scan(repo: Repo, tmp_path: Path) -> None:
    started = Started(repo, tmp_path / "bin", _HISTORY, "*' --batch'|*' --batch '*", "exec sleep 60")
    assert started.kill(_stopped(2)) == []


def test_with_workers_that_are_busy(repo: Repo, tmp_path: Path) -> None:
    body = os.urandom(1_000_000).hex()
    repo.commit({f"g{number}": f"{number}{body}" for number in range(30)})
    started = Started(repo, tmp_path / "bin", _HISTORY, "nothing", "true")
    assert started.kill(lambda alive: sum("secopskit" in line for line in alive) == 3) == []


def test_in_the_middle_of_a_survey(repo: Repo, tmp_path: Path) -> None:
    command = (sys.executable, "-c", _SURVEY)
    started = Started(repo, tmp_path / "bin", command, "*' --batch'", "exec sleep 60")
    assert started.kill(_stopped(2)) == []


@pytest.mark.parametrize("does", ["exec sleep 60", "sleep 60 & wait"])
def test_a_command_that_is_waited_for(repo: Repo, tmp_path: Path, does: str) -> None:
    """Also what git has started itself."""
    command = (sys.executable, "-c", _RUN.format(words="'gc'"))
    started = Started(repo, tmp_path / "bin", command, "*' gc'", does)
    assert started.kill(_stopped(1)) == []


def test_what_must_not_stop_half_way_does_not(repo: Repo, tmp_path: Path) -> None:
    done = tmp_path / "done"
    command = (sys.executable, "-c", _RUN.format(words="'pack-refs', detached=True"))
    does = f"sleep 1; touch '{done}'; exit"
    started = Started(repo, tmp_path / "bin", command, "*' pack-refs'", does, detached=True)
    started.kill(lambda alive: "sleep 1" in alive)
    assert _within(5, done.exists)


def test_a_command_that_is_given_up_is_ended_first(repo: Repo, tmp_path: Path) -> None:
    """Ctrl-C reaches us alone; git gets the time to remove its lock files."""
    tidied = tmp_path / "tidied"
    does = f"trap \"touch '{tidied}'; exit\" TERM; sleep 60 & wait"
    command = (sys.executable, "-c", _RUN.format(words="'gc'"))
    started = Started(repo, tmp_path / "bin", command, "*' gc'", does)
    assert _within(30, lambda: _stopped(1)(started.alive()))
    started.process.send_signal(signal.SIGINT)
    started.process.wait(10)
    assert tidied.exists()
    assert _within(2, lambda: not started.alive())
