"""The record of what a purge knew of each secret: all of them, and what was known first stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from secopskit.errors import ConfigError
from secopskit.state.purged_secrets import (
    FILE_NAME,
    PurgedSecret,
    read_purged_secrets,
    record_purged_secrets,
)

FIRST = PurgedSecret(title="a token", place="app.py:1", places=2, paths=("app.py", "b.py"), rule_id="x")


def test_what_is_recorded_is_read_again(tmp_path: Path) -> None:
    place = str(tmp_path / "secops")
    assert read_purged_secrets(place) == {}
    record_purged_secrets(place, {"a": FIRST})
    other = PurgedSecret(title="value 1 of values.txt", place="notes")
    record_purged_secrets(place, {"a": other, "b": other})
    assert read_purged_secrets(place) == {"a": FIRST, "b": other}


@pytest.mark.parametrize(
    "text", ["", "[]", '{"version": 2, "secrets": {}}', '{"version": 1, "secrets": {"a": {"title": 1}}}']
)
def test_what_is_no_record_is_refused(tmp_path: Path, text: str) -> None:
    place = tmp_path / "secops"
    place.mkdir()
    (place / FILE_NAME).write_text(text)
    with pytest.raises(ConfigError, match="is not a record of purged secrets"):
        read_purged_secrets(str(place))
