"""Whatever is killed, and whenever: each repository has one outcome in the end."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.cli import COMMAND, environment
from support.fleets import Fleet, leak, repository

pytestmark = pytest.mark.usefixtures("unmeasured")
_REPOSITORIES = 8


@pytest.fixture
def fleet(tmp_path: Path) -> Fleet:
    for name in ("home", "temporary"):
        (tmp_path / name).mkdir()
    return Fleet(tmp_path / "home")


@pytest.fixture
def clones(tmp_path: Path) -> str:
    for number in range(_REPOSITORIES):
        files = {f"{name}.py": os.urandom(40_000).hex() for name in range(20)}
        repository(tmp_path / "clones" / str(number), leak() | files)
    return str(tmp_path / "clones" / "*")


def _started(fleet: Fleet, *words: str, path: str = os.environ["PATH"]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        (*COMMAND, *fleet.words(*words)),
        cwd=fleet.home,
        env=environment(TMPDIR=str(fleet.home.parent / "temporary"), PATH=path),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


class HeldGit:
    """A `git` that waits until it is let go: so that no machine is too fast for what is to happen first."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir()
        self._hold = directory / "hold"
        self._hold.touch()
        script = directory / "git"
        script.write_text(
            f'#!/bin/sh\nwhile test -e "{self._hold}"; do sleep 0.02; done\n'
            f'exec "{shutil.which("git")}" "$@"\n'
        )
        script.chmod(0o755)
        self.path = f"{directory}{os.pathsep}{os.environ['PATH']}"

    def let_go(self) -> None:
        """From now on it is git."""
        self._hold.unlink(missing_ok=True)


def _descendants(pid: int) -> Iterator[tuple[int, str]]:
    """The processes that `pid` has started, and their command lines."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                words = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
            if int(fields[1]) == pid and fields[0] != "Z":
                yield int(entry.name), words
                yield from _descendants(int(entry.name))


def _cells(pid: int) -> list[int]:
    return [each for each, words in _descendants(pid) if "secopskit.fleet.worker.cell" in words]


def _exactly_once(fleet: Fleet) -> None:
    told = fleet.report()
    assert told["complete"], told["repositories"]
    assert len(told["repositories"]) == _REPOSITORIES
    assert told["total"] == _REPOSITORIES
    assert all(len(one["repositories"]) == 1 for one in told["secrets"])


@pytest.mark.slow
def test_workers_that_are_killed(fleet: Fleet, clones: str, tmp_path: Path) -> None:
    git = HeldGit(tmp_path / "bin")
    running = _started(fleet, "scan", "--path", clones, "-j", "2", "--fail-on", "never", path=git.path)
    killed = 0

    def kill() -> None:
        nonlocal killed
        while running.poll() is None and killed < 3:
            time.sleep(random.uniform(0.1, 0.5))
            # A copy that is at work, or the cell that made it.
            if cells := _cells(running.pid):
                os.kill(random.choice(cells), signal.SIGKILL)
                killed += 1
                git.let_go()

    killer = threading.Thread(target=kill)
    killer.start()
    assert running.wait(120) in (0, 3)
    killer.join()
    assert killed
    assert not list((fleet.home.parent / "temporary").iterdir())
    # One that was hit twice is set aside, and told; the next run has it.
    assert fleet.run("scan", "--path", clones, "-j", "2", "--fail-on", "never").code == 0
    _exactly_once(fleet)


@pytest.mark.slow
def test_a_coordinator_that_is_killed_takes_its_workers_along(fleet: Fleet, clones: str) -> None:
    for _ in range(3):
        running = _started(fleet, "scan", "--path", clones, "-j", "2", "--fail-on", "never")
        time.sleep(random.uniform(0.6, 1.6))
        children = [each for each, _ in _descendants(running.pid)]
        running.send_signal(signal.SIGKILL)
        running.wait(10)
        until = time.monotonic() + 10
        while any(Path(f"/proc/{each}").exists() for each in children) and time.monotonic() < until:
            time.sleep(0.05)
        assert not [each for each in children if Path(f"/proc/{each}").exists()]
    assert fleet.run("scan", "--path", clones, "-j", "2", "--fail-on", "never").code == 0
    _exactly_once(fleet)


def test_what_was_done_is_not_done_again(fleet: Fleet, clones: str) -> None:
    running = _started(fleet, "scan", "--path", clones, "-j", "1", "--fail-on", "never")
    until = time.monotonic() + 60
    while time.monotonic() < until:
        time.sleep(0.1)
        if (fleet.home / "fleet" / "fleet.sqlite").exists():
            status = fleet.run("status")
            if status.code == 0 and "scanned" in status.out:
                break
    running.send_signal(signal.SIGKILL)
    running.wait(10)
    before = fleet.report()
    if before["ended"]:
        pytest.skip("it was over before it could be killed")
    done = fleet.run("scan", "--path", clones, "--fail-on", "never")
    assert done.code == 0
    after = fleet.report()
    assert after["run"] == before["run"]
    scanned = {one["name"]: one["scanned_at"] for one in before["repositories"] if one["scanned_at"]}
    assert scanned
    assert scanned.items() <= {one["name"]: one["scanned_at"] for one in after["repositories"]}.items()
    _exactly_once(fleet)


def test_only_one_at_a_time(fleet: Fleet, clones: str, tmp_path: Path) -> None:
    git = HeldGit(tmp_path / "bin")
    running = _started(fleet, "scan", "--path", clones, "-j", "1", path=git.path)
    try:
        until = time.monotonic() + 30
        while not (fleet.home / "fleet" / "fleet.sqlite").exists() and time.monotonic() < until:
            time.sleep(0.05)
        done = fleet.run("scan", "--path", clones)
        assert done.code == 5, done.text
        assert "another scan of this fleet is running" in done.err
    finally:
        git.let_go()
        running.kill()
        running.wait(10)
