"""Temporary files of a cell go with their unit, and with the next cell where their own was killed."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from secopskit.fleet.worker import scratch
from secopskit.fleet.worker.scratch import ScratchPlace
from support.cli import SOURCE

pytestmark = pytest.mark.skipif(os.name == "nt", reason="directories are shut in another way there")

_HOLD = """
import sys, tempfile
from secopskit.fleet.worker.scratch import ScratchPlace
place = ScratchPlace.take(sys.argv[1])
open(tempfile.mkstemp()[1], "w").write("left behind")
print(place.files, flush=True)
sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def _own_places(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TMPDIR", "TMP", "TEMP"):
        monkeypatch.setenv(name, os.environ.get(name, tempfile.gettempdir()))
    monkeypatch.setattr(tempfile, "tempdir", tempfile.gettempdir())
    monkeypatch.setattr(scratch, "_YOUNG", -1.0)


def _holder(directory: Path) -> tuple[subprocess.Popen[str], Path]:
    """A process with a place of its own, in which a file lies."""
    child = subprocess.Popen(
        (sys.executable, "-P", "-c", _HOLD, str(directory)),
        env=os.environ | {"PYTHONPATH": str(SOURCE)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout
    return child, Path(child.stdout.readline().strip())


def test_temporary_files_lie_there_and_go_with_their_unit(tmp_path: Path) -> None:
    place = ScratchPlace.take(str(tmp_path / "a" / "scratch"))
    with tempfile.NamedTemporaryFile(delete=False) as file:
        assert Path(file.name).parent == Path(place.files)
    told = subprocess.run(("sh", "-c", "echo $TMPDIR"), stdout=subprocess.PIPE, text=True, check=True)
    assert told.stdout.strip() == place.files
    assert os.stat(place.files).st_mode & 0o077 == 0
    place.clear()
    assert os.listdir(place.files) == []
    place.close()
    assert os.listdir(tmp_path / "a" / "scratch") == []


def test_what_a_killed_one_has_left_is_removed_and_a_living_one_keeps_its_own(tmp_path: Path) -> None:
    killed, left = _holder(tmp_path)
    living, kept = _holder(tmp_path)
    killed.kill()
    killed.communicate()
    assert len(list(left.iterdir())) == 1
    place = ScratchPlace.take(str(tmp_path))
    assert not left.parent.exists()
    assert len(list(kept.iterdir())) == 1
    living.communicate("")
    place.close()


def test_a_young_place_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    killed, left = _holder(tmp_path)
    killed.kill()
    killed.communicate()
    monkeypatch.setattr(scratch, "_YOUNG", 60.0)
    ScratchPlace.take(str(tmp_path)).close()
    assert left.exists()
