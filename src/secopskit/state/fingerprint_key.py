"""The key of a repository's fingerprints: of random bytes beside its objects, and a secret of the user's.

The bytes alone are worth nothing. They may have come with the repository, in an archive that the user has
unpacked, or have gone with it: who knows them knows no key, for this is made of them and of the user's
secret (`user_secret`). So a key is kept as long as both are, wherever the repository is moved or copied to.

Behind the bytes in the file stand marks, each made with a key. One of the key that we have tells that it
has been used here before; without one, what is recorded under fingerprints is not to be found again, which is
said. A repository that is used on several machines, or in a container, has a key and a mark for each.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from secopskit.errors import RefusedError
from secopskit.secret import keyed_digest
from secopskit.state.smallfiles import read_own

KEY_SIZE: Final = 32
_MARK_SIZE: Final = 16
_MOST_MARKS: Final = 8
_SEAL_SIZE: Final = 8
_NAME: Final = "fingerprint.key"
_COST: Final = (
    "fingerprints and ids of findings are new ones, and what was recorded under the old ones (rotations, "
    "purges, syncs, incidents) is not found again"
)
_REPLACED: Final = f"the fingerprint key of this repository was open to others and is replaced: {_COST}"
_FOREIGN: Final = (
    f"the fingerprint key of this repository was not made by you here, and yours is used: {_COST}; "
    "if you have used secops here before, bring back your state directory of then (SECOPS_STATE_DIR)"
)
_HOMELESS: Final = (
    "you have no directory of your own to keep a secret in, and the fingerprints of this run hold for it "
    "alone: nothing that is recorded under them is found again; let SECOPS_STATE_DIR name one (mode 0700)"
)
_of_this_run: dict[str, bytes] = {}
_said: set[str] = set()


def _say(notice: str) -> None:
    """Tell the user, once: the key is asked for at many places of a command."""
    if notice not in _said and sys.stderr is not None:
        _said.add(notice)
        sys.stderr.write(f"secops: {notice}.\n")


def fingerprint_key(directory: str | None, *, notice: Callable[[str], None] = _say) -> bytes:
    """The key for what is kept in `directory` (made 0700 at first use), or one for this run alone.

    Bytes that others own, can read or can write are replaced. `notice` is told where the key is another one
    than it was, or than that of who made the repository. Without a secret of the user's, or a writable
    directory, fingerprints differ from run to run, and nothing else does.
    """
    from secopskit.state.user_secret import user_secret  # a clean commit needs no key

    if directory is None:
        return os.urandom(KEY_SIZE)
    secret = user_secret()
    if secret is None:
        notice(_HOMELESS)
    else:
        with suppress(OSError, RefusedError):
            return _kept(directory, secret, notice)
    return _of_this_run.setdefault(directory, os.urandom(KEY_SIZE))


def _kept(directory: str, secret: bytes, notice: Callable[[str], None]) -> bytes:
    """The key of the bytes in `directory` and of `secret`. Raises OSError, RefusedError."""
    path = os.path.join(directory, _NAME)
    if not _is_private(path):
        _replace(directory, path, secret)
        notice(_REPLACED)
    content = _read(path) or _make(directory, path, secret)
    key = _derived(content, secret)
    if _mark(key) not in _marks(content):
        notice(_FOREIGN)
        _add_mark(path, content, _mark(key))
    return key


def _derived(content: bytes, secret: bytes) -> bytes:
    return keyed_digest(secret, b"fingerprint key", content[:KEY_SIZE])


def sealed(key: bytes, purpose: bytes, name: str) -> str:
    """What stands for a name in a record, in hexadecimal. `require_same_key` tells by it whose key it was."""
    digest = keyed_digest(key, purpose, os.fsencode(name))[:_MARK_SIZE]
    return (_mark(key)[:_SEAL_SIZE] + digest).hex()


def require_same_key(key: bytes, seal: str, *, of: str) -> None:
    """Return if `seal` was made with `key`: names that another one hides are never found again.

    `of` completes "the record of …". Raises RefusedError.
    """
    if seal[: 2 * _SEAL_SIZE] != _mark(key)[:_SEAL_SIZE].hex():
        raise RefusedError(
            f"the record of {of} hides names with another fingerprint key than yours",
            advice="Run it as the user and on the machine that began it, with the state directory of then "
            "(SECOPS_STATE_DIR). Is that lost, set those refs by hand: the backup has them as they were.",
        )


def _mark(key: bytes) -> bytes:
    return keyed_digest(key, b"fingerprint mark")[:_MARK_SIZE]


def _marks(content: bytes) -> list[bytes]:
    return [content[at : at + _MARK_SIZE] for at in range(KEY_SIZE, len(content), _MARK_SIZE)]


def _fresh(secret: bytes) -> bytes:
    """New bytes and the mark of their key, as they stand in a file."""
    content = os.urandom(KEY_SIZE)
    return content + _mark(_derived(content, secret))


def _is_private(path: str) -> bool:
    """Whether nobody else could have read or written the file `path`, or there is none. Raises OSError."""
    try:
        found = os.lstat(path)
    except FileNotFoundError:
        return True
    if os.name == "nt" or not stat.S_ISREG(found.st_mode):
        return True  # what is no file is not read
    return os.geteuid() in (0, found.st_uid) and not found.st_mode & 0o077


def _replace(directory: str, path: str, secret: bytes) -> None:
    """Write fresh bytes over those that are not believed. Raises OSError, RefusedError."""
    from secopskit.state.private import private_directory, replace_whole

    private_directory(directory)
    if os.lstat(path).st_uid != os.geteuid():
        raise RefusedError(f"{path}: belongs to another user", advice="Remove it.")
    replace_whole(path, _fresh(secret))


def _add_mark(path: str, content: bytes, mark: bytes) -> None:
    """Put down that the key has been used, where that can be: the oldest of many marks goes."""
    from secopskit.state.private import replace_whole

    with suppress(OSError):
        if os.name == "nt" or os.lstat(path).st_uid == os.geteuid():  # root leaves a user's file to the user
            marks = [*_marks(content), mark][-_MOST_MARKS:]
            replace_whole(path, content[:KEY_SIZE] + b"".join(marks))


def _read(path: str) -> bytes | None:
    """What the file `path` holds; None if there is no file. Raises OSError for anything else."""
    content = read_own(path, KEY_SIZE + _MOST_MARKS * _MARK_SIZE)
    if content is not None and (len(content) < KEY_SIZE or (len(content) - KEY_SIZE) % _MARK_SIZE):
        raise OSError(f"{path}: not a key")
    return content


def _make(directory: str, path: str, secret: bytes) -> bytes:
    """Write fresh bytes in one step, so that two scans at once end up with the same ones. Raises OSError."""
    from secopskit.state.private import create_whole, private_directory  # once in a repository's life

    private_directory(directory)
    content = _fresh(secret)
    return content if create_whole(path, content) else _read(path) or content
