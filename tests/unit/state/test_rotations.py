"""The record of rotations: what is written is read, whoever else writes at the same time."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from secopskit.errors import ConfigError, RefusedError
from secopskit.state import moments
from secopskit.state.lock import held
from secopskit.state.rotations import read_rotations, record_rotations
from support.cli import SOURCE

WHEN = datetime(2030, 1, 1, 12, tzinfo=timezone(timedelta(hours=2)))
_WRITER = """
import sys
from datetime import UTC, datetime
from secopskit.state.rotations import record_rotations
for number in range(int(sys.argv[3])):
    record_rotations(sys.argv[1], [f"{sys.argv[2]}-{number}"], datetime.now(UTC))
"""


def test_what_was_recorded_is_read(tmp_path: Path) -> None:
    place = str(tmp_path / "secops")
    assert read_rotations(place) == {}
    record_rotations(place, ["a", "b"], WHEN)
    record_rotations(place, ["b", "c"], WHEN + timedelta(days=1))
    first, later = "2030-01-01T10:00:00+00:00", "2030-01-02T10:00:00+00:00"
    assert read_rotations(place) == {"a": first, "b": first, "c": later}
    document = json.loads((tmp_path / "secops" / "rotations.json").read_text())
    assert document == {"version": 1, "rotated": read_rotations(place)}
    assert {datetime.fromisoformat(when).tzinfo for when in read_rotations(place).values()} == {UTC}


@pytest.mark.skipif(os.name == "nt", reason="modes as POSIX has them")
def test_the_record_is_private(tmp_path: Path) -> None:
    place = tmp_path / "secops"
    record_rotations(str(place), ["a"], WHEN)
    assert stat.S_IMODE(place.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in place.iterdir()} == {0o600}


def test_writers_at_once_lose_nothing(tmp_path: Path) -> None:
    place = str(tmp_path / "secops")
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", _WRITER, place, str(writer), "8"], env={"PYTHONPATH": str(SOURCE)}
        )
        for writer in range(4)
    ]
    assert [writer.wait(timeout=120) for writer in writers] == [0] * 4
    assert read_rotations(place).keys() == {
        f"{writer}-{number}" for writer in range(4) for number in range(8)
    }
    assert sorted(os.listdir(place)) == ["rotations.json", "rotations.lock"]


def test_a_writer_that_does_not_end_is_not_waited_for_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moments, "_LOCK_SECONDS", 0.05)
    with (
        held(str(tmp_path), running="", name="rotations.lock"),
        pytest.raises(RefusedError, match="records a rotation is running"),
    ):
        record_rotations(str(tmp_path), ["a"], WHEN)


@pytest.mark.parametrize(
    "text",
    ["", "[]", '{"version": 2, "rotated": {}}', '{"version": 1, "rotated": {"a": 1}}', "[" * 10000],
)
def test_a_damaged_record_is_neither_believed_nor_replaced(tmp_path: Path, text: str) -> None:
    file = tmp_path / "secops" / "rotations.json"
    file.parent.mkdir()
    file.write_text(text)
    with pytest.raises(ConfigError, match="not a record"):
        read_rotations(str(file.parent))
    with pytest.raises(ConfigError, match="not a record"):
        record_rotations(str(file.parent), ["a"], WHEN)
    assert file.read_text() == text


def test_a_record_outside_of_the_repository_is_not_read(tmp_path: Path) -> None:
    place = tmp_path / "git" / "secops"
    record_rotations(str(tmp_path / "other"), ["a"], WHEN)
    place.mkdir(parents=True)
    (place / "rotations.json").symlink_to(tmp_path / "other" / "rotations.json")
    with pytest.raises(ConfigError, match="leads out"):
        read_rotations(str(place))
