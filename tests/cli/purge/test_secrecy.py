"""A purge handles values and shows none: not to a process list, a log, a report or another user."""

from __future__ import annotations

import base64
import os
import shutil
import stat
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.cli import COMMAND, environment
from support.leak import Leak, branch_named_after
from support.values import alnum


class Watch:
    """Looks at a running command from outside: arguments, environments, and files others may read."""

    def __init__(self, place: Path, values: tuple[str, ...]) -> None:
        self.spied = place / "spied"
        self.spied.mkdir()
        self.scratch = place / "scratch"
        self.scratch.mkdir()
        self.values = [value.encode() for value in values]
        self.seen: set[str] = set()
        self._git()

    def _git(self) -> None:
        """Every git that is started writes down its arguments and its environment."""
        wrapper = self.spied / "git"
        real = shutil.which("git")
        log = f"{self.spied}/log"
        wrapper.write_text(f'#!/bin/sh\n{{ printf "%s\\n" "$@"; env; }} >>"{log}"\nexec {real} "$@"\n')
        wrapper.chmod(0o755)

    def run(self, *arguments: str, cwd: Path, places: tuple[Path, ...]) -> tuple[int, str]:
        """Run the command, look at it until it ends; its exit code and all it printed."""
        path = f"{self.spied}{os.pathsep}{os.environ['PATH']}"
        process = subprocess.Popen(
            [*COMMAND, *arguments],
            cwd=cwd,
            env=environment(PATH=path, TMPDIR=str(self.scratch)),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            umask=0,  # what is not made private on purpose can be read by everybody
        )
        watcher = threading.Thread(target=self._watch, args=(process, (*places, self.scratch)))
        watcher.start()
        out, _ = process.communicate(timeout=120)
        watcher.join()
        return process.returncode, out.decode("utf-8", "replace")

    def _watch(self, process: subprocess.Popen[bytes], places: tuple[Path, ...]) -> None:
        while process.poll() is None:
            for pid in _family(process.pid):
                for name in ("cmdline", "environ"):
                    self._note(f"{name} of a process", _read(Path(f"/proc/{pid}/{name}")))
            for place in places:
                for file in _open_to_others(place):
                    self._note(str(file.relative_to(place.parent)), _read(file))
            time.sleep(0.01)

    def _note(self, what: str, text: bytes) -> None:
        if any(value in text for value in self.values):
            self.seen.add(what)

    def holds_value(self, text: bytes) -> bool:
        """Whether a value, or most of one, or its base64, stands in `text`."""
        parts = [
            part for value in self.values for part in (value[6:], value[:-6], base64.b64encode(value)[:-4])
        ]
        return any(part in text for part in parts)


def _family(pid: int) -> Iterator[int]:
    """A process and all its descendants."""
    yield pid
    for task in _listed(Path(f"/proc/{pid}/task")):
        for child in _read(task / "children").split():
            yield from _family(int(child))


def _listed(path: Path) -> list[Path]:
    try:
        return list(path.iterdir())
    except OSError:  # it has ended
        return []


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # it has ended, or gone
        return b""


def _open_to_others(place: Path) -> Iterator[Path]:
    """The files below a directory that other users may read, given the modes on the way to them."""
    try:
        if not place.stat().st_mode & 0o005:
            return
        with os.scandir(place) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    yield from _open_to_others(Path(entry.path))
                elif entry.is_file(follow_symlinks=False) and entry.stat().st_mode & 0o004:
                    yield Path(entry.path)
    except OSError:
        return


@pytest.mark.skipif(not os.path.isdir("/proc/self/task"), reason="no /proc here")
def test_a_purge_shows_no_value_to_anybody(tmp_path: Path) -> None:
    leak = Leak(tmp_path)
    named = branch_named_after(leak)
    pem = "\n".join(("-----BEGIN TEST KEY-----", *(alnum(64) for _ in range(3)), "-----END TEST KEY-----"))
    leak.repo.commit({"key.pem": pem + "\n", "n.txt": named}, f"key {named}")
    leak.repo.git("push", "-q", "origin", "main")
    leak.values.write_text(f"{leak.token}\n{named}\n{pem}\n")
    watch = Watch(tmp_path, (leak.token, named, pem.split("\n")[2]))
    state = leak.repo.path / ".git/secops"
    report = tmp_path / "report.json"
    code, text = watch.run(
        *(
            "purge-history",
            "-vv",
            "--secret-file",
            str(leak.values),
            "--rotated",
            "--apply",
            "--yes",
            "--push",
        ),
        *("--report", str(report), "--backup-dir", str(tmp_path / "backup")),
        cwd=leak.repo.path,
        places=(state,),
    )
    assert code == 0, text
    assert watch.seen == set()
    assert not watch.holds_value((watch.spied / "log").read_bytes())
    assert not watch.holds_value(text.encode() + report.read_bytes())
    assert [
        path for path in state.rglob("*") if path.is_file() and watch.holds_value(path.read_bytes())
    ] == []
    assert list(watch.scratch.iterdir()) == []
    assert stat.S_IMODE((tmp_path / "backup").stat().st_mode) == 0o700
    assert stat.S_IMODE(report.stat().st_mode) == 0o600
    assert list(_open_to_others(state)) == []


def test_errors_of_the_command_show_no_value(tmp_path: Path) -> None:
    leak = Leak(tmp_path)
    leak.values.write_text(f"{leak.token}\n{leak.token[:20]} \n")
    for arguments in (
        ("--secret-file", str(leak.values)),
        ("--findings", str(leak.values)),
        ("--config", str(leak.values)),
        ("--secret-file", "-", "--replacement", "x"),
    ):
        outcome = leak.purge(*arguments, "-vv", stdin=f"{leak.token}\t\n".encode())
        assert outcome.code in (2, 3), outcome.text
        assert leak.token[:20] not in outcome.text


def test_a_replacement_with_a_value_in_it_is_refused(tmp_path: Path) -> None:
    leak = Leak(tmp_path)
    before = leak.state()
    outcome = leak.apply("--no-backup", "--replacement", f"was {leak.token}")
    assert outcome.code == 2
    assert leak.token not in outcome.text
    assert leak.state() == before
