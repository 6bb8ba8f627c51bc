"""What the pieces of files were parsed into: the versions of a file share most of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from secopskit.formats.trees.nodes import Mapping, Node, Scalar, Sequence

_MOST_HELD: Final = 2 << 20
_PIECE_WEIGHT: Final = 512  # what takes memory beside the text of a piece, in bytes of text
_MOST_PATHS: Final = 4096


class HeldPieces:
    """The nodes of the pieces of some 2 MiB of files, those that were asked for last.

    `displaced` says whether some that were asked for since `begin` tell where they stood in another version.
    """

    def __init__(self) -> None:
        self._paths = set[str]()
        self._held: dict[tuple[int, bytes], tuple[int, Node]] = {}
        self._size = 0
        self._moves = True
        self.displaced = False

    def begin(self, path: str, *, in_place: bool) -> bool:
        """Begin with another file; whether one of that path was seen before, so that pieces may be shared.

        Unless it is to be `in_place`, a piece that stands elsewhere than before is what it was before.
        """
        self.displaced, self._moves = False, in_place
        if path in self._paths:
            return True
        if len(self._paths) >= _MOST_PATHS:
            self._paths.clear()
        self._paths.add(path)
        return False

    def node(self, depth: int, text: bytes, start: int, parse: Callable[[], Node]) -> Node:
        """What the piece says that stands at `start`, so many collections deep; `parse` parses it there."""
        before, node = self._held.pop((depth, text), (-1, None))
        if before < 0:
            before, node = start, parse()
            self._size += _PIECE_WEIGHT + len(text)
        elif start != before and self._moves:
            before, node = start, moved(node, start - before)
        self.displaced = self.displaced or before != start
        self._held[depth, text] = before, node  # at the end: what was asked for last goes last
        while self._size > _MOST_HELD and len(self._held) > 1:
            oldest = next(iter(self._held))
            del self._held[oldest]
            self._size -= _PIECE_WEIGHT + len(oldest[1])
        return node


def moved(node: Node, by: int) -> Node:
    """The node as it is, so many bytes further on."""
    if isinstance(node, Scalar):
        return _scalar(node, by)
    if isinstance(node, Mapping):
        return Mapping([(_scalar(key, by), moved(value, by)) for key, value in node.pairs], node.tag)
    return None if node is None else Sequence([moved(item, by) for item in node.items], node.tag)


def _scalar(scalar: Scalar, by: int) -> Scalar:
    value, start, end, raw, style, tag = scalar
    return Scalar(value, start + by, end + by, raw, style, tag)
