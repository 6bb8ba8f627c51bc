"""Encoded runs of text and what they say: base64, hexadecimal, percent-encoding.

Everything is bounded: one run is at most `MAX_RUN` bytes. A decoded text knows where each of
its bytes came from, so a secret in it can be pointed at in the file.
"""

from __future__ import annotations

import binascii
from collections.abc import Sequence
from typing import Any, Final

from secopskit.findings import Span
from secopskit.lazy_regex import LazyRegex
from secopskit.named_tuple import NamedTuple

MAX_RUN: Final = 64 * 1024
_MIN_RUN: Final = 16
_MIN_PRINTABLE: Final = 0.9
# In a run that says nothing readable the next try is this much further on, so that a hostile
# line full of signs costs no more than its length.
_RETRY: Final = 4096
_LOOK: Final = 1024  # a multiple of four
_HEX: Final = LazyRegex(rb"[0-9A-Fa-f]*+")
_FOREIGN: Final = LazyRegex(rb"[^0-9A-Za-z+/_-]")
_PERCENT: Final = LazyRegex(rb"%([0-9A-Fa-f]{2})")
_URL_SAFE: Final = bytes.maketrans(b"-_", b"+/")
_TEXT_BYTES: Final = bytes(range(32, 127)) + b"\t\n\r"


class Decoded(NamedTuple):
    """A decoded text and the run it stands for.

    `origins[i]` is the offset in the scanned data where byte `i` of `text` begins; one more
    entry marks the end.
    """

    text: bytes
    encoding: str
    origins: Sequence[int]

    def source(self, span: Span) -> Span:
        """Where the bytes `span` of `text` stand in the scanned data."""
        return Span(self.origins[span.start], self.origins[span.end])


def decode_run(data: bytes, at: int) -> tuple[Decoded | None, int]:
    """The base64 or hexadecimal run around offset `at`, decoded, if it says readable text.

    Also the offset before which no other sign in the same run is worth a second try.
    """
    start, end = _run_around(data, at)
    run = data[start:end]
    decoded = None
    if len(run) >= _MIN_RUN:
        decoded = _hexadecimal(run, start) if _HEX.fullmatch(run) else _base64(run, start)
    return decoded, decoded.origins[-1] if decoded else min(end, at + _RETRY)


def decode_percent(line: bytes, start: int) -> Decoded | None:
    """`line`, which stands at offset `start`, with its percent-encoded bytes decoded."""
    text, origins, position = bytearray(), list[int](), 0
    for found in _PERCENT.finditer(line):
        text += line[position : found.start()]
        origins.extend(range(start + position, start + found.start() + 1))
        text.append(int(found[1], 16))
        position = found.end()
    if not origins:
        return None
    text += line[position:]
    origins.extend(range(start + position, start + len(line) + 1))
    return Decoded(text=bytes(text), encoding="percent-encoding", origins=origins)


def _run_around(data: bytes, at: int) -> tuple[int, int]:
    """The bounds of the run of base64 characters around `at`. Hex digits are among them."""
    low, high = max(0, at - MAX_RUN // 2), min(len(data), at + MAX_RUN // 2)
    after = _FOREIGN.search(data, at, high)
    end = after.start() if after else high
    start, step = at, 64
    while start > low:
        left = max(low, start - step)
        if before := _FOREIGN.search(data[left:start][::-1]):
            return start - before.start(), end
        start, step = left, 4 * step
    return low, end


def _hexadecimal(run: bytes, start: int) -> Decoded | None:
    """The run as hexadecimal: of a part of a longer one, nobody knows which digits make a byte."""
    for shift in range(2):
        usable = (len(run) - shift) // 2 * 2
        text = binascii.unhexlify(run[shift : shift + usable])
        if decoded := _decoded(text, "hexadecimal", start + shift, 2, 1):
            return decoded
    return None


def _base64(run: bytes, start: int) -> Decoded | None:
    """The run as base64, at the first of the four alignments that gives text.

    A run may begin with characters that belong to what stands before it (a path, a prefix).
    """
    run = run.translate(_URL_SAFE)
    for shift in range(4):
        usable = len(run) - shift - (1 if (len(run) - shift) % 4 == 1 else 0)
        padded = run[shift : shift + usable] + b"=" * (-usable % 4)
        if _may_read(padded, usable * 3 // 4) and (
            decoded := _decoded(binascii.a2b_base64(padded), "base64", start + shift, 4, 3)
        ):
            return decoded
    return None


def _may_read(encoded: bytes, size: int) -> bool:
    """Whether what `encoded` says, `size` bytes of it, is not mostly something else than text.

    A picture shows that at its beginning. It is never denied of what `_decoded` takes.
    """
    odd, most = 0, (1 - _MIN_PRINTABLE) * size
    for at in range(0, len(encoded), _LOOK):
        odd += len(binascii.a2b_base64(encoded[at : at + _LOOK]).translate(None, _TEXT_BYTES))
        if odd > most:
            return False
        if 2 * at >= len(encoded):  # then there is little to spare
            return True
    return True


def _decoded(text: bytes, encoding: str, start: int, units: int, size: int) -> Decoded | None:
    """`text` if it reads as text; `units` encoded characters stand for `size` bytes."""
    if not text or len(text.translate(None, _TEXT_BYTES)) > (1 - _MIN_PRINTABLE) * len(text):
        return None
    return Decoded(text=text, encoding=encoding, origins=_EvenOrigins(len(text), start, units, size))


class _EvenOrigins(Sequence[int]):
    """The origins of `count` bytes of which every `size` stand for `units` characters, from `start` on."""

    def __init__(self, count: int, start: int, units: int, size: int) -> None:
        self._count, self._start, self._units, self._size = count, start, units, size

    def __len__(self) -> int:
        return self._count + 1

    def __getitem__(self, index: Any) -> Any:
        place = range(self._count + 1)[index]
        # The last one is the end: what was begun counts.
        units = place * self._units
        return self._start + (-(-units // self._size) if place == self._count else units // self._size)
