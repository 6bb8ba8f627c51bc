"""One run at a time, and how soon the next one may begin."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from secopskit.errors import RefusedError
from secopskit.state.lock import LOCK_NAME, held, is_held

fcntl = pytest.importorskip("fcntl")
_HOLDS = """
import fcntl, sys, time
file = open(sys.argv[1], "w")
fcntl.flock(file, fcntl.LOCK_EX)
print(flush=True)
time.sleep(float(sys.argv[2]))
file.close()
"""


def holder(directory: Path, seconds: float) -> subprocess.Popen[bytes]:
    """A process that holds the lock of `directory` so long."""
    words = [sys.executable, "-c", _HOLDS, str(directory / LOCK_NAME), str(seconds)]
    process = subprocess.Popen(words, stdout=subprocess.PIPE)
    assert process.stdout
    process.stdout.readline()
    return process


def test_what_is_left_of_one_that_was_killed_is_waited_for(tmp_path: Path) -> None:
    """It was starting a program: until that runs, a copy of it has the lock."""
    with holder(tmp_path, 0.05), held(str(tmp_path), running="another"):
        pass
    with holder(tmp_path, 0.05):
        assert not is_held(str(tmp_path))


def test_one_that_runs_is_told_of_soon(tmp_path: Path) -> None:
    process = holder(tmp_path, 60)
    try:
        begun = time.monotonic()
        with pytest.raises(RefusedError, match="another is running"), held(str(tmp_path), running="another"):
            pass
        assert time.monotonic() - begun < 30
        assert is_held(str(tmp_path))
    finally:
        process.kill()
        process.communicate()
    with held(str(tmp_path), running="another"):
        pass
