"""ZIP and what is built on it: jar, whl, docx, odt, apk and others (APPNOTE of PKWARE).

The headers in front of the members are followed, not the directory at the end: so whatever any
program could take out of it is seen, also where the directory is lost, cut off, or says something
else, and where a program stands in front of it all. Where deflated data ends it tells itself.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from typing import Final

from secopskit.formats.archives.parts import ArchiveBudget, ArchiveMember, ArchivePart, UnopenedMember
from secopskit.formats.archives.unpacking import (
    CUT_OFF,
    UNREADABLE,
    Opener,
    Unpacked,
    bzip2_stream,
    lzma_stream,
    raw_deflate,
    unpacked,
    xz_stream,
)
from secopskit.named_tuple import NamedTuple

MAGIC: Final = b"PK\3\4"
END: Final = b"PK\5\6"
END_SIZE: Final = 22
_HEADER: Final = struct.Struct("<4sHHHHHIIIHH")
_AFTER: Final = (b"PK\7\x08", MAGIC, b"PK\1\2")
_ENCRYPTED: Final = 0x2041
_SIZE_FOLLOWS: Final = 0x8
_ZIP64: Final = 1
_UNKNOWN: Final = 0xFFFFFFFF
_STORED: Final = 0
_LZMA: Final = 14
_OPENERS: Final[dict[int, Opener]] = {8: raw_deflate, 12: bzip2_stream, 95: xz_stream}


class _Local(NamedTuple):
    """The header in front of a member; `start` is where its data begins, `size` how long it claims to be."""

    name: str
    flags: int
    method: int
    size: int
    plain: int
    start: int


def zip_parts(data: bytes, budget: ArchiveBudget) -> Iterator[ArchivePart]:
    """The members, as they stand one after the other. Raises BoundReachedError."""
    at, last, whole = data.find(MAGIC), 0, True
    while at >= 0:
        local = _local(data, at)
        if local is None:
            at = data.find(MAGIC, at + len(MAGIC))
            continue
        last, whole = local.start, True
        budget.enter()
        if local.flags & _ENCRYPTED:
            yield UnopenedMember(local.name, "it is encrypted")
            at = data.find(MAGIC, local.start + (local.size if local.start + local.size <= len(data) else 0))
            continue
        if (found := _content(data, local, budget)) is None:
            yield UnopenedMember(local.name, f"it is compressed by method {local.method}, which is not known")
            at = data.find(MAGIC, local.start)
            continue
        if found.data or not local.name.endswith("/"):
            yield ArchiveMember(local.name, found.data)
        if found.trouble:
            yield UnopenedMember(local.name, found.trouble)
        last, whole = found.end, not found.trouble
        at = data.find(MAGIC, max(_next(data, local, found), at + len(MAGIC)))
    if not last and data.startswith(MAGIC):
        yield UnopenedMember("", UNREADABLE)
    elif last and whole and data.find(END, last) < 0:  # more members may have stood there
        yield UnopenedMember("", CUT_OFF)


def _local(data: bytes, at: int) -> _Local | None:
    """The header at `at`; None where none can be."""
    if at + _HEADER.size > len(data):
        return None
    _, _, flags, method, _, _, _, size, plain, name, extra = _HEADER.unpack_from(data, at)
    begin = at + _HEADER.size
    start = begin + name + extra
    if start > len(data) or not name or b"\0" in data[begin : begin + name]:
        return None
    if _UNKNOWN in (size, plain):
        plain, size = _long_sizes(data[begin + name : start], plain, size)
    return _Local(os.fsdecode(data[begin : begin + name]), flags, method, size, plain, start)


def _long_sizes(extra: bytes, plain: int, size: int) -> tuple[int, int]:
    """The sizes that stand in the ZIP64 field, where they stand there."""
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, at)
        if kind == _ZIP64 and length >= 16 and at + 20 <= len(extra):
            found = struct.unpack_from("<QQ", extra, at + 4)
            return found[0], found[1]
        at += 4 + length
    return plain, size


def _content(data: bytes, local: _Local, budget: ArchiveBudget) -> Unpacked | None:
    """What a member holds; None where its method is not known."""
    if local.method == _STORED:
        return _stored(data, local, budget)
    if local.method == _LZMA:
        return _from_lzma(data, local, budget)
    opener = _OPENERS.get(local.method)
    return unpacked(opener, data, local.start, budget) if opener else None


def _stored(data: bytes, local: _Local, budget: ArchiveBudget) -> Unpacked:
    end = local.start + local.size
    if local.flags & _SIZE_FOLLOWS and not local.size:
        ends = (data.find(mark, local.start) for mark in _AFTER)
        end = min((end for end in ends if end >= 0), default=len(data))
    budget.take(min(end, len(data)) - local.start)
    return Unpacked(data[local.start : end], min(end, len(data)), "" if end <= len(data) else CUT_OFF)


def _from_lzma(data: bytes, local: _Local, budget: ArchiveBudget) -> Unpacked:
    """Behind two bytes of version and two of length stand the properties that the lzma format begins with."""
    at = local.start + 4
    properties = data[at : at + 5]
    size = 2**64 - 1 if local.flags & 2 or not local.plain else local.plain
    head = properties + struct.pack("<Q", size)
    end = at + len(properties)
    found = unpacked(lzma_stream, head + data[end : end + local.size], 0, budget)
    return found._replace(end=max(found.end - len(head) + end, local.start))


def _next(data: bytes, local: _Local, found: Unpacked) -> int:
    """Where to look for the next header.

    What a stored member is said to cover is looked into again, unless it is an archive that will be:
    a size too large would hide what follows.
    """
    stored = local.method == _STORED and not data.startswith(MAGIC, local.start)
    return local.start if stored else found.end
