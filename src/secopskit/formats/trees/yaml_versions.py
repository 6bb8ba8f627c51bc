"""The versions of YAML files: what one shares with those before it is not parsed again."""

from __future__ import annotations

from typing import Final

from secopskit.formats.trees.held_pieces import HeldPieces, moved
from secopskit.formats.trees.nodes import Mapping, Node, Scalar, Sequence
from secopskit.formats.trees.yaml_blocks import Block, YamlPiece, split
from secopskit.formats.trees.yaml_tree import MAX_EVENTS, documents

# A byte makes two events at most, so that no file in pieces has more than one as a whole may have.
_MOST: Final = MAX_EVENTS // 2


class YamlVersions:
    """Parses YAML files, and holds what their pieces were parsed into."""

    def __init__(self) -> None:
        self._pieces = HeldPieces()
        self.displaced = False
        """Whether a part of the last file's nodes tell where they stood in another version."""

    def documents(self, path: str, data: bytes, *, in_place: bool = True) -> list[Node] | None:
        """As `yaml_tree.documents`. Of a path that is seen for the second time, pieces are held.

        Unless it is to be `in_place`, a piece that stands elsewhere than before is what it was before.
        """
        known, self.displaced = self._pieces.begin(path, in_place=in_place), False
        block = split(data) if known and len(data) <= _MOST else None
        root = self._collection(data, block, 0) if block else None
        if root is None:
            return documents(data)
        self.displaced = self._pieces.displaced
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
        return self._pieces.node(depth, text, start, lambda: moved(_one(documents(text, depth=depth)), start))


def _one(roots: list[Node] | None) -> Node:
    return roots[0] if roots and len(roots) == 1 else None


def _key(data: bytes, block: Block) -> Scalar:
    start, end = block.key
    return Scalar(data[start:end], start, end, data[start:end])
