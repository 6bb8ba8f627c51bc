"""The record of what was rotated: when each value was made worthless, by its fingerprint.

`<git dir>/secops/rotations.json` is `{"version": 1, "rotated": {"<fingerprint>": "<when>"}}`,
fingerprints under the repository's own key, times in ISO 8601. `secops rotate` writes it, the purge
and others read it: no value stands in it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Final

from secopskit.errors import ConfigError, SecopsError
from secopskit.state.lock import held
from secopskit.state.private import private_directory, replace_whole
from secopskit.state.smallfiles import read_small

FILE_NAME: Final = "rotations.json"
_LOCK_NAME: Final = "rotations.lock"
_LOCK_SECONDS: Final = 10.0
_VERSION: Final = 1


def read_rotations(directory: str) -> Mapping[str, str]:
    """When each value was rotated, by fingerprint; `directory` is the repository's state directory.

    Empty where nothing is on record. Raises ConfigError for what is no such record.
    """
    path = os.path.join(directory, FILE_NAME)
    if not os.path.lexists(path):
        return {}
    try:
        document = json.loads(read_small(path, within=os.path.dirname(directory)))
        known = document["rotated"] if document["version"] == _VERSION else None
    except (ValueError, KeyError, TypeError, RecursionError):
        known = None
    if not isinstance(known, dict) or not all(isinstance(when, str) for when in known.values()):
        raise ConfigError(
            f"{path}: is not a record of rotations", advice="Move it away, and state it with --rotated."
        )
    return known


def record_rotations(directory: str, fingerprints: Iterable[str], when: datetime) -> None:
    """Add to the record that values were rotated at `when`, a time with its zone.

    Of a value that is on record the first time stays, so a step can be recorded twice. Writers at the
    same time wait for each other. Raises SecopsError; ConfigError for a damaged record, which stays.
    """
    moment = when.astimezone(UTC).isoformat(timespec="seconds")
    path = os.path.join(directory, FILE_NAME)
    try:
        private_directory(directory)
        with held(
            directory,
            running="another command that records a rotation",
            advice="Try again.",
            name=_LOCK_NAME,
            wait=_LOCK_SECONDS,
        ):
            rotated = dict.fromkeys(fingerprints, moment) | dict(read_rotations(directory))
            document = {"version": _VERSION, "rotated": rotated}
            replace_whole(path, json.dumps(document, indent=1).encode() + b"\n")
    except OSError as error:
        raise SecopsError(
            f"{path}: cannot be written: {error.strerror}", advice="Check the directory's mode."
        ) from None
