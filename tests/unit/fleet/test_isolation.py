"""One repository harms only its own scan: whatever happens in the copy, there is an outcome."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

from secopskit.errors import GitError
from secopskit.fleet.model import MEBIBYTE, Outcome, OutcomeKind, UnitLimits
from secopskit.fleet.worker.isolation import CAN_FORK, Bounds, isolated
from secopskit.git.repository import Repository
from support.repos import Repo

pytestmark = pytest.mark.skipif(not CAN_FORK, reason="no fork here")


def _bounds(
    limits: UnitLimits | None = None,
    *,
    disk: Callable[[], int] = lambda: 0,
    gone: Callable[[], bool] = lambda: False,
) -> Bounds:
    return Bounds(limits or UnitLimits(), disk, gone)


def _sleep() -> NoReturn:
    while True:
        time.sleep(60)


def test_what_it_says_arrives_however_long_it_is() -> None:
    said = Outcome(7, OutcomeKind.SCANNED, document=os.urandom(300_000))
    heard = isolated(7, lambda: said, _bounds())
    assert heard._replace(seconds=0) == said
    assert heard.seconds > 0


def test_what_it_raises_is_a_failure() -> None:
    def work() -> NoReturn:
        raise GitError("the repository is broken", advice="Mend it.")

    heard = isolated(7, work, _bounds())
    assert (heard.kind, heard.reason, heard.advice) == (
        OutcomeKind.FAILED,
        "the repository is broken",
        "Mend it.",
    )


def test_a_clone_that_became_too_large_between_two_looks() -> None:
    bounds = _bounds(UnitLimits(disk=MEBIBYTE), disk=lambda: MEBIBYTE + 1)
    heard = isolated(7, lambda: Outcome(7, OutcomeKind.SCANNED), bounds)
    assert (heard.number, heard.kind, heard.reason) == (
        7,
        OutcomeKind.FAILED,
        "its clone is larger than 1 MiB",
    )


def test_a_git_that_was_killed_is_no_fault_of_the_repository(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path / "repo")
    found = Repository.open(str(repo.path))
    assert found is not None
    fatal = tmp_path / "git"
    fatal.write_text("#!/bin/sh\nkill -9 $$\n")
    fatal.chmod(0o700)
    killed = found._replace(environ={**found.environ, "PATH": f"{tmp_path}:{found.environ['PATH']}"})

    def work() -> Outcome:
        killed.run("rev-parse", "HEAD")
        return Outcome(7, OutcomeKind.SCANNED)

    heard = isolated(7, work, _bounds())
    assert (heard.kind, heard.reason) == (OutcomeKind.KILLED, "git rev-parse: was ended by signal 9")


def test_a_bug_tells_its_type_and_no_more() -> None:
    def work() -> NoReturn:
        raise KeyError("hunter2secret")

    heard = isolated(7, work, _bounds())
    assert (heard.kind, heard.reason) == (OutcomeKind.FAILED, "a bug in secops: KeyError")
    assert "hunter2secret" not in str(heard)


def test_a_death_is_told_as_one() -> None:
    def work() -> NoReturn:
        os.kill(os.getpid(), signal.SIGKILL)
        _sleep()

    assert isolated(7, work, _bounds()).kind is OutcomeKind.KILLED


def test_too_much_memory() -> None:
    def work() -> NoReturn:
        bytearray(600 * MEBIBYTE)
        _sleep()

    heard = isolated(7, work, _bounds(UnitLimits(memory=300 * MEBIBYTE)))
    assert (heard.kind, heard.reason) == (OutcomeKind.FAILED, "it needs more memory than it may have")


def test_too_much_time_ends_what_it_has_started_too(tmp_path: Path) -> None:
    note = tmp_path / "pid"

    def work() -> NoReturn:
        child = subprocess.Popen(["sleep", "60"])
        note.write_text(str(child.pid))
        _sleep()

    heard = isolated(7, work, _bounds(UnitLimits(seconds=1)))
    assert (heard.kind, heard.reason) == (OutcomeKind.FAILED, "it took longer than 1 s")
    until = time.monotonic() + 5
    while _lives(int(note.read_text())) and time.monotonic() < until:
        time.sleep(0.05)
    assert not _lives(int(note.read_text()))


def test_too_much_disk() -> None:
    heard = isolated(7, _sleep, _bounds(UnitLimits(disk=MEBIBYTE), disk=lambda: 2 * MEBIBYTE))
    assert (heard.kind, heard.reason) == (OutcomeKind.FAILED, "its clone is larger than 1 MiB")


def test_it_ends_with_whoever_waits_for_it() -> None:
    assert isolated(7, _sleep, _bounds(gone=lambda: True)).kind is OutcomeKind.KILLED


def test_it_ends_with_whoever_was_killed(tmp_path: Path) -> None:
    note = tmp_path / "pid"

    def work() -> NoReturn:
        note.write_text(str(os.getpid()))
        _sleep()

    cell = os.fork()
    if cell == 0:
        isolated(7, work, _bounds())
        os._exit(0)
    until = time.monotonic() + 20
    while not (note.exists() and note.read_text()) and time.monotonic() < until:
        time.sleep(0.05)
    copy = int(note.read_text())
    os.kill(cell, signal.SIGKILL)
    os.waitpid(cell, 0)
    while _lives(copy) and time.monotonic() < until:
        time.sleep(0.05)
    assert not _lives(copy)


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
