"""Reads and replaces the small files that steer secops: configuration, baselines, ignore files.

They stand in the scanned repository, so they may be anything: a FIFO that never answers, a
link to a file outside, a gigabyte of noise. None of that gets further than here. What we wrote for
ourselves is read here too (`read_own`); `private` writes it.
"""

from __future__ import annotations

import errno
import os
import stat
from typing import Final, TypeAlias

from secopskit.errors import ConfigError

# pathlib takes longer to import than a hook has to spare.
StrPath: TypeAlias = str | os.PathLike[str]

DEFAULT_LIMIT: Final = 1024 * 1024
MAX_PATTERN: Final = 1024  # the longest path pattern, in characters
MAX_PATTERNS: Final = 2000
_CHUNK: Final = 1024 * 1024
# Absent on Windows, where a FIFO has no place in the file system either.
_WITHOUT_WAITING: Final = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_OWN: Final = os.O_RDONLY | _WITHOUT_WAITING | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)


def read_small(path: StrPath, *, limit: int = DEFAULT_LIMIT, within: StrPath | None = None) -> bytes:
    """The bytes of a regular file of at most `limit` bytes. Raises ConfigError, naming the file.

    With `within`, a symbolic link that leads out of that directory is refused.
    """
    if within is not None and not is_inside(path, within):
        raise ConfigError(f"{path}: leads out of {within}", advice="Put a regular file there, not a link.")
    try:
        handle = os.open(path, os.O_RDONLY | _WITHOUT_WAITING)
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"{path}: cannot be read: {_reason(error)}", advice="Check its name and mode."
        ) from None
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise ConfigError(f"{path}: is not a regular file", advice="Put a regular file there.")
        data = _read(handle, status.st_size, limit + 1)
    finally:
        os.close(handle)
    if len(data) > limit:
        raise ConfigError(f"{path}: is larger than {limit} bytes", advice="Split or shorten it.")
    return data


def read_own(path: StrPath, limit: int) -> bytes | None:
    """The bytes of a file that we wrote; None where there is none. Raises OSError for anything else.

    A link or a FIFO in its place neither leads away nor keeps us waiting.
    """
    pieces = read_own_pieces(path, 0, limit)
    return pieces and pieces[1]


def read_own_pieces(path: StrPath, head: int, limit: int) -> tuple[bytes, bytes] | None:
    """The same in two pieces, the first of `head` bytes or of all that there are; `limit` is that of both."""
    try:
        handle = os.open(path, _OWN)
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(errno.EINVAL, "not a file of ours", os.fspath(path))
    with os.fdopen(handle, "rb") as file:
        first, rest = file.read(head), file.read(limit + 1)
    if len(first) + len(rest) > limit:
        raise OSError(errno.EINVAL, "not a file of ours", os.fspath(path))
    return first, rest


def is_inside(path: StrPath, directory: StrPath) -> bool:
    """Whether `path`, with every link followed, stands in `directory`."""
    try:
        inner, outer = os.path.realpath(path), os.path.realpath(directory)
        return os.path.commonpath([inner, outer]) == outer
    except (OSError, RuntimeError, ValueError):  # a loop of links, a null byte in a name
        return False


def _read(handle: int, expected: int, most: int) -> bytes:
    """Up to `most` bytes. A file object would cost more than the reading, and a thousand files are read."""
    data = os.read(handle, min(expected + 1, most))
    if len(data) == expected < most:
        return data  # one more was asked for: this is the end
    parts = [data]
    while data and (most := most - len(data)) > 0:
        data = os.read(handle, min(most, _CHUNK))
        parts.append(data)
    return b"".join(parts)


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or "the name is not valid"
