"""tar archives, old ones, ustar, GNU and pax (POSIX.1, pax): block for block, ever forward."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Final

from secopskit.formats.archives.parts import ArchiveBudget, ArchiveMember, ArchivePart, UnopenedMember
from secopskit.formats.archives.unpacking import CUT_OFF, DAMAGED
from secopskit.named_tuple import NamedTuple

_BLOCK: Final = 512
_ZEROS: Final = bytes(_BLOCK)
_CHECKSUM: Final = re.compile(rb" *([0-7]{1,7})[\0 ]*\Z")
_OCTAL: Final = re.compile(rb"[ \0]*([0-7]*)[ \0]*\Z")
_PAX_PATH: Final = re.compile(rb"^\d+ path=([^\n]+)\n", re.MULTILINE)
_FILES: Final = (b"0", b"\0", b"7", b"S")
_EMPTY: Final = (b"1", b"2", b"3", b"4", b"5", b"6")
_LONG_NAME: Final = b"L"
_PAX: Final = (b"x", b"X")
_SPARSE: Final = b"S"


class _TarHeader(NamedTuple):
    """What a header block says. `extended` tells that a map of holes goes on in the block behind it."""

    name: bytes
    kind: bytes
    size: int
    extended: bool


def is_tar(head: bytes) -> bool:
    """Whether the first block is one: its checksum is right."""
    return _header(head) is not None


def tar_parts(data: bytes, budget: ArchiveBudget) -> Iterator[ArchivePart]:
    """The files in it, in order; archives that were joined are read to the last. Raises BoundReachedError."""
    at, name, ended = 0, b"", True
    while at + _BLOCK <= len(data):
        block = data[at : at + _BLOCK]
        if block == _ZEROS:
            at, ended = at + _BLOCK, True
            continue
        if (header := _header(block)) is None:
            yield UnopenedMember("", DAMAGED)
            return
        budget.enter()
        ended = False
        start = _data_start(data, at + _BLOCK, extended=header.extended)
        body = data[start : start + header.size]
        at = start + -(-header.size // _BLOCK) * _BLOCK
        if (longer := _longer_name(header.kind, body)) is not None:
            name = longer or name
            continue
        shown = os.fsdecode(name or header.name)
        if header.kind not in _EMPTY and (body or header.kind in _FILES):
            budget.take(len(body))
            yield ArchiveMember(shown, body)
        if len(body) < header.size:
            yield UnopenedMember(shown, CUT_OFF)
            return
        name = b""
    if not ended:  # by blocks of zeros, as every one is: more files may have stood there
        yield UnopenedMember("", CUT_OFF)


def _header(block: bytes) -> _TarHeader | None:
    """The header in a block; None where it is none."""
    if len(block) < _BLOCK or not (stated := _CHECKSUM.match(block[148:156])):
        return None
    if int(stated[1], 8) != sum(block[:148]) + 8 * 32 + sum(block[156:_BLOCK]):
        return None
    kind, size = block[156:157], _number(block[124:136])
    if size is None:
        return None
    name, prefix = block[:100].partition(b"\0")[0], b""
    if block[257:263] == b"ustar\0":
        prefix = block[345:500].partition(b"\0")[0]
    return _TarHeader(
        name=prefix + b"/" + name if prefix else name,
        kind=kind,
        size=0 if kind in _EMPTY else size,
        extended=kind == _SPARSE and block[482] != 0,
    )


def _number(field: bytes) -> int | None:
    """A number in octal digits, or in binary as GNU tar writes large ones; None for a negative one."""
    if field[0] == 0x80:
        return int.from_bytes(field[1:], "big")
    digits = _OCTAL.match(field)
    return int(digits[1] or b"0", 8) if digits else None


def _data_start(data: bytes, at: int, *, extended: bool) -> int:
    """Where a file's data begins: behind all the blocks of its map of holes."""
    while extended and at + _BLOCK <= len(data):
        extended = data[at + 504] != 0
        at += _BLOCK
    return at


def _longer_name(kind: bytes, body: bytes) -> bytes | None:
    """The name for the next file, where this is no file but says more of that one; empty for no name."""
    if kind == _LONG_NAME:
        return body.rstrip(b"\0")
    if kind in _PAX:
        found = _PAX_PATH.search(body)
        return found[1] if found else b""
    return b"" if kind in (b"g", b"K") else None
