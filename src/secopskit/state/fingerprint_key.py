"""The key of a repository's fingerprints: random, kept beside its objects, never committed."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from typing import Final

KEY_SIZE: Final = 32
_NAME: Final = "fingerprint.key"
# A link or a FIFO in its place must neither lead away nor keep us waiting.
_READ_FLAGS: Final = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_CLOEXEC", 0)
)


def fingerprint_key(directory: str | None) -> bytes:
    """The key kept in `directory` (made 0700 at first use), or one for this run alone.

    Without a writable directory fingerprints differ from run to run, and nothing else does.
    """
    if directory is not None:
        path = os.path.join(directory, _NAME)
        with suppress(OSError):
            return _read(path) or _make(directory, path)
    return os.urandom(KEY_SIZE)


def _read(path: str) -> bytes | None:
    """The key in the file `path`; None if there is no file. Raises OSError for anything else."""
    try:
        descriptor = os.open(path, _READ_FLAGS)
    except FileNotFoundError:
        return None
    try:
        key = os.read(descriptor, KEY_SIZE + 1) if stat.S_ISREG(os.fstat(descriptor).st_mode) else b""
    finally:
        os.close(descriptor)
    if len(key) != KEY_SIZE:
        raise OSError(f"{path}: not a key")
    return key


def _make(directory: str, path: str) -> bytes:
    """Write a fresh key in one step, so that two scans at once end up with the same one."""
    os.makedirs(directory, mode=0o700, exist_ok=True)
    if os.path.islink(directory):
        raise OSError(f"{directory}: a symbolic link")
    key = os.urandom(KEY_SIZE)
    temporary = f"{path}.{os.urandom(8).hex()}"
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(key)
        return _publish(temporary, path) or key
    finally:
        with suppress(FileNotFoundError):
            os.unlink(temporary)


def _publish(temporary: str, path: str) -> bytes | None:
    """Give the file its name, unless another scan was faster: then the key that it wrote."""
    try:
        os.link(temporary, path)
    except FileExistsError:
        return _read(path)
    except OSError:  # a file system without hard links
        os.replace(temporary, path)
    return None
