"""The records of purges and proofs: the last moment counts, for a value can come back and go again."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from secopskit.errors import ConfigError
from secopskit.state.moments import MomentRecord
from secopskit.state.purges import PROOFS, PURGES

WHEN = datetime(2030, 1, 1, 12, tzinfo=UTC)


def test_the_last_moment_stays(tmp_path: Path) -> None:
    place = str(tmp_path / "secops")
    PURGES.add(place, ["a", "b"], WHEN)
    PURGES.add(place, ["b"], WHEN + timedelta(days=1))
    assert PURGES.read(place) == {"a": "2030-01-01T12:00:00+00:00", "b": "2030-01-02T12:00:00+00:00"}
    assert PROOFS.read(place) == {}
    document = json.loads((tmp_path / "secops" / "purges.json").read_text())
    assert document == {"version": 1, "purged": PURGES.read(place)}


@pytest.mark.parametrize("record", [PURGES, PROOFS])
def test_what_is_no_record_is_refused(tmp_path: Path, record: MomentRecord) -> None:
    place = tmp_path / "secops"
    place.mkdir()
    (place / record.file).write_text('{"version": 2}')
    with pytest.raises(ConfigError, match=f"is not a record of {record.of}"):
        record.read(str(place))
