"""The parts of a text that lie near signs: what is far from all of them is never parsed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from secopskit.findings import Span
from secopskit.lazy_regex import LazyRegex

# Of a command or a call that goes on over lines, the sign may stand in any of them.
_LINES_BEFORE: Final = 6
_LINES_BEHIND: Final = 8
_RUN: Final = 4096
_RUN_MARGIN: Final = 1024
# Possessive, and from a boundary on: each byte is looked at once. Strings of JSON have line feeds as `\\n`.
_ENCODED: Final = LazyRegex(rb"(?<![A-Za-z0-9+/=\\])[A-Za-z0-9+/=\\]{%d,}+" % _RUN)


def near(data: bytes, ends: Iterable[int]) -> Iterator[Span]:
    """The lines near the signs that end at `ends` (ascending): some before them, and some behind."""
    start = seen = stop = -1
    for end in ends:
        if end <= seen:
            continue
        if end > stop:  # else it stands in lines that are told anyway
            first = _lines_back(data, end - 1, _LINES_BEFORE)
            if first > stop and start >= 0:
                yield Span(start, stop)
                start = -1
            start = first if start < 0 else start
        seen = _line_end(data, end - 1)
        stop = _lines_on(data, seen, _LINES_BEHIND)
    if start >= 0:
        yield Span(start, stop)


def stretched(parts: Sequence[Span], wholes: Sequence[Span]) -> Iterator[Span]:
    """`parts`, each together with all of `wholes` that it touches; ascending, apart from each other."""
    start = stop = -1
    holds = False
    for span, is_part in sorted([*((span, True) for span in parts), *((span, False) for span in wholes)]):
        if span.start >= stop:
            if holds:
                yield Span(start, stop)
            (start, stop), holds = span, is_part
        else:
            stop, holds = max(stop, span.end), holds or is_part
    if holds:
        yield Span(start, stop)


def without_encoded(data: bytes, parts: Iterable[Span]) -> Iterator[Span]:
    """`parts` without the inner of long encoded runs, as of pictures in notebooks: no command is there.

    On both sides of it stays more than any command has of one word.
    """
    for part in parts:
        start = part.start
        if _may_hold_run(data, part):
            for run in _ENCODED.finditer(data, start, part.end):
                yield Span(start, run.start() + _RUN_MARGIN)
                start = run.end() - _RUN_MARGIN
        yield Span(start, part.end)


def _may_hold_run(data: bytes, part: Span) -> bool:
    """Whether there is a stretch without a blank or an end of a line, so long that a run may be in it.

    One of so many bytes has one half of that in it which begins at a multiple of it.
    """
    half = _RUN // 2
    places = range(part.start, part.end - half + 1, half)
    return part.end - part.start > 2 * _RUN and any(
        data.find(b"\n", at, at + half) < 0 and data.find(b" ", at, at + half) < 0 for at in places
    )


def _line_end(data: bytes, offset: int) -> int:
    end = data.find(b"\n", offset)
    return end if end >= 0 else len(data)


def _lines_on(data: bytes, end: int, count: int) -> int:
    """Where the line ends that lies `count` lines behind the one that ends at `end`."""
    for _ in range(count):
        end = data.find(b"\n", end + 1)
        if end < 0:
            return len(data)
    return end


def _lines_back(data: bytes, offset: int, count: int) -> int:
    """Where the line begins that lies `count` lines before that of `offset`."""
    for _ in range(count + 1):
        offset = data.rfind(b"\n", 0, offset)
        if offset < 0:
            return 0
    return offset + 1


def around(data: bytes, signs: list[int]) -> bytes:
    """The lines at `signs` (ascending offsets), each with the line before it and the one behind it."""
    lines, done = list[bytes](), 0
    for end in signs:
        if end <= done:
            continue
        start = data.rfind(b"\n", 0, max(data.rfind(b"\n", 0, end - 1), 0)) + 1
        done = data.find(b"\n", end)
        done = data.find(b"\n", done + 1) if done >= 0 else -1
        done = done if done >= 0 else len(data)
        lines.append(data[start:done])
    return b"\n".join(lines)
