"""The key of a repository's fingerprints: random, kept beside its objects, never committed."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from secopskit.errors import RefusedError
from secopskit.state.smallfiles import read_own

KEY_SIZE: Final = 32
_NAME: Final = "fingerprint.key"
_REPLACED: Final = (
    "the fingerprint key of this repository was open to others and is replaced: fingerprints and ids "
    "of findings are new ones"
)


def fingerprint_key(directory: str | None, *, notice: Callable[[str], None] = lambda _: None) -> bytes:
    """The key kept in `directory` (made 0700 at first use), or one for this run alone.

    One that others own, can read or can write is not believed, as it may have come with the repository:
    who knows the key can try values against fingerprints. A new one takes its place, and `notice` is told.
    Without a writable directory fingerprints differ from run to run, and nothing else does.
    """
    if directory is not None:
        path = os.path.join(directory, _NAME)
        with suppress(OSError, RefusedError):
            if not _is_private(path):
                _replace(directory, path)
                notice(_REPLACED)
            if key := _read(path) or _make(directory, path):
                return key
    return os.urandom(KEY_SIZE)


def _is_private(path: str) -> bool:
    """Whether nobody else could have read or written the file `path`, or there is none. Raises OSError."""
    try:
        found = os.lstat(path)
    except FileNotFoundError:
        return True
    if os.name == "nt" or not stat.S_ISREG(found.st_mode):
        return True  # what is no file is not read
    return os.geteuid() in (0, found.st_uid) and not found.st_mode & 0o077


def _replace(directory: str, path: str) -> None:
    """Write a fresh key over one that is not believed. Raises OSError, RefusedError."""
    from secopskit.state.private import private_directory, replace_whole

    private_directory(directory)
    if os.lstat(path).st_uid != os.geteuid():
        raise RefusedError(f"{path}: belongs to another user", advice="Remove it.")
    replace_whole(path, os.urandom(KEY_SIZE))


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
