"""The record of what was rotated: when each value was made worthless, by its fingerprint.

`<git dir>/secops/rotations.json`; its form is that of `moments`. `secops rotate` writes it, the purge and
others read it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from secopskit.state.moments import MomentRecord

FILE_NAME: Final = "rotations.json"
_RECORD: Final = MomentRecord(
    file=FILE_NAME,
    name="rotated",
    of="rotations",
    writer="records a rotation",
    advice="Move it away, and state it with --rotated.",
)


def read_rotations(directory: str) -> Mapping[str, str]:
    """When each value was rotated, by fingerprint; see `MomentRecord.read`."""
    return _RECORD.read(directory)


def record_rotations(directory: str, fingerprints: Iterable[str], when: datetime) -> None:
    """Add to the record that values were rotated at `when`; see `MomentRecord.add`."""
    _RECORD.add(directory, fingerprints, when)
