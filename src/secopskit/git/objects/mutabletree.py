"""A tree that changes entry by entry: read and written are only the directories that are touched."""

from __future__ import annotations

from typing import Final

from secopskit.git.objects.lasting import ObjectReader
from secopskit.git.objects.packwriter import PackWriter
from secopskit.git.objects.tree import TreeEntry, encode, entries

_TREE_MODE: Final = b"40000"


class MutableTree:
    """A directory. Paths are in parts: `(b"ab", b"cd")` is `ab/cd`.

    `source` is the tree that it is at first, by its raw id; empty for an empty directory.
    """

    __slots__ = ("_directories", "_files", "_oid", "_reader", "_source")

    def __init__(self, reader: ObjectReader, source: bytes = b"") -> None:
        self._reader = reader
        self._source = source  # until it has been read
        self._oid = source  # as long as nothing has changed
        self._files: dict[bytes, TreeEntry] = {}
        self._directories: dict[bytes, MutableTree] = {}

    def __bool__(self) -> bool:
        self._load()
        return bool(self._files or self._directories)

    def set(self, parts: tuple[bytes, ...], mode: bytes, oid: bytes) -> None:
        """Put a file (or submodule) at a path; what stood there goes."""
        self._touch()
        name, *rest = parts
        if rest:
            self._files.pop(name, None)
            if name not in self._directories:
                self._directories[name] = MutableTree(self._reader)
            self._directories[name].set(tuple(rest), mode, oid)
        else:
            self._directories.pop(name, None)
            self._files[name] = TreeEntry(mode, name, oid)

    def remove(self, parts: tuple[bytes, ...]) -> None:
        """Take away the file at a path, and the directories that are empty then."""
        self._touch()
        name, *rest = parts
        if not rest:
            self._files.pop(name, None)
        elif directory := self._directories.get(name):
            directory.remove(tuple(rest))
            if not directory:
                del self._directories[name]

    def write(self, pack: PackWriter) -> bytes:
        """The raw id of the tree; what is new in it is put into `pack`."""
        if not self._oid:
            below = (
                TreeEntry(_TREE_MODE, name, directory.write(pack))
                for name, directory in self._directories.items()
            )
            self._oid = pack.add("tree", encode((*self._files.values(), *below)))
        return self._oid

    def _touch(self) -> None:
        self._load()
        self._oid = b""

    def _load(self) -> None:
        source, self._source = self._source, b""
        if not source:
            return
        for entry in entries(self._reader.one(source.hex()).data, len(source)):
            if entry.is_tree:
                self._directories[entry.name] = MutableTree(self._reader, entry.oid)
            else:
                self._files[entry.name] = entry
