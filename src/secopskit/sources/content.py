"""From raw bytes to a blob that detectors can read: UTF-16 is decoded, binary content skipped."""

from __future__ import annotations

import os
import stat
from typing import Final

from secopskit.findings import Blob, Skipped, SkipReason

# As git does: content with a NUL among its first 8000 bytes is binary.
BINARY_HEAD: Final = 8000
_UTF16_MARKS: Final = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
_OPEN_FLAGS: Final = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_CLOEXEC", 0)
)


def as_blob(path: str, data: bytes, oid: str | None = None) -> Blob | Skipped:
    """`data` as a blob of text, or the reason why it is none.

    UTF-16 with a byte order mark becomes UTF-8; its lines stay the same, columns count UTF-8.
    """
    if b"\0" not in data[:BINARY_HEAD]:
        return Blob(path=path, data=data, oid=oid)
    if encoding := _UTF16_MARKS.get(data[:2]):
        try:
            return Blob(path=path, data=data[2:].decode(encoding).encode(), oid=oid)
        except UnicodeError:
            pass
    return Skipped(path=path, reason=SkipReason.BINARY, detail=oid or "")


def read_file(full: str, path: str, limit: int) -> Blob | Skipped:
    """The regular file `full`, called `path` in reports. Follows no symbolic link and cannot block."""
    try:
        descriptor = os.open(full, _OPEN_FLAGS)
    except OSError as error:
        return _unopened(full, path, error)
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):  # of a directory, Python would not even make a file
        os.close(descriptor)
        is_directory = stat.S_ISDIR(status.st_mode)
        return Skipped(path=path, reason=SkipReason.SUBMODULE if is_directory else SkipReason.NOT_REGULAR)
    with os.fdopen(descriptor, "rb", buffering=0) as file:
        if status.st_size > limit:
            return Skipped(path=path, reason=SkipReason.TOO_LARGE, detail=f"{status.st_size} bytes")
        try:
            data = file.read(limit + 1)
        except OSError as error:
            return Skipped(path=path, reason=SkipReason.UNREADABLE, detail=error.strerror or "")
    return as_blob(path, data)


def _unopened(full: str, path: str, error: OSError) -> Skipped:
    if os.path.islink(full):
        return Skipped(path=path, reason=SkipReason.NOT_REGULAR, detail="symbolic link")
    return Skipped(path=path, reason=SkipReason.UNREADABLE, detail=error.strerror or "")
