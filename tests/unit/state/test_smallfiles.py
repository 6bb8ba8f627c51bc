"""Small files are read whole, however large the system says they are, or not at all."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from secopskit.errors import ConfigError
from secopskit.state.smallfiles import read_own, read_small


@pytest.mark.parametrize("size", [0, 1, 9, 10])
def test_a_file_is_read_to_its_limit(tmp_path: Path, size: int) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"x" * size)
    assert read_small(file, limit=10) == b"x" * size
    assert read_own(file, 10) == b"x" * size


@pytest.mark.parametrize("size", [11, 12, 100])
def test_a_larger_one_is_not_read(tmp_path: Path, size: int) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"x" * size)
    with pytest.raises(ConfigError, match="larger than 10 bytes"):
        read_small(file, limit=10)
    with pytest.raises(OSError, match="not a file of ours"):
        read_own(file, 10)


@pytest.mark.skipif(sys.platform != "linux", reason="files of unknown size")
def test_a_file_that_seems_empty_is_read() -> None:
    file = Path("/proc/self/limits")
    assert file.stat().st_size == 0
    assert read_small(file) == file.read_bytes() != b""


def test_a_file_is_whole_when_it_comes_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "file"
    file.write_bytes(bytes(range(200)))
    read = os.read
    monkeypatch.setattr(os, "read", lambda handle, most: read(handle, min(most, 7)))
    assert read_small(file) == bytes(range(200))
    with pytest.raises(ConfigError, match="larger"):
        read_small(file, limit=199)


def test_no_descriptor_stays_open(tmp_path: Path) -> None:
    before = os.listdir("/dev/fd") if os.path.isdir("/dev/fd") else []
    for place in (tmp_path, tmp_path / "none"):
        with pytest.raises(ConfigError):
            read_small(place)
    with pytest.raises(OSError, match="not a file of ours"):
        read_own(tmp_path, 10)
    assert (os.listdir("/dev/fd") if os.path.isdir("/dev/fd") else []) == before
