"""A small store on disk for compiled rules, safe to read back.

A serialised Hyperscan database is trusted by the library as it is, so a forged one could
corrupt memory. The store therefore lives in a directory of ours alone (0700, owned by us, no
symbolic link) and every entry carries a keyed digest; anything amiss reads as "not there".
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from typing import Final

from secopskit.secret import keyed_digest, same_digest

_DIGEST_SIZE: Final = 32
_KEY_SIZE: Final = 32
_MAX_ENTRY: Final = 64 * 1024 * 1024
_KEY_NAME: Final = "store.key"
# A link or a FIFO in an entry's place must neither lead away nor keep us waiting.
_READ_FLAGS: Final = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_CLOEXEC", 0)
)


class Store:
    """Entries by name under one directory. Never raises: a store that fails holds nothing.

    `keys` is the directory of the key, where it is another one: entries that lie in a
    repository are believed only if this user, on this machine, wrote them.
    """

    def __init__(self, directory: str, *, keys: str | None = None) -> None:
        self._directory = directory
        self._keys = keys or directory

    def load(self, name: str, label: bytes) -> bytes | None:
        """What was stored under `name` with the same `label`, or None."""
        key = self._key(create=False)
        content = self._read(name, _MAX_ENTRY, self._directory) if key else None
        if not key or not content:
            return None
        digest, body = content[:_DIGEST_SIZE], memoryview(content)[_DIGEST_SIZE:]
        return bytes(body) if same_digest(digest, keyed_digest(key, label, body)) else None

    def save(self, name: str, label: bytes, body: bytes) -> None:
        """Keep `body` under `name`, replacing what was there in one step."""
        with suppress(OSError):
            for directory in (self._directory, self._keys):
                os.makedirs(directory, mode=0o700, exist_ok=True)
            if key := self._key(create=True):
                self._write(name, keyed_digest(key, label, body) + body, self._directory)

    def _key(self, *, create: bool) -> bytes | None:
        if not _ours(self._directory) or not _ours(self._keys):
            return None
        key = self._read(_KEY_NAME, _KEY_SIZE, self._keys)
        if key is None and create:
            self._write(_KEY_NAME, os.urandom(_KEY_SIZE), self._keys)
            key = self._read(_KEY_NAME, _KEY_SIZE, self._keys)
        return key if key and len(key) == _KEY_SIZE else None

    def _read(self, name: str, limit: int, directory: str) -> bytes | None:
        try:
            descriptor = os.open(os.path.join(directory, name), _READ_FLAGS)
        except OSError:
            return None
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            return None
        with os.fdopen(descriptor, "rb") as file:
            content = file.read(limit + 1)
        return content if len(content) <= limit else None

    def _write(self, name: str, content: bytes, directory: str) -> None:
        import tempfile

        descriptor, temporary = tempfile.mkstemp(dir=directory)  # 0600 by definition
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
            os.replace(temporary, os.path.join(directory, name))
        except OSError:
            with suppress(OSError):
                os.unlink(temporary)
            raise


def _ours(directory: str) -> bool:
    """Whether it is a real directory that belongs to this user and that nobody else can enter."""
    try:
        found = os.lstat(directory)
    except OSError:
        return False
    if not stat.S_ISDIR(found.st_mode):
        return False
    return os.name == "nt" or (found.st_uid == os.getuid() and not found.st_mode & 0o077)
