"""The paths at which trees change, as a tree of its own: nothing else is looked at in a rewrite."""

from __future__ import annotations

import os
from collections.abc import Iterable

from secopskit.purge.model import Drop


class PathNode:
    """A directory or file. `children` are the names in it at which something changes.

    With `keep`, everything here and below goes, apart from these blobs (raw ids).
    """

    __slots__ = ("children", "keep", "number")

    def __init__(self, number: int) -> None:
        self.number = number
        self.children: dict[bytes, PathNode] = {}
        self.keep: frozenset[bytes] | None = None

    def child(self, name: bytes) -> PathNode | None:
        """What is known of an entry. Below something that goes, everything goes."""
        return self if self.keep is not None else self.children.get(name)


class PathTrie:
    """All paths of a purge. `root` stands for the top of every tree. `drops`: something goes somewhere."""

    def __init__(self, paths: Iterable[str], drops: Iterable[Drop]) -> None:
        self.root = PathNode(0)
        self._count = 1
        for path in paths:
            self._node(path)
        self.drops = False
        for drop in drops:
            self.drops = True
            node = self._node(drop.path)
            keep = frozenset(map(bytes.fromhex, drop.keep))
            node.keep = keep if node.keep is None else node.keep & keep

    def _node(self, path: str) -> PathNode:
        node = self.root
        for part in filter(None, os.fsencode(path).split(b"/")):
            if part not in node.children:
                node.children[part] = PathNode(self._count)
                self._count += 1
            node = node.children[part]
        return node
