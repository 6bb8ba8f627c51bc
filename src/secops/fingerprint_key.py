"""The key of a repository's fingerprints: random, kept beside its objects, never committed."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Final

KEY_SIZE: Final = 32
_NAME: Final = "fingerprint.key"


def fingerprint_key(directory: str | None) -> bytes:
    """The key kept in `directory` (made 0700 at first use), or one for this run alone.

    Without a writable directory fingerprints differ from run to run, and nothing else does.
    """
    if directory is None:
        return os.urandom(KEY_SIZE)
    path = os.path.join(directory, _NAME)
    with suppress(OSError):
        os.makedirs(directory, mode=0o700, exist_ok=True)
        with suppress(FileExistsError):
            _create(path)
        with open(path, "rb") as file:
            key = file.read(KEY_SIZE + 1)
        if len(key) == KEY_SIZE:
            return key
    return os.urandom(KEY_SIZE)


def _create(path: str) -> None:
    """Write a fresh key in one step, so that two scans at once end up with the same one."""
    temporary = f"{path}.{os.getpid()}"
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(os.urandom(KEY_SIZE))
        os.link(temporary, path)
    finally:
        os.unlink(temporary)
