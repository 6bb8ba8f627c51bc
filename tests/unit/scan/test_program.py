"""What is kept of a scan counts for the program that has kept it, and for no other."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from secopskit import __version__
from secopskit.scan.history.program import program_stamp, this_program


@pytest.fixture
def package(tmp_path: Path) -> Path:
    package = tmp_path / "secopskit"
    (package / "room" / "inner").mkdir(parents=True)
    for name in ("a.py", "room/b.py", "room/inner/c.py"):
        (package / name).write_text("x = 1\n")
    return package


@pytest.mark.parametrize("name", ["a.py", "room/b.py", "room/inner/c.py"])
def test_a_file_that_changes_makes_another_program_of_a_checkout(package: Path, name: str) -> None:
    before = program_stamp(str(package))
    assert program_stamp(str(package)) == before
    file = package / name
    file.write_text("x = 2\n")
    os.utime(file, ns=(1, file.stat().st_mtime_ns + 1))
    assert program_stamp(str(package)) != before


def test_a_file_that_comes_or_goes_does(package: Path) -> None:
    before = program_stamp(str(package))
    (package / "room" / "d.py").touch()
    more = program_stamp(str(package))
    (package / "a.py").unlink()
    assert len({before, more, program_stamp(str(package))}) == 3


def test_an_installation_is_what_its_record_says(package: Path) -> None:
    record = package.parent / f"secopskit-{__version__}.dist-info" / "RECORD"
    record.parent.mkdir()
    record.write_text("secopskit/a.py,sha256=1,6\n")
    before = program_stamp(str(package))
    record.write_text("secopskit/a.py,sha256=2,6\n")
    assert program_stamp(str(package)) != before


def test_this_program_has_one() -> None:
    assert len(this_program()) == 32
