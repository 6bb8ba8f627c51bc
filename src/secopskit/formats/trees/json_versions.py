"""The versions of JSON files: what one shares with those before it is not parsed again.

A piece is a map or a list that begins at the end of a line and ends at the beginning of one, indented as
its name is. That is how programs write them; where it is not so, a piece has another end by its brackets, and
then it is none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Final

from secopskit.findings import Span
from secopskit.formats.trees.held_pieces import HeldPieces
from secopskit.formats.trees.json_idle import LARGE, idle_pieces, indented_end
from secopskit.formats.trees.json_tree import MAX_TOKENS, JsonPiece, documents, piece
from secopskit.formats.trees.nodes import Node
from secopskit.lazy_regex import prepared

_OPENING: Final = prepared(rb"\n([ \t]+)\"[^\"\\\n]*+\"[ \t]*+:[ \t]*+([{\[])(?=\r?\n)")
_VAIN: Final = 2  # times its size, of a file, may be looked through for pieces that are none
# A line in which one begins. In quotes it is none; of single quotes before it, nothing is concluded.
_COMMENTED: Final = prepared(
    rb"(?>(?:[^\"\n/]++|\"(?>(?:[^\"\\\n]++|\\.)*)\"|/(?!\*))*)/\*|[^'\n]*+'[^\n]*?/\*"
)


class JsonVersions:
    """Parses JSON files, and holds what their pieces were parsed into."""

    def __init__(self) -> None:
        self._pieces = HeldPieces()

    @property
    def displaced(self) -> bool:
        """Whether a part of the last file's nodes tell where they stood in another version."""
        return self._pieces.displaced

    def documents(
        self, path: str, data: bytes, *, in_place: bool = True, ends: Sequence[int] | None = None
    ) -> list[Node]:
        """As `json_tree.documents`. Of a path that is seen for the second time, pieces are held.

        Unless it is to be `in_place`, a piece that stands elsewhere than before is what it was before. Of a
        large file, the pieces that are far from `ends`, those of signs, are empty.
        """
        known = self._pieces.begin(path, in_place=in_place) and len(data) <= MAX_TOKENS
        ends = ends if len(data) >= LARGE else None
        if (not known and ends is None) or _has_comment(data):
            return documents(data)
        idle = () if ends is None else idle_pieces(data, ends)
        return documents(data, self._with_shared(data, idle) if known else idle)

    def _with_shared(self, data: bytes, pieces: Iterable[JsonPiece]) -> Iterator[JsonPiece]:
        """Some pieces, and between them those that versions share."""
        at = 0
        for one in pieces:
            yield from self._shared(data, Span(at, one.span.start))
            yield one
            at = one.span.end
        yield from self._shared(data, Span(at, len(data)))

    def _shared(self, data: bytes, between: Span) -> Iterator[JsonPiece]:
        (at, stop), left = between, _VAIN * (between.end - between.start)
        while left > 0 and (found := _OPENING.search(data, at, stop)):
            at, end = found.end(), indented_end(data, found, stop)
            if end < 0:
                left -= stop - at
                continue
            span = Span(found.start(2), end)
            text = data[span.start : end]
            node = self._pieces.node(0, text, span.start, partial(piece, data, span))
            if node is None:
                left -= len(text)
            else:
                yield JsonPiece(span, node)
                at = end


def _has_comment(data: bytes) -> bool:
    """Whether a comment may stand in it that goes on over lines."""
    at = data.find(b"/*")
    while at >= 0:
        if _COMMENTED.match(data, data.rfind(b"\n", 0, at) + 1):
            return True
        end = data.find(b"\n", at)
        at = data.find(b"/*", end) if end >= 0 else -1
    return False
