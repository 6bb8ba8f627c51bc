"""A file that the user names for what we tell: nobody else may read where secrets lie.

The file is made anew and takes the name over: whoever has the old one open, or another name of it,
does not get the new content, and nothing is written through a link into a file of somebody else.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from typing import Final

from secopskit.errors import RefusedError, SecopsError
from secopskit.state.private import replace_whole, set_mode
from secopskit.state.smallfiles import StrPath

_STREAMS: Final = {"/dev/stdout": 1, "/dev/stderr": 2}
_DESCRIPTOR: Final = re.compile(r"/(?:dev|proc/self)/fd/(\d{1,6})", re.ASCII)
# The directory is not ours to write in, or a single file is mounted in it.
_FIXED: Final = frozenset({errno.EACCES, errno.EPERM, errno.EROFS, errno.EBUSY})
_WITHOUT_WAITING: Final = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0)


def write_private(path: StrPath, text: str) -> None:
    """Write `text` into the file `path`, 0600, or into the stream or device that the name stands for.

    Raises SecopsError, and RefusedError for a FIFO, a socket or another user's file in a fixed place.
    """
    name, data = os.fspath(path), text.encode("utf-8", "backslashreplace")
    try:
        if (stream := _stream(name)) is not None:
            _fill(os.dup(stream), data)
        elif os.path.lexists(name):
            _write_over(name, data, os.lstat(name).st_mode)
        else:
            replace_whole(name, data)
    except OSError as error:
        raise SecopsError(
            f"{name}: cannot be written: {error.strerror}", advice="Check the directory and its mode."
        ) from None


def _stream(name: str) -> int | None:
    """The open descriptor that a name of the system stands for: where it leads is the user's choice."""
    found = _DESCRIPTOR.fullmatch(name)
    return int(found[1]) if found else _STREAMS.get(name)


def _write_over(name: str, data: bytes, mode: int) -> None:
    """Write in the place of what is there, which has this mode."""
    if stat.S_ISCHR(mode):  # /dev/null, a terminal
        _fill(os.open(name, os.O_WRONLY | getattr(os, "O_NOCTTY", 0)), data)
    elif stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), name)
    elif not stat.S_ISREG(mode) and not stat.S_ISLNK(mode):
        raise RefusedError(
            f"{name}: is not a regular file: who reads it, reads where secrets lie",
            advice="Name a file, or write to /dev/stdout and into a pipe.",
        )
    else:
        try:
            replace_whole(name, data)
        except OSError as error:
            if error.errno not in _FIXED:
                raise
            _refill(name, data)


def _refill(name: str, data: bytes) -> None:
    """Write into the file that is there, which cannot be replaced: if it is ours, and has no other name."""
    descriptor = os.open(name, os.O_WRONLY | _WITHOUT_WAITING)
    with os.fdopen(descriptor, "wb") as file:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or found.st_nlink > 1 or not _is_ours(found):
            raise RefusedError(
                f"{name}: is not a file of yours alone", advice="Name a file in a directory of yours."
            )
        set_mode(descriptor, name)
        file.truncate(0)
        file.write(data)


def _is_ours(found: os.stat_result) -> bool:
    return os.name == "nt" or found.st_uid == os.geteuid()


def _fill(descriptor: int, data: bytes) -> None:
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
