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
from secopskit.state.smallfiles import read_own_pieces

_DIGEST_SIZE: Final = 32
_KEY_SIZE: Final = 32
_MAX_ENTRY: Final = 64 * 1024 * 1024
_KEY_NAME: Final = "store.key"


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
        # In two pieces: an entry is megabytes, and a copy of what stands behind the digest takes its time.
        content = _pieces(self._directory, name, _DIGEST_SIZE, _MAX_ENTRY) if key else None
        if not key or not content:
            return None
        digest, body = content
        return body if same_digest(digest, keyed_digest(key, label, body)) else None

    def save(self, name: str, label: bytes, body: bytes) -> None:
        """Keep `body` under `name`, replacing what was there in one step."""
        from secopskit.state.private import replace_whole  # most runs only read

        with suppress(OSError):
            for directory in (self._directory, self._keys):
                os.makedirs(directory, mode=0o700, exist_ok=True)
            if key := self._key(create=True):
                content = keyed_digest(key, label, body) + body
                # What a crash cuts off reads as "not there": nobody need wait for the disk.
                replace_whole(os.path.join(self._directory, name), content, durable=False)

    def _key(self, *, create: bool) -> bytes | None:
        return own_key(self._keys, _KEY_NAME, create=create) if _ours(self._directory) else None


def own_key(directory: str, name: str, *, create: bool) -> bytes | None:
    """The key (32 bytes) in the file `name` of a directory that is this user's alone; None: there is none.

    With `create` it is made where it is missing. Raises OSError.
    """
    if not _ours(directory):
        return None
    key = _read(directory, name, _KEY_SIZE)
    if key is None and create:
        _make_key(os.path.join(directory, name))
        key = _read(directory, name, _KEY_SIZE)
    return key if key and len(key) == _KEY_SIZE else None


def _make_key(path: str) -> None:
    """Write a key, the same for all who come at once, over what is none. Raises OSError."""
    from secopskit.state.private import create_whole, replace_whole

    if not create_whole(path, os.urandom(_KEY_SIZE)) and _read(*os.path.split(path), _KEY_SIZE) is None:
        replace_whole(path, os.urandom(_KEY_SIZE))


def _read(directory: str, name: str, limit: int) -> bytes | None:
    pieces = _pieces(directory, name, 0, limit)
    return pieces and pieces[1]


def _pieces(directory: str, name: str, head: int, limit: int) -> tuple[bytes, bytes] | None:
    try:
        return read_own_pieces(os.path.join(directory, name), head, limit)
    except OSError:
        return None


def _ours(directory: str) -> bool:
    """Whether it is a real directory that belongs to this user and that nobody else can enter.

    Not `private_directory`: one that others could enter is not shut but left, for what is in it
    may be theirs.
    """
    try:
        found = os.lstat(directory)
    except OSError:
        return False
    if not stat.S_ISDIR(found.st_mode):
        return False
    return os.name == "nt" or (found.st_uid == os.getuid() and not found.st_mode & 0o077)
