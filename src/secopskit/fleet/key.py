"""The fleet's fingerprint key: one for all its repositories, so that one secret has one fingerprint.

It is 32 random bytes in a file of the fleet's directory. Workers on other machines have a copy of that file,
which `SECOPS_FLEET_KEY_FILE` names; it never crosses the cluster.
"""

from __future__ import annotations

import os
from typing import Final

from secopskit.errors import ConfigError
from secopskit.secret import keyed_digest
from secopskit.state.smallfiles import read_small
from secopskit.state.store import own_key

KEY_FILE: Final = "fleet.key"
KEY_VARIABLE: Final = "SECOPS_FLEET_KEY_FILE"
_SIZE: Final = 32
_MARK: Final = 8
_COPY: Final = f"It is a copy of {KEY_FILE} in the fleet's directory: {_SIZE} bytes."


def own_fleet_key(directory: str) -> bytes:
    """The key in the fleet's directory, made at first use. Raises ConfigError."""
    key = own_key(directory, KEY_FILE, create=True)
    if key is None:
        raise ConfigError(
            f"{os.path.join(directory, KEY_FILE)}: cannot be made, or is not yours alone",
            advice="Name a directory of your own: --fleet DIR.",
        )
    return key


def read_fleet_key(path: str) -> bytes:
    """A copy of the key, in the file `path` of a worker's machine. Raises ConfigError."""
    try:
        key = read_small(path, limit=_SIZE)  # a mounted secret is a link
    except ConfigError as error:
        raise ConfigError(f"{KEY_VARIABLE}: {error}", advice=_COPY) from None
    if len(key) != _SIZE:
        raise ConfigError(f"{KEY_VARIABLE}: {path}: is not the key of a fleet", advice=_COPY)
    return key


def key_mark(key: bytes) -> str:
    """What tells one key from another and gives neither away, in hexadecimal."""
    return keyed_digest(key, b"fleet key mark")[:_MARK].hex()
