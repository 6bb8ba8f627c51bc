"""The units that are escaped in two ways, one within the other: JSON in HTML or in a URL, CSV in JSON.

A backslash and `&quot;`, `%5C%22`, an escaped `&` and `amp;` are one sign each. What is escaped outside is
read first, and what comes of that is read once more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final
from urllib.parse import unquote_to_bytes

from secopskit.purge.values.written.units import Escape, Unit, units_at

LONGEST: Final = 48
"""The most bytes that such a unit takes."""
_DEEPEST: Final = 12
_STARTS: Final = frozenset(b"\\&%'\"")
_OUTER: Final = (
    re.compile(rb"%[0-9a-fA-F]{2}"),
    re.compile(rb"&(?:#[0-9]{1,3}|#[xX][0-9a-fA-F]{1,2}|amp|lt|gt|quot|apos|bsol);"),
    re.compile(rb"\\(?:u00[0-7][0-9a-fA-F]|x[0-7][0-9a-fA-F]|[\"'`$/\\])"),
    re.compile(rb"'\\''|'\"'\"'"),
    re.compile(rb"''|\"\""),
)


def units_in_layers(data: bytes, at: int) -> Iterator[Unit]:
    """All units that begin at `at`, those escaped twice in different ways last."""
    yield from units_at(data, at)
    if data[at] in _STARTS:
        for unit in _layered(data[at : at + LONGEST]):
            yield unit._replace(end=at + unit.end)


@lru_cache(maxsize=4096)  # a long run of backslashes is the same thing at each of its places
def _layered(window: bytes) -> tuple[Unit, ...]:
    """The units that begin with the window and are escaped twice."""
    return tuple(
        unit for outer in _OUTER if outer.search(window, 0, _DEEPEST) for unit in _within(window, outer)
    )


def _within(window: bytes, outer: re.Pattern[bytes]) -> Iterator[Unit]:
    """The units of more than one sign in what `outer` makes of the window, one of which it has escaped."""
    signs, ends, escaped = bytearray(), list[int](), list[bool]()
    place = 0
    while place < len(window) and len(signs) < _DEEPEST:
        found = outer.match(window, place)
        signs += _meant(found[0]) if found else window[place : place + 1]
        place = found.end() if found else place + 1
        ends.append(place)
        escaped.append(found is not None)
    for unit in units_at(bytes(signs), 0):
        enough = all if unit.escape is Escape.DOUBLED else any  # a mark as it is ends the text
        if unit.end > 1 and enough(escaped[: unit.end]) and unit.escape is not Escape.FOLD:
            yield Unit(unit.text, ends[unit.end - 1], unit.escape, cost=1)


def _meant(escape: bytes) -> bytes:
    """The sign, of ASCII, that one escape of `_OUTER` stands for; anything else is an unlikely NUL."""
    if escape[:1] == b"%":
        return unquote_to_bytes(escape)
    for unit in units_at(escape, 0):
        if unit.end == len(escape) > 1 and len(unit.text) == 1:
            return unit.text
    return b"\0"
