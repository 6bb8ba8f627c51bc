"""The versions of YAML files: what one shares with those before it is not parsed again."""

from __future__ import annotations

from typing import Final

from secopskit.formats.trees.nodes import Mapping, Node, Scalar, Sequence
from secopskit.formats.trees.yaml_blocks import Block, YamlPiece, split
from secopskit.formats.trees.yaml_tree import MAX_EVENTS, documents

# A byte makes two events at most, so that no file in pieces has more than one as a whole may have.
_MOST: Final = MAX_EVENTS // 2
_MOST_HELD: Final = 2 << 20
_PIECE_WEIGHT: Final = 512  # what takes memory beside the text of a piece, in bytes of text
_MOST_PATHS: Final = 4096


class YamlVersions:
    """Parses YAML files, and holds what the pieces of some 2 MiB of them were parsed into.

    `displaced` says of the last file whether a part of its nodes tell where they stood in another version.
    """

    def __init__(self) -> None:
        self._paths = set[str]()
        self._held: dict[tuple[int, bytes], tuple[int, Node]] = {}
        self._size = 0
        self._moves = True
        self.displaced = False

    def documents(self, path: str, data: bytes, *, in_place: bool = True) -> list[Node] | None:
        """As `yaml_tree.documents`. Of a path that is seen for the second time, pieces are held.

        Unless it is to be `in_place`, a piece that stands elsewhere than before is what it was before.
        """
        self.displaced, self._moves = False, in_place
        if path not in self._paths:
            if len(self._paths) >= _MOST_PATHS:
                self._paths.clear()
            self._paths.add(path)
            return documents(data)
        block = split(data) if len(data) <= _MOST else None
        root = self._collection(data, block, 0) if block else None
        if root is None:
            self.displaced = False
            return documents(data)
        return [root]

    def _collection(self, data: bytes, block: Block, depth: int) -> Mapping | Sequence | None:
        """What a block says; None where one of its pieces cannot be parsed by itself."""
        found: Mapping | Sequence = Sequence() if block.is_sequence else Mapping()
        for part in block.parts:
            if isinstance(part, YamlPiece):
                inner = self._parsed(data[part.span.start : part.span.end], part.span.start, depth)
            else:
                value = self._collection(data, part, depth + 1)
                inner = value and Mapping([(_key(data, part), value)])
            if isinstance(found, Mapping) and isinstance(inner, Mapping):
                found.pairs += inner.pairs
            elif isinstance(found, Sequence) and isinstance(inner, Sequence):
                found.items += inner.items
            else:
                return None
        return found

    def _parsed(self, text: bytes, start: int, depth: int) -> Node:
        """What the piece says that stands at `start`, so many collections deep."""
        held = self._held.pop((depth, text), None)
        if held is None:
            held = start, _moved(_one(documents(text, depth=depth)), start)
            self._size += _PIECE_WEIGHT + len(text)
        before, known = held
        if start != before and self._moves:
            held = start, _moved(known, start - before)
        self.displaced = self.displaced or held[0] != start
        self._held[depth, text] = held  # at the end: what was asked for last goes last
        while self._size > _MOST_HELD and len(self._held) > 1:
            oldest = next(iter(self._held))
            del self._held[oldest]
            self._size -= _PIECE_WEIGHT + len(oldest[1])
        return held[1]


def _one(roots: list[Node] | None) -> Node:
    return roots[0] if roots and len(roots) == 1 else None


def _key(data: bytes, block: Block) -> Scalar:
    start, end = block.key
    return Scalar(data[start:end], start, end, data[start:end])


def _moved(node: Node, by: int) -> Node:
    """The node as it is, so many bytes further on."""
    if isinstance(node, Scalar):
        return _scalar(node, by)
    if isinstance(node, Mapping):
        return Mapping([(_scalar(key, by), _moved(value, by)) for key, value in node.pairs], node.tag)
    return None if node is None else Sequence([_moved(item, by) for item in node.items], node.tag)


def _scalar(scalar: Scalar, by: int) -> Scalar:
    value, start, end, raw, style, tag = scalar
    return Scalar(value, start + by, end + by, raw, style, tag)
