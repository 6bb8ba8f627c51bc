"""What interrupted git commands leave in an object store: files that are no objects, but hold some.

Git does not read them, nor does it always remove them. They are unpacked here as far as they go.
"""

from __future__ import annotations

import os
import re
import zlib
from collections.abc import Iterator
from contextlib import suppress
from typing import IO, Final

_WHOLE: Final = re.compile(
    r"[0-9a-f]{2}/[0-9a-f]{38}(?:[0-9a-f]{24})?"
    r"|pack/pack-[0-9a-f]{40}(?:[0-9a-f]{24})?\.(?:pack|idx|rev|bitmap|keep|promisor|mtimes)"
    r"|pack/multi-pack-index.*|pack/multi-pack-index\.d/.*"
    r"|info/(?:packs|commit-graph|commit-graphs/.*)"
)
_MOST_ENTRIES: Final = 10_000_000
_PIECE: Final = 1024 * 1024
_OFFSET_DELTA: Final = 6
_ID_DELTA: Final = 7


def fragments(objects: str) -> Iterator[str]:
    """The files below an object directory that are not objects git can read, nor lists of them.

    A pack without its index is one too: git does not look into it.
    """
    for directory, _, names in os.walk(objects):
        present = set(names)
        for name in sorted(names):
            path = os.path.join(directory, name)
            orphan = name.endswith(".pack") and name.removesuffix(".pack") + ".idx" not in present
            relative = os.path.relpath(path, objects).replace(os.sep, "/")
            if orphan or not _WHOLE.fullmatch(relative):
                yield path


def unpacked(file: IO[bytes], width: int) -> Iterator[bytes]:
    """The content of a fragment: as it is, and what is compressed in it (a whole object or delta each).

    `width` is that of an object id in bytes. What is cut off ends early; what is damaged is left out.
    """
    data = file.read()
    yield data
    if data.startswith(b"PACK"):
        yield from _entries(data, width)
    else:
        yield _inflated(data, 0)[0]


def _entries(pack: bytes, width: int) -> Iterator[bytes]:
    at = 12
    for _ in range(_MOST_ENTRIES):
        try:
            kind = pack[at] >> 4 & 7
            at = _past_number(pack, at)
            at = _past_number(pack, at) if kind == _OFFSET_DELTA else at
        except IndexError:
            return
        content, end = _inflated(pack, at + (width if kind == _ID_DELTA else 0))
        yield content
        if end <= at:
            return
        at = end


def _past_number(pack: bytes, at: int) -> int:
    """The offset behind a number whose bytes, but for the last, have the highest bit set."""
    while pack[at] & 0x80:
        at += 1
    return at + 1


def _inflated(data: bytes, at: int) -> tuple[bytes, int]:
    """What is compressed from `at` on, as far as it goes, and where it ends."""
    stream, parts = zlib.decompressobj(), list[bytes]()
    position = at
    with suppress(zlib.error):
        while position < len(data) and not stream.eof:
            parts.append(stream.decompress(data[position : position + _PIECE]))
            position += _PIECE
    end = min(position, len(data)) - len(stream.unused_data)
    return b"".join(parts), end if stream.eof else at
