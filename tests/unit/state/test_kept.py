"""Files of the user's that hold secrets: replaced whole, whoever is killed, and nothing is left beside."""

from __future__ import annotations

import os
import random
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from secopskit.errors import SecopsError
from secopskit.state.private import clear_leftovers, replace_kept
from support.cli import SOURCE

_WRITER = """
import sys
from secopskit.state.private import replace_kept
print("ready", flush=True)
for number in range(10**9):
    replace_kept(sys.argv[1], bytes([97 + number % 26]) * 200_000)
"""


def start(path: Path) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, "-c", _WRITER, str(path)], env={"PYTHONPATH": str(SOURCE)}, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    return process


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_a_killed_writer_leaves_a_whole_file_and_then_nothing(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    for _ in range(12):
        process = start(path)
        time.sleep(random.uniform(0.0, 0.03))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        data = path.read_bytes() if path.exists() else b"mine"  # killed before its first
        assert data == b"mine" or (len(data), len(set(data))) == (200_000, 1)
        replace_kept(path, b"mine")
        # What may be left has nothing in it.
        assert all(not each.stat().st_size for each in tmp_path.iterdir() if each != path)


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_writers_at_the_same_time_do_not_disturb_each_other(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    process = start(path)
    for _ in range(60):
        replace_kept(path, b"b" * 100_000)
        data = path.read_bytes()
        assert len(set(data)) == 1
        assert len(data) in (100_000, 200_000)
    assert process.poll() is None, "the other one has failed"
    process.kill()
    process.communicate()


def test_only_what_nobody_works_on_is_cleared(tmp_path: Path) -> None:
    fcntl = pytest.importorskip("fcntl")
    names = {
        "dead": f".env.secops-{'0' * 16}.tmp",
        "held": f".env.secops-{'1' * 16}.tmp",
        "other": f".env2.secops-{'2' * 16}.tmp",
        "empty": f".env.secops-{'4' * 16}.tmp",
        "foreign": ".env.secops-notes.tmp",
        "link": f".env.secops-{'3' * 16}.tmp",
    }
    for kind, name in names.items():
        if kind == "link":
            (tmp_path / name).symlink_to(tmp_path / names["foreign"])
        else:
            (tmp_path / name).write_bytes(b"" if kind == "empty" else b"value")
    with (tmp_path / names["held"]).open("rb+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        clear_leftovers(tmp_path / ".env")
        assert set(os.listdir(tmp_path)) == set(names.values()) - {names["dead"]}
    os.utime(tmp_path / names["empty"], (0, 0))
    clear_leftovers(tmp_path / ".env")
    assert set(os.listdir(tmp_path)) == {names["other"], names["foreign"], names["link"]}
    clear_leftovers(tmp_path / "none" / ".env")


def test_modes_only_become_stricter(tmp_path: Path) -> None:
    path = tmp_path / "f"
    for before, after in ((0o644, 0o600), (0o777, 0o600), (0o400, 0o400), (0o600, 0o600)):
        replace_kept(path, b"x")
        path.chmod(before)
        replace_kept(path, b"y")
        assert stat.S_IMODE(path.stat().st_mode) == after or os.name == "nt"


def test_what_cannot_be_written_is_told_without_the_value(tmp_path: Path) -> None:
    with pytest.raises(SecopsError, match="cannot be written") as caught:
        replace_kept(tmp_path / "none" / "f", b"canary")
    assert "canary" not in repr(caught.value) + caught.value.advice
