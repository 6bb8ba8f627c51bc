"""Compressed data made plain, piece by piece, so that no more is unpacked than the bounds allow."""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections.abc import Callable, Iterator
from typing import Final, Protocol

from secopskit.formats.archives.parts import ArchiveBudget, mebibytes
from secopskit.named_tuple import NamedTuple

# Of the compressed data a step is given, and of the plain data it may give.
_PIECE: Final = 1 << 16
_ROOM: Final = 1 << 20
_RAW_DEFLATE: Final = -15
_GZIP: Final = 31
_XZ_MEMORY: Final = 128 << 20
DAMAGED: Final = "it is damaged"
CUT_OFF: Final = "it is cut off"
UNREADABLE: Final = "no member of it can be read"


class Unpacked(NamedTuple):
    """Plain data, the offset at which its compressed form ends, and what is wrong with it, if anything."""

    data: bytes
    end: int
    trouble: str = ""


class _Decompressor(Protocol):
    """What the decompressors of the standard library have in common."""

    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


Opener = Callable[[], _Decompressor]


def raw_deflate() -> _Decompressor:
    """For deflated data without a header, as in ZIP."""
    return zlib.decompressobj(_RAW_DEFLATE)


def gzip_stream() -> _Decompressor:
    """For one gzip member (RFC 1952)."""
    return zlib.decompressobj(_GZIP)


def bzip2_stream() -> _Decompressor:
    """For one bzip2 stream."""
    return bz2.BZ2Decompressor()


def xz_stream() -> _Decompressor:
    """For one xz stream; its dictionary is bounded."""
    return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY)


def lzma_stream() -> _Decompressor:
    """For LZMA data with the header of the old lzma format."""
    return lzma.LZMADecompressor(lzma.FORMAT_ALONE, memlimit=_XZ_MEMORY)


def unpacked(opener: Opener, data: bytes, start: int, budget: ArchiveBudget) -> Unpacked:
    """What stands compressed in `data` from `start` on; as much of it as can be had.

    Raises BoundReachedError where the archive as a whole becomes too much.
    """
    engine, parts, size, trouble = opener(), list[bytes](), 0, ""
    at = start
    try:
        while not engine.eof and at < len(data):
            piece = data[at : at + _PIECE]
            at += len(piece)
            for part in _plain(engine, piece):
                budget.take(len(part))
                parts.append(part)
                size += len(part)
                if size > budget.bounds.member:
                    return Unpacked(b"".join(parts), at, _too_large(budget))
        trouble = "" if engine.eof else CUT_OFF
    except (zlib.error, lzma.LZMAError, OSError, ValueError, EOFError):
        trouble = DAMAGED
    return Unpacked(b"".join(parts), at - len(engine.unused_data), trouble)


def _plain(engine: _Decompressor, piece: bytes) -> Iterator[bytes]:
    """All that a piece gives, in parts of bounded size."""
    while True:
        part = engine.decompress(piece, _ROOM)
        if part:
            yield part
        # zlib hands back what it had no room for; the others keep it.
        piece = getattr(engine, "unconsumed_tail", b"")
        if engine.eof or (not piece and len(part) < _ROOM):
            return


def _too_large(budget: ArchiveBudget) -> str:
    return f"only the first {mebibytes(budget.bounds.member)} of it were looked at"
