"""A YAML text in pieces: the entries of its block collections, which versions of a file mostly share.

`split` finds them by their indentation alone. What that gets wrong (a text in quotes that goes on over lines
and looks like entries) leaves a piece that cannot be parsed by itself, and then the text has to be parsed as
a whole. Pieces that can be parsed say what the whole says: a line that is indented no further than an entry
ends it, in whatever that is.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from secopskit.findings import Span
from secopskit.lazy_regex import prepared
from secopskit.named_tuple import NamedTuple

# Empty lines and comments, as many as there are.
_REMARKS: Final = rb"(?>(?:[ ]*(?:#[^\n]*)?\r?\n)*)"
# Nothing but comments, and perhaps one mark of a document's beginning.
_BEFORE: Final = prepared(rb"%b(?:---[ ]*\r?\n%b)?" % (_REMARKS, _REMARKS))
# Of more documents, of directives; and tabs, which people indent by and the format forbids.
_MARKS: Final = (b"\n---", b"\n...", b"\n%", b"\t")
# A key whose value stands below it.
_OPENING: Final = prepared(rb"( *)([A-Za-z_][\w.-]*):[ ]*(?:#[^\n]*)?\r?\n%b(?=( *)(-?))" % _REMARKS)
_LARGE: Final = 1024
_DEEPEST: Final = 8
_NO_KEY: Final = Span(0, 0)


class YamlPiece(NamedTuple):
    """One or several entries of a collection, parsed together."""

    span: Span


class Block(NamedTuple):
    """A block collection in pieces. `key` is where the name stands under which it does, if it is in a map."""

    is_sequence: bool
    parts: tuple[YamlPiece | Block, ...]
    key: Span = _NO_KEY


def split(data: bytes) -> Block | None:
    """The pieces of a text of one document; None where it is not that, or is no block collection."""
    found = _BEFORE.match(data)
    start = found.end() if found else 0
    if start == len(data) or any(data.find(mark, start) >= 0 for mark in _MARKS) or _has_odd_ends(data):
        return None
    return _block(data, Span(start, len(data)), 0, _DEEPEST)


def _has_odd_ends(data: bytes) -> bool:
    """Whether a line ends in a carriage return alone."""
    return b"\r" in data and data.count(b"\r") != data.count(b"\r\n")


def _block(data: bytes, span: Span, indent: int, deep: int, key: Span = _NO_KEY) -> Block | None:
    """The collection that fills a stretch, with entries indented by so much; `deep` ones in it are told."""
    first = span.start + indent
    is_sequence = data[first : first + 1] == b"-"
    first_entry, next_entry = _entries(indent, is_sequence)
    if not first_entry.match(data, *span):
        return None
    starts = [span.start, *(one.start() + 1 for one in next_entry.finditer(data, *span))]
    spans = map(Span, starts, [*starts[1:], span.end])
    whole = is_sequence or not deep
    return Block(
        is_sequence, tuple(YamlPiece(one) if whole else _part(data, one, deep - 1) for one in spans), key
    )


def _part(data: bytes, span: Span, deep: int) -> YamlPiece | Block:
    """An entry of a map: in pieces, if it is large, and a collection begins below its key."""
    found = _OPENING.match(data, *span) if span.end - span.start > _LARGE else None
    if found is None or found.end() == span.end:
        return YamlPiece(span)
    indent, below = len(found[1]), len(found[3])
    if below < indent or (below == indent and not found[4]):
        return YamlPiece(span)
    return _block(data, Span(found.end(), span.end), below, deep, Span(*found.span(2))) or YamlPiece(span)


@lru_cache(maxsize=64)
def _entries(indent: int, is_sequence: bool) -> tuple[re.Pattern[bytes], re.Pattern[bytes]]:
    """An entry at the beginning of a line; and one with the end of the line before it, found much faster."""
    sign = rb"-(?=[ \r\n])" if is_sequence else rb"(?=[A-Za-z_][\w.-]*:(?:[ \r\n]|\Z))"
    entry = rb" {%d}%b" % (indent, sign)
    return re.compile(entry), re.compile(rb"\n" + entry)
