"""Notes, whose trees name the objects that they speak of: given the names that those have now.

Only differences between commits are looked at, and only directories that changed are written,
so a history of many notes costs what changed in it. How the names are cut into directories is kept.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field

from secopskit.git.objects.committext import commit_start
from secopskit.git.objects.lasting import ObjectReader
from secopskit.git.objects.mutabletree import MutableTree
from secopskit.git.objects.packwriter import PackWriter
from secopskit.git.repository import Repository
from secopskit.purge.rewrite.committext import new_commit
from secopskit.purge.values.matcher import ValueMatcher


@dataclass(slots=True, kw_only=True)
class NotesRewriter:
    """Rewrites commits of notes. `objects` maps ids of anything to new ones, blobs included.

    `dirty` are commits with a value in their own text; `rename` cleans the parts of other names.
    """

    view: Repository
    reader: ObjectReader
    objects: dict[str, str]
    dirty: Collection[str]
    matcher: ValueMatcher
    rename: Callable[[bytes], bytes]
    pack: PackWriter
    _tree: MutableTree = field(init=False)
    _state: str = ""

    def rewrite(self, commits: Iterable[str]) -> dict[str, str]:
        """Old ids of `commits` (parents first) to new ones. Raises GitError."""
        made: dict[str, str] = {}
        known = ChainMap(made, self.objects)
        for commit in commits:
            raw = self.reader.one(commit).data
            start = commit_start(raw)
            if self._state in start.parents[:1]:
                self._follow(self._state, commit)
            else:
                self._start(start.tree, commit)
            self._state = commit
            root = self._tree.write(self.pack).hex()
            new = new_commit(raw, start, root, known, self.matcher if commit in self.dirty else None)
            made[commit] = self.pack.add("commit", new).hex()
        return made

    def _start(self, tree: str, commit: str) -> None:
        """Take the tree of a commit, and change in it what has another name or content now."""
        self._tree = MutableTree(self.reader, bytes.fromhex(tree))
        moved = []
        for line in self.view.run("ls-tree", "-r", "-z", "--full-tree", commit).split(b"\0")[:-1]:
            words, _, path = line.partition(b"\t")
            mode, _, oid = words.split(b" ")
            old, new = tuple(path.split(b"/")), self._parts(path)
            if new != old or oid.decode() in self.objects:
                self._tree.remove(old)
                moved.append((new, mode, self._oid(oid)))
        for place in moved:
            self._tree.set(*place)

    def _follow(self, parent: str, commit: str) -> None:
        """Bring the tree from the last commit to the next one."""
        words = ("diff-tree", "-r", "-z", "--raw", "--no-abbrev", "--no-renames", parent, commit)
        fields = iter(self.view.run(*words).split(b"\0")[:-1])
        for change in fields:  # :<mode> <mode> <old id> <new id> <status>, then the path
            _, mode, _, oid, status = change.split(b" ")
            parts = self._parts(next(fields))
            if status == b"D":
                self._tree.remove(parts)
            else:
                self._tree.set(parts, mode, self._oid(oid))

    def _oid(self, oid: bytes) -> bytes:
        return bytes.fromhex(self.objects.get(oid.decode(), oid.decode()))

    def _parts(self, path: bytes) -> tuple[bytes, ...]:
        """The path of a note under its new name, cut at the same places; other paths without values."""
        parts = path.split(b"/")
        new = self.objects.get(b"".join(parts).decode("ascii", "replace"))
        return tuple(_cut(new.encode(), map(len, parts)) if new else map(self.rename, parts))


def _cut(name: bytes, lengths: Iterable[int]) -> Iterator[bytes]:
    at = 0
    for length in lengths:
        yield name[at : at + length]
        at += length
