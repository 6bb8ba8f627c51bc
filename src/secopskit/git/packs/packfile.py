"""One pack and its index (version 2) in memory: what is in it, and how its objects are made of each other."""

from __future__ import annotations

import hashlib
import mmap
import os
import sys
from array import array
from collections.abc import Callable, Iterator
from copy import copy
from functools import cached_property
from typing import Final

from secopskit.git.packs import compiled
from secopskit.git.packs.compiled import PackError
from secopskit.git.packs.walk import PackTables

KINDS: Final = ("", "commit", "tree", "blob", "tag")
"""git's words for the kinds of objects, by their number in a pack."""

_INDEX_HEAD: Final = b"\xfftOc\0\0\0\2"
_PACK_HEADS: Final = (b"PACK\0\0\0\2", b"PACK\0\0\0\3")
_FANOUT: Final = 256
_FAR: Final = 1 << 31
_CHECKED: Final = 1 << 26
_SOME: Final = 10_000
_TOGETHER: Final = 20_000  # objects, of some tens of megabytes


class PackFile:
    """The objects of a pack by their `place`, which is their turn in the file, from 0.

    `numbers[place]` is an object's turn among the ids. `kinds` are those that deltas come to, 0 where they
    come to nothing. `weights` are those of an object and all of its heirs: the bytes that are inflated for
    them, or about those that they come to.
    """

    def __init__(self, path: str, width: int) -> None:
        """Raises OSError where a file cannot be read, and PackError where they are not pack and index."""
        self.path = path
        self._width = width
        self._index = memoryview(_mapped(path.removesuffix(".pack") + ".idx"))
        self._map = _mapped(path)
        self._pack = memoryview(self._map)
        self._check(hashlib.sha1 if width == 20 else hashlib.sha256)
        self.count = int.from_bytes(self._index[8 + 4 * (_FANOUT - 1) : 8 + 4 * _FANOUT])
        ids_at = 8 + 4 * _FANOUT
        sums_at = ids_at + width * self.count
        offsets_at = sums_at + 4 * self.count
        if offsets_at + 4 * self.count + 2 * width > len(self._index):
            raise PackError("the index is too short")
        self.ids = self._index[ids_at:sums_at]
        self._sums = _numbers("I", self._index[sums_at:offsets_at])
        # Behind the last object, where the pack's own checksum begins.
        self._offsets = array("q", bytes(8 * self.count + 8))
        self._offsets[-1] = len(self._pack) - width
        self.numbers = array("i", bytes(4 * self.count))
        self._by_id = self._read_offsets(offsets_at)
        compiled.by_offset(self._by_id, memoryview(self._offsets)[:-1], self.numbers)
        self.kinds = bytearray(self.count)
        self._heads = bytearray(self.count)
        self.weights = array("q", bytes(8 * self.count))
        self.bases = array("i", bytes(4 * self.count))
        self._read_headers()
        self._headers = bytes(self.kinds), self.weights[:]
        self._begin()

    def _read_headers(self) -> None:
        """Find out what each object is made from.

        Who looks at all headers has all of the pack in its memory, so it is done in parts.
        """
        offsets = memoryview(self._offsets)[:-1]
        known = self._pack, offsets, self._width, self.ids, self._by_id
        found = self.kinds, self._heads, self.weights, self.bases
        for first in range(0, self.count, _TOGETHER):
            compiled.headers(*known, *found, first, first + _TOGETHER)
            self._let_go()

    def _let_go(self) -> None:
        """Take no memory for the pack until it is looked at again."""
        if hasattr(mmap, "MADV_DONTNEED"):
            self._map.madvise(mmap.MADV_DONTNEED)

    def _begin(self) -> None:
        """Nobody is made from anything yet, and all is wanted."""
        self.used = bytearray(b"\1") * self.count
        self._unwanted = b""
        self._first = array("i", bytes(4 * (self.count + 1)))
        self._kids = array("i", bytes(4 * self.count))

    def again(self) -> PackFile:
        """The same pack in the same memory, to be grown for other objects."""
        other = copy(self)
        other.__dict__.pop("tables", None)
        kinds, sizes = self._headers
        other.kinds, other.weights = bytearray(kinds), sizes[:]
        other._begin()
        other._let_go()
        return other

    def weigh_contents(self, unwanted: bytes) -> None:
        """Have each object weigh what it is made from at last, and not its delta: versions are of one size.

        For `grow`, with what that is given.
        """
        compiled.weigh(self.bases, compiled.wanted(self.numbers, unwanted), self._headers[1], self.weights)

    def grow(self, unwanted: bytes) -> None:
        """Find out who is made from whom. `unwanted` has a 1 for each id that is not to be told of.

        Afterwards `used` has a 1 for each object that is wanted, or of whose heirs one is.
        """
        if any(unwanted):
            self._unwanted = unwanted
            self.used = compiled.wanted(self.numbers, unwanted)
        compiled.forest(self.bases, self.kinds, self.weights, self.used, self._first, self._kids)
        self.__dict__.pop("tables", None)

    @cached_property
    def tables(self) -> PackTables:
        """By what its objects are read. Not before it has grown."""
        return PackTables(
            self._pack,
            self._width,
            KINDS,
            ids=self.ids,
            offsets=self._offsets,
            sums=self._sums,
            numbers=self.numbers,
            kinds=self.kinds,
            heads=self._heads,
            sizes=self._headers[1],
            bases=self.bases,
            first=self._first,
            kids=self._kids,
            used=self.used,
            unwanted=self._unwanted,
        )

    def oid(self, place: int) -> str:
        """The id of an object, in hexadecimal."""
        return self.tables.oid(place)

    def is_wanted(self, place: int) -> bool:
        """Whether an object is to be told of: it was asked for, and no source ahead of this one has it."""
        return self.tables.is_wanted(place)

    @property
    def commits(self) -> int | None:
        """The number of commits; None where not all objects are wanted."""
        return None if any(self._unwanted) else self.number_of("commit")

    def number_of(self, kind: str) -> int:
        """How many objects there are of a kind."""
        return self.kinds.count(KINDS.index(kind))

    def mean_size(self, kind: str) -> int:
        """The size in bytes of an object of a kind, in the mean of some that are no deltas; 0 without any."""
        sizes, roots = self._headers[1], self._roots(kind)
        some = roots[:: len(roots) // _SOME + 1]
        return sum(sizes[place] for place in some) // max(len(some), 1)

    def weight_of(self, kind: str) -> int:
        """The bytes that all objects of a kind are inflated to, deltas as such. See `weights`."""
        return sum(self.weights[place] for place in self._roots(kind))

    def _roots(self, kind: str) -> list[int]:
        return compiled.roots(self.kinds, self.bases, self.used, 1 << KINDS.index(kind))

    def wanted_ids(self) -> bytes:
        """The ids of the objects to be told of, in binary, joined, ascending."""
        if not self._unwanted:
            return bytes(self.ids)
        width, ids = self._width, self.ids
        rows = (ids[number * width : (number + 1) * width] for number in range(self.count))
        return b"".join(row for row, other in zip(rows, self._unwanted, strict=True) if not other)

    def ids_of(self, kind: str) -> Iterator[bytes]:
        """The ids of the objects of a kind, in binary, and of those that cannot be rebuilt, of any kind."""
        width, ids = self._width, self.ids
        for number in (KINDS.index(kind), 0):
            place = self.kinds.find(number)
            while place >= 0:
                at = self.numbers[place] * width
                yield bytes(ids[at : at + width])
                place = self.kinds.find(number, place + 1)

    def strangers(self, kind: str, asked: bytes) -> bytes:
        """Those of the ids `asked` (in binary, joined) that are none of an object of that kind in here."""
        number = KINDS.index(kind)
        return compiled.strangers(asked, self._width, self.ids, self.numbers, self.kinds, number)

    def heirs(self, place: int) -> list[int]:
        """The wanted objects that are made from one, and those that wanted ones are made from in turn."""
        return self.tables.heirs(place)

    def _check(self, digest: Callable[[memoryview], hashlib._Hash]) -> None:
        """Raise PackError unless an index that is whole tells of this very pack."""
        width, index, pack = self._width, self._index, self._pack
        if len(index) < len(_INDEX_HEAD) + 4 * _FANOUT + 2 * width or bytes(index[:8]) != _INDEX_HEAD:
            raise PackError("not an index of version 2")
        if len(pack) < 12 + width or bytes(pack[:8]) not in _PACK_HEADS:
            raise PackError("not a pack")
        if index[-2 * width : -width] != pack[-width:]:
            raise PackError("the pack does not fit its index")
        if digest(index[:-width]).digest() != index[-width:]:
            raise PackError("the index is damaged")
        if pack[8:12] != index[8 + 4 * (_FANOUT - 1) : 8 + 4 * _FANOUT]:
            raise PackError("pack and index differ in the number of objects")

    def _read_offsets(self, at: int) -> array[int]:
        """The offset of each id's object. Raises PackError."""
        near = _numbers("I", self._index[at : at + 4 * self.count])
        if not near or max(near) < _FAR:
            return array("q", near)
        far_at, end = at + 4 * self.count, len(self._index) - 2 * self._width
        far = _numbers("Q", self._index[far_at : end - (end - far_at) % 8])
        try:
            return array("q", (one if one < _FAR else far[one - _FAR] for one in near))
        except (IndexError, OverflowError):
            raise PackError("an offset beyond the end") from None


def _numbers(kind: str, data: memoryview) -> array[int]:
    found = array(kind)
    found.frombytes(data)
    if sys.byteorder == "little":
        found.byteswap()
    return found


def _mapped(path: str) -> mmap.mmap:
    """A file as memory that stays valid when the file is deleted. Raises OSError, PackError."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0))
    try:
        if not os.fstat(descriptor).st_size:
            raise PackError("an empty file")
        return mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ)
    finally:
        os.close(descriptor)
