"""The pieces of a JSON file that are far from all signs: of lists of packages and of records, most are."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Final

from secopskit.findings import Span
from secopskit.formats.trees.json_tree import JsonPiece
from secopskit.formats.trees.nodes import Mapping
from secopskit.formats.trees.nodes import Sequence as List
from secopskit.lazy_regex import prepared
from secopskit.named_tuple import NamedTuple

LARGE: Final = 16 * 1024
"""Bytes of a file from which on it is worth while to look for them."""
# A map or a list that begins at the end of a line, named or as an item; its end is indented like it.
_OPENING: Final = prepared(rb"\n([ \t]+)(?:\"[^\"\\\n]*+\"[ \t]*+:[ \t]*+)?([{\[])(?=\r?\n)")
_CLOSING: Final = {b"{": b"}", b"[": b"]"}
# What may name a setting and is no sign: a name in a text that is JSON itself, and `key`, which counts below
# some others.
_NAME: Final = prepared(rb"(?:\\|\"(?i:key))\"[ \t]{0,4}:")
_VAIN: Final = 2  # times its size, of a file, may be looked through for ends that are none
_DEEPEST: Final = 8
_BEHIND: Final = 3  # bytes after a bracket, to the next line, that a sign on its line may take


class _Child(NamedTuple):
    """A piece, and where the line on which it begins does."""

    line: int
    span: Span


def indented_end(data: bytes, opening: re.Match[bytes], stop: int) -> int:
    """Behind the bracket that is indented as an opening is; -1 where there is none before `stop`.

    The groups of `opening` are its indentation and its bracket, with which it ends.
    """
    sign = b"\n" + opening[1] + _CLOSING[opening[2]]
    at = data.find(sign, opening.end(), stop)
    return at + len(sign) if at >= 0 else -1


def idle_pieces(data: bytes, ends: Sequence[int]) -> Iterator[JsonPiece]:
    """The outermost pieces in which no sign stands, as empty ones, ascending. `ends` are those of the signs.

    What stands directly in a map or a list with a sign may be of that sign's setting, and so may all that
    is below a name that is one: nothing of these is told. Items of a list that follow one another are one
    piece.
    """
    search = _IdleSearch(data, sorted({*ends, *_names(data)}))
    yield from search.idle(Span(0, len(data)), _DEEPEST)


def _names(data: bytes) -> Iterator[int]:
    """Where names end that are no signs, and may name a setting."""
    if b'\\"' in data or b'"key"' in data.lower():  # most have none, and this tells it far sooner
        yield from (found.end() for found in _NAME.finditer(data))


class _IdleSearch:
    """One file. `left` bounds what is looked through in vain."""

    def __init__(self, data: bytes, ends: list[int]) -> None:
        self._data = data
        self._ends = ends
        self._left = _VAIN * len(data)

    def idle(self, span: Span, deep: int) -> Iterator[JsonPiece]:
        """The idle pieces of what stands in a map or a list."""
        children = list(self._children(span))
        inside = sum(self._count(line, piece.end) for line, piece in children)
        if inside < self._count(*span):
            return
        for line, piece in children:
            if not self._count(line, piece.end):
                is_map = self._data[piece.start : piece.start + 1] == b"{"
                yield JsonPiece(piece, Mapping() if is_map else List())
            elif deep and not self._count(line, piece.start + _BEHIND):
                yield from self.idle(Span(piece.start + 1, piece.end), deep - 1)

    def _count(self, start: int, end: int) -> int:
        """How many signs end behind `start`, and not behind `end`."""
        return bisect_right(self._ends, end) - bisect_right(self._ends, start)

    def _children(self, span: Span) -> Iterator[_Child]:
        data, at = self._data, span.start
        while self._left > 0 and (found := _OPENING.search(data, at, span.end)):
            at, start, end = found.end(), found.start(2), indented_end(data, found, span.end)
            if end >= 0 and self._is_balanced(start, end):
                at = self._run_end(found, end, span.end)
                yield _Child(found.start(), Span(start, at))
            else:
                self._left -= max(end, span.end) - at

    def _run_end(self, opening: re.Match[bytes], end: int, stop: int) -> int:
        """Where the last of the items that follow one another ends, the first at `end`: before the next sign.

        Of a list of a thousand records, that is quicker than to look at each.
        """
        line, named = opening.start(), opening.start(2) > opening.end(1)
        sign = bisect_right(self._ends, line)
        before = self._ends[sign] - 1 if sign < len(self._ends) else stop
        closing = b"\n" + opening[1] + _CLOSING[opening[2]]
        last = -1 if named else self._data.rfind(closing, end, min(before, stop))
        if last < 0:
            return end
        far = last + len(closing)
        if self._are_items(b"\n" + opening[1], opening[2], Span(line, far)):
            return far
        self._left -= far - end
        return end

    def _are_items(self, margin: bytes, bracket: bytes, span: Span) -> bool:
        """Whether nothing but items indented alike, and what is in them, stands in a stretch of lines."""
        count, closing = self._data.count, margin + _CLOSING[bracket]
        items = self._lines(margin + bracket, span)
        ends = self._lines(closing + b",", span) + 1
        inside = count(margin + b" ", *span) + count(margin + b"\t", *span)
        return items == ends and inside + items + ends == count(b"\n", *span) and self._is_balanced(*span)

    def _lines(self, line: bytes, span: Span) -> int:
        """How often a line stands in a stretch."""
        return self._data.count(line + b"\n", *span) + self._data.count(line + b"\r\n", *span)

    def _is_balanced(self, start: int, end: int) -> bool:
        """Whether as many brackets open as close; where some stand in texts, they may not."""
        count = self._data.count
        return count(b"{", start, end) == count(b"}", start, end) and count(b"[", start, end) == count(
            b"]", start, end
        )
