"""One run at a time, and how soon the next one may begin."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from secopskit.errors import RefusedError
from secopskit.state.lock import LOCK_NAME, is_held
from secopskit.state.notebook import JournalForm, Notebook


@dataclass(frozen=True)
class BareJournal:
    """A journal with nothing in it."""


FORM = JournalForm(lambda _: {}, lambda _: BareJournal(), of="a test", running="another", advice="")
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


@pytest.fixture
def notebook(tmp_path: Path) -> Notebook[BareJournal]:
    made = Notebook(str(tmp_path / "notebook"), FORM)
    made.open()
    return made


def test_what_is_left_of_a_killed_command_is_waited_for(notebook: Notebook[BareJournal]) -> None:
    """It was starting a program: until that runs, a copy of it has the lock."""
    with holder(Path(notebook.path), 0.05), notebook.held():
        pass
    with holder(Path(notebook.path), 0.05):
        assert not notebook.is_held()


def test_a_command_that_runs_is_told_of_soon(notebook: Notebook[BareJournal]) -> None:
    process = holder(Path(notebook.path), 60)
    try:
        begun = time.monotonic()
        with pytest.raises(RefusedError, match="another is running"), notebook.held():
            pass
        assert time.monotonic() - begun < 30
        assert notebook.is_held()
    finally:
        process.kill()
        process.communicate()
    with notebook.held():
        pass


def test_who_wants_no_wait_has_none(tmp_path: Path) -> None:
    with holder(tmp_path, 0.4):
        assert is_held(str(tmp_path))
