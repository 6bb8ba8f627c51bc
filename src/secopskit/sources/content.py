"""From raw bytes to a blob that detectors can read; what is no text is skipped.

UTF-16 and UTF-32 are decoded. A text with a few NUL bytes in it, or with one between its entries, is a text:
each of them becomes a space, so that every offset stays what it was.
"""

from __future__ import annotations

import os
import stat
from typing import BinaryIO, Final

from secopskit.findings import SYMBOLIC_LINK, Blob, Skipped, SkipReason

# As git does: content without a NUL among its first 8000 bytes is text.
BINARY_HEAD: Final = 8000
SCRIPT_MARK: Final = b"#!"
_MARKS: Final = (
    (b"\xff\xfe\0\0", "utf-32-le"),
    (b"\0\0\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
# Without a mark: which bytes of each four are zero in a text that is mostly ASCII.
_WIDE: Final = (("utf-32-le", "0111"), ("utf-32-be", "1110"), ("utf-16-le", "0101"), ("utf-16-be", "1010"))
_MOSTLY: Final = 0.7
_SELDOM: Final = 0.05
# What stands in texts: what prints, white space, backspace, escape, and any byte of UTF-8.
_IN_TEXTS: Final = bytes((8, 9, 10, 12, 13, 27, *range(0x20, 0x7F), *range(0x80, 0x100)))
_TEXT_PER_ODD: Final = 64
_TEXT_PER_NUL: Final = 8
# Pictures, sound and fonts: the binary content of most commits, of which nothing is asked or imported.
_MEDIA: Final = (
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"RIFF",
    b"\0\0\1\0",
    b"wOF",
    b"OTTO",
    b"\0\1\0\0",
    b"ID3",
)
_OPEN_FLAGS: Final = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_CLOEXEC", 0)
)


def as_blob(path: str, data: bytes, oid: str | None = None, *, binaries: bool = False) -> Blob | Skipped:
    """`data` as a blob of text, or the reason why it is none.

    UTF-16 and UTF-32 become UTF-8; their lines stay the same, columns count UTF-8. With `binaries`, archives
    and keystores are blobs, too.
    """
    has_nul = b"\0" in data[:BINARY_HEAD]
    if not has_nul and not (binaries and is_followed_script(data)):
        return Blob(path=path, data=data, oid=oid)
    # Asked first: an archive may begin with a long text, which stands in it as it is.
    if _is_known_binary(data):
        return Blob(path=path, data=data, oid=oid, binary=True) if binaries else _skipped(path, oid)
    if not has_nul:
        return Blob(path=path, data=data, oid=oid)
    for encoding, mark in _encodings(data[:BINARY_HEAD]):
        try:
            unit = 4 if "32" in encoding else 2
            whole = len(data) - (len(data) - len(mark)) % unit  # the last character may be cut off
            text = data[len(mark) : whole].decode(encoding).encode()
        except UnicodeError:
            continue
        if mark or _is_text(text[:BINARY_HEAD]):
            return Blob(path=path, data=text, oid=oid)
    if _is_text(data[:BINARY_HEAD]):
        return Blob(path=path, data=data.replace(b"\0", b" "), oid=oid)
    return _skipped(path, oid)


def is_followed_script(data: bytes) -> bool:
    """Whether it begins as a script does, and what is no text stands in it: an archive may be behind it."""
    return data.startswith(SCRIPT_MARK) and b"\0" in data


def _is_known_binary(data: bytes) -> bool:
    if data.startswith(_MEDIA):
        return False
    from secopskit.sources.known_binary import is_known_binary  # most commits bring none

    return is_known_binary(data)


def _skipped(path: str, oid: str | None) -> Skipped:
    return Skipped(path=path, reason=SkipReason.BINARY, detail=oid or "")


def is_media(head: bytes) -> bool:
    """Whether `as_blob` skips what begins with these `BINARY_HEAD` bytes, as a picture, sound, or a font."""
    return head.startswith(_MEDIA) and b"\0" in head and not _encodings(head) and not _is_text(head)


def text_encoding(head: bytes) -> tuple[str, bytes] | None:
    """How a text is written whose first bytes are `head`, `BINARY_HEAD` of them; None if it is no text.

    Python's word for a wide encoding, empty for others, and the mark that the text begins with.
    """
    if b"\0" not in head:
        return "", b""
    from secopskit.formats.archives.recognised import archive_kind  # large content is seldom more than text

    if archive_kind(head):
        return None
    for encoding, mark in _encodings(head):
        text = head[len(mark) : len(head) - (len(head) - len(mark)) % 4].decode(encoding, "replace").encode()
        if mark or _is_text(text):
            return encoding, mark
    return ("", b"") if _is_text(head) else None


def _encodings(head: bytes) -> list[tuple[str, bytes]]:
    """The wide encodings that content may be in, each with its mark; empty: the bytes tell of it."""
    if marked := [(encoding, mark) for mark, encoding in _MARKS if head.startswith(mark)]:
        return marked
    quarter = max(len(head) // 4, 1)
    zeros = [head[place::4].count(0) / quarter for place in range(4)]
    return [
        (encoding, b"")
        for encoding, places in _WIDE
        if all(
            share >= _MOSTLY if place == "1" else share <= _SELDOM
            for share, place in zip(zeros, places, strict=True)
        )
    ]


def _is_text(head: bytes) -> bool:
    """Whether content that begins so is a text: few bytes stand in no text, NULs between entries."""
    odd, nuls = head.translate(None, _IN_TEXTS), head.count(0)
    if nuls * _TEXT_PER_NUL > len(head):
        return False
    invalid = len(head) - len(head.decode("utf-8", "ignore").encode())
    others = len(odd) - nuls + invalid
    return not others or others + nuls <= 1 + len(head) // _TEXT_PER_ODD


def read_file(full: str, path: str, limit: int, *, binaries: bool = False) -> Blob | Skipped:
    """The regular file `full`, called `path` in reports. Follows no symbolic link and cannot block."""
    opened = _opened(full, path)
    if isinstance(opened, Skipped):
        return opened
    descriptor, size = opened
    try:
        if size > limit:
            return Skipped(path=path, reason=SkipReason.TOO_LARGE, detail=f"{size} bytes")
        data = os.read(descriptor, size + 1)
        if len(data) > size:  # it grows, or nobody knows its size
            data += os.read(descriptor, limit - size)
    except OSError as error:
        return Skipped(path=path, reason=SkipReason.UNREADABLE, detail=error.strerror or "")
    finally:
        os.close(descriptor)
    return as_blob(path, data, binaries=binaries)


def open_regular(full: str, path: str) -> BinaryIO | Skipped:
    """The regular file `full` to read from, or why not. Follows no symbolic link and cannot block."""
    opened = _opened(full, path)
    return opened if isinstance(opened, Skipped) else os.fdopen(opened[0], "rb", buffering=0)


def _opened(full: str, path: str) -> tuple[int, int] | Skipped:
    """The descriptor of a regular file, and its size; a file object costs as much again."""
    try:
        descriptor = os.open(full, _OPEN_FLAGS)
    except OSError as error:
        return _unopened(full, path, error)
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        is_directory = stat.S_ISDIR(status.st_mode)
        return Skipped(path=path, reason=SkipReason.SUBMODULE if is_directory else SkipReason.NOT_REGULAR)
    return descriptor, status.st_size


def _unopened(full: str, path: str, error: OSError) -> Skipped:
    if os.path.islink(full):
        return Skipped(path=path, reason=SkipReason.NOT_REGULAR, detail=SYMBOLIC_LINK)
    return Skipped(path=path, reason=SkipReason.UNREADABLE, detail=error.strerror or "")
