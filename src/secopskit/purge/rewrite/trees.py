"""New trees for old ones: only along the paths at which something changes, each tree once.

Trees are read level by level, many at a time, and built from the bottom up. What a tree becomes
depends on where it stands (something may be dropped there) and on nothing else, so it is remembered.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Final

from secopskit.git.objects.lasting import ObjectReader
from secopskit.git.objects.packwriter import PackWriter
from secopskit.git.objects.tree import TreeEntry, chosen, encode, entries
from secopskit.named_tuple import NamedTuple
from secopskit.progress import still_at_work
from secopskit.purge.rewrite.pathtrie import PathNode, PathTrie

_TREE: Final = "tree"
_NOTHING: Final = frozenset[bytes]()


class _Visit(NamedTuple):
    """A tree that was read, at its place, and the entries in it that may change.

    `like` is an earlier tree at this place that has most in common with it; it may be empty.
    """

    node: PathNode
    oid: bytes
    like: bytes
    data: bytes
    touched: list[TreeEntry]


class TreeRewriter:
    """Makes new root trees. `blobs` maps the blobs that change; `dirty` are trees with names that change.

    `rename` gives the new name of an entry; files whose content is one of `dropped` go.
    """

    def __init__(
        self,
        reader: ObjectReader,
        trie: PathTrie,
        blobs: Mapping[bytes, bytes],
        dirty: Collection[bytes],
        rename: Callable[[bytes], bytes],
        dropped: Collection[bytes] = (),
    ) -> None:
        self._reader = reader
        self._trie = trie
        self._blobs = blobs
        self._dirty = dirty
        self._rename = rename
        self._dropped = dropped
        self._nothing_goes = not dropped and not trie.drops
        self._made: dict[tuple[int, bytes], bytes | None] = {}
        self._directories: dict[tuple[int, bytes], dict[bytes, bytes]] = {}
        self._last: dict[int, bytes] = {}
        self._changed: dict[bytes, bytes] = {}

    def take_changed(self) -> dict[bytes, bytes]:
        """The trees that changed since this was asked last, old ids to new ones."""
        changed, self._changed = self._changed, {}
        return changed

    def rewrite(self, roots: Sequence[bytes], earlier: Sequence[bytes], pack: PackWriter) -> list[bytes]:
        """What each of `roots` becomes, itself where it does not change; new trees go into `pack`.

        `earlier` has for each one the root from which it came, or nothing; it only serves to save space.
        """
        root = self._trie.root
        if not root.children and not self._dirty:
            return list(roots)
        levels: list[list[_Visit]] = []
        wanted = {
            (root, oid): like
            for oid, like in zip(roots, earlier, strict=True)
            if (root.number, oid) not in self._made
        }
        while wanted:
            levels.append(self._read(wanted))
            wanted = dict(self._below(levels[-1]))
        for level in reversed(levels):
            for visit in level:
                self._made[visit.node.number, visit.oid] = self._make(visit, pack)
        return [self._made[root.number, oid] or oid for oid in roots]

    def _read(self, wanted: Mapping[tuple[PathNode, bytes], bytes]) -> list[_Visit]:
        visits = list[_Visit]()
        answers = self._reader.many(oid.hex() for _, oid in wanted)
        for ((node, oid), like), found in zip(wanted.items(), answers, strict=True):
            touched = self._touched(node, found.data, len(oid))
            visits.append(_Visit(node, oid, like, found.data, touched))
            if below := {entry.name: entry.oid for entry in touched if entry.is_tree}:
                self._directories[node.number, oid] = below
        return visits

    def _touched(self, node: PathNode, data: bytes, width: int) -> list[TreeEntry]:
        if node.keep is not None:
            return entries(data, width)
        return chosen(data, node.children, width)

    def _below(self, level: list[_Visit]) -> Iterable[tuple[tuple[PathNode, bytes], bytes]]:
        for visit in level:
            likes = self._directories.get((visit.node.number, visit.like), {})
            for entry in visit.touched:
                child = visit.node.child(entry.name) if entry.is_tree else None
                if child is None or child.keep == _NOTHING:
                    continue
                if (child.number, entry.oid) not in self._made:
                    yield (child, entry.oid), likes.get(entry.name, b"")

    def _make(self, visit: _Visit, pack: PackWriter) -> bytes | None:
        """The id of the new tree; None if it is a directory with nothing left in it."""
        still_at_work()
        parts, at = list[bytes](), 0
        for entry in visit.touched:
            new = self._entry(visit.node, entry)
            if new != entry.oid:
                stays = entry.end - len(entry.oid) if new else entry.start  # mode and name, or nothing of it
                parts += (visit.data[at:stays], new or b"")
                at = entry.end
        data = b"".join((*parts, visit.data[at:])) if parts else visit.data
        if visit.oid in self._dirty:
            data = self._renamed(data, len(visit.oid))
        if data == visit.data:
            return visit.oid
        if not data and visit.node is not self._trie.root:
            return None
        number = visit.node.number
        like = (self._made.get((number, visit.like)), self._last.get(number))
        self._last[number] = new = pack.add(_TREE, data, like=[oid for oid in like if oid])
        self._changed[visit.oid] = new
        return new

    def _entry(self, parent: PathNode, entry: TreeEntry) -> bytes | None:
        """The new id of what an entry stands for; None if the entry goes."""
        if self._nothing_goes and not entry.is_tree:
            return self._blobs.get(entry.oid, entry.oid)
        node = parent.child(entry.name)
        assert node  # noqa: S101 - only entries with a node are touched
        if entry.is_tree:
            return None if node.keep == _NOTHING else self._made[node.number, entry.oid]
        if node.keep is not None and entry.oid not in node.keep:
            return None
        if entry.oid in self._dropped:
            return None
        return self._blobs.get(entry.oid, entry.oid)

    def _renamed(self, data: bytes, width: int) -> bytes:
        """The tree with clean names; where two would be the same, the later one gets a number."""
        old = entries(data, width)
        renamed = [(entry, self._rename(entry.name)) for entry in old]
        taken = {entry.name for entry, name in renamed if entry.name == name}
        new = list[TreeEntry]()
        for entry, name in renamed:
            free = name if name == entry.name else unused(name, taken)
            taken.add(free)
            new.append(entry._replace(name=free))
        return encode(new)


def unused(name: bytes, taken: Collection[bytes]) -> bytes:
    """`name`, with a number behind it where it is taken."""
    free, number = name, 1
    while free in taken:
        number += 1
        free = b"%s-%d" % (name, number)
    return free
