"""The key of a repository's fingerprints: random, kept beside its objects, never committed."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Final

from secopskit.errors import RefusedError
from secopskit.state.smallfiles import read_own

KEY_SIZE: Final = 32
_NAME: Final = "fingerprint.key"


def fingerprint_key(directory: str | None) -> bytes:
    """The key kept in `directory` (made 0700 at first use), or one for this run alone.

    Without a writable directory fingerprints differ from run to run, and nothing else does.
    """
    if directory is not None:
        path = os.path.join(directory, _NAME)
        with suppress(OSError, RefusedError):
            if key := _read(path) or _make(directory, path):
                return key
    return os.urandom(KEY_SIZE)


def _read(path: str) -> bytes | None:
    """The key in the file `path`; None if there is no file. Raises OSError for anything else."""
    key = read_own(path, KEY_SIZE)
    if key is not None and len(key) != KEY_SIZE:
        raise OSError(f"{path}: not a key")
    return key


def _make(directory: str, path: str) -> bytes | None:
    """Write a fresh key in one step, so that two scans at once end up with the same one."""
    from secopskit.state.private import create_whole, private_directory  # once in a repository's life

    private_directory(directory)
    key = os.urandom(KEY_SIZE)
    return key if create_whole(path, key) else _read(path)
