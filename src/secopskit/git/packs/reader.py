"""Objects read for a search: what must be looked at of them, and what was found in what they are made from.

The loop of a search:

    for chunk in reader.chunks(portion):
        for found in chunk.settle(engine.scan(chunk.data)):
            ...

A hit is a pair: what was found (a number from 0), and the offset of its end. For each object the hits are
those of a search through the whole of it, but for those of its base that were spent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple, TypeAlias

from secopskit.git.packs import compiled
from secopskit.git.packs.compiled import PackError, Regions
from secopskit.git.packs.loose import LooseFile, read_loose
from secopskit.git.packs.portions import Portion
from secopskit.git.packs.sources import Doubtful, ObjectSources
from secopskit.git.packs.walk import FamilyWalk, LargeObject, Rebuilt, nothing

PackHit: TypeAlias = tuple[int, int]
BarrenHit: TypeAlias = tuple[int, int, int, int]
"""What was found, the offset of its end, and how many bytes before and behind that it came to nothing by."""
# So much is searched at once: it stays in the processor's cache.
_SEARCHED: Final = 4 << 20
_HELD: Final = 64 << 20
_MOST_OBJECTS: Final = 50_000
MOST_NUMBERS: Final = 1 << 24
"""Numbers of hits are below."""
FARTHEST: Final = 960
"""How many bytes of a hit that came to nothing can be told, before its end and behind it."""


class _Known:
    """What was found in an object: packed hits, once its chunk is settled."""

    __slots__ = ("hits", "size")

    def __init__(self, size: int) -> None:
        self.hits = b""
        self.size = size


class ReadObject(NamedTuple):
    """An object that was read. What is not `searched` was passed over at the caller's wish.

    `size` is that of all of it, of which `content` may be the beginning, if it was passed over by that.
    """

    oid: str
    kind: str
    content: bytes
    searched: bool
    size: int


class FoundObject:
    """An object in which something was found."""

    __slots__ = ("_known", "read")

    def __init__(self, read: ReadObject, known: _Known) -> None:
        self.read = read
        self._known = known

    def hits(self, below: int = MOST_NUMBERS) -> list[PackHit]:
        """The hits in it of numbers below one, ascending by their ends; not those that are spent."""
        return compiled.opened(self._known.hits, below)

    def kinds(self, first: int) -> int:
        """Which numbers from `first` on are among its hits: bit n stands for `first` + n."""
        return compiled.kinds(self._known.hits, first)

    def chosen(self, least: int, also: frozenset[int]) -> bytes:
        """The hits in it, packed, of the number `least`, of higher ones, and of those in `also`."""
        return compiled.chosen(self._known.hits, least, also)

    def spend(self, barren: list[BarrenHit]) -> None:
        """None of these need be told again of what is made from the object, where the bytes are the same."""
        if barren:
            self._known.hits = compiled.spend(self._known.hits, barren)


_Pending: TypeAlias = tuple[ReadObject | None, _Known, _Known | None, bytes]
"""An object whose hits are not known yet, its base, and what it copies from that.

The first is None where it only counts for its heirs.
"""


def _everything(_kind: str, _content: bytes) -> bool:
    return True


class ReadChunk:
    """Some objects that were read, bases before their heirs. Must be settled before the next is read."""

    def __init__(self, regions: Regions) -> None:
        self._regions = regions
        self._pending: list[_Pending] = []
        self._view: memoryview | None = None
        self.objects: list[ReadObject] = []
        self.held = 0
        self.settled = False

    @property
    def data(self) -> memoryview:
        """What must be searched, of all objects together. Valid until the chunk is settled."""
        if self._view is None:
            self._view = memoryview(self._regions)
        return self._view

    def settle(self, hits: list[PackHit]) -> Iterator[FoundObject]:
        """The objects in which something was found, bases before their heirs.

        `hits` are those in `data`, ascending by their ends.
        """
        if self._view is not None:
            self._view.release()
        own = dict(self._regions.place(hits))
        for slot, (read, known, base, copies) in enumerate(self._pending):
            known.hits = own.get(slot, b"")
            if base is not None and base.hits:
                margin, size = self._regions.margin, known.size
                known.hits = compiled.inherit(base.hits, known.hits, copies, margin, base.size, size)
            if known.hits and read is not None:
                yield FoundObject(read, known)
        self._pending.clear()
        self._regions.clear()
        self.settled = True

    def close(self) -> None:
        """Nothing of it is to be searched."""
        for _ in self.settle([]):
            pass

    def add(self, read: ReadObject | None, known: _Known, base: _Known | None, copies: bytes) -> None:
        """Add an object; its regions have its slot for a number."""
        self._pending.append((read, known, base, copies))
        if read is not None:
            self.objects.append(read)
        self.held += known.size + len(copies)

    @property
    def slot(self) -> int:
        """The number that the regions of the next object get."""
        return len(self._pending)

    @property
    def full(self) -> bool:
        """Whether the chunk is large enough to be searched."""
        return len(self._regions) > _SEARCHED or self.held > _HELD or len(self._pending) >= _MOST_OBJECTS


class PackReader:
    """Reads the portions of one process.

    A hit that ends at `e` must depend on the bytes from `e - margin - 1` to `e` alone; with a `margin` of
    None there is no such bound, and all of each object is searched. What `separator` stands between two
    regions, no hit should reach across. `searched` says of kind and content whether they are to be searched,
    and `passed_over` of kind and beginning, whether all of it need not be read; see `FamilyWalk`.

    `large` are objects of more than `limit` bytes, which are not told of otherwise.
    `doubtful` must be read by git. `weight` is that of what was read so far.
    """

    def __init__(
        self,
        sources: ObjectSources,
        *,
        limit: int,
        margin: int | None,
        separator: bytes = b"\n\0\n",
        searched: Callable[[str, bytes], bool] = _everything,
        passed_over: Callable[[str, bytes], bool] = nothing,
    ) -> None:
        self._sources = sources
        self._limit = limit
        self._whole = margin is None
        self._regions = Regions(margin or 0, separator)
        self._searched = searched
        self._walk = FamilyWalk(self._regions, limit, passed_over)
        self.weight = 0

    @property
    def large(self) -> list[LargeObject]:
        """What was found to be larger than the limit, so far."""
        return self._walk.large

    @property
    def doubtful(self) -> list[Doubtful]:
        """What git has to be asked for, so far."""
        return self._walk.doubtful

    def chunks(self, portion: Portion) -> Iterator[ReadChunk]:
        """The objects of a portion. Raises GitError if its pack is not among the sources."""
        self._regions.clear()
        chunk, after = ReadChunk(self._regions), self.weight + portion.weight
        for made, base in self._rebuilt(portion):
            self._add(made, base, chunk)
            if chunk.full:
                yield from _handed(chunk)
                chunk = ReadChunk(self._regions)
        for file in portion.loose:
            self._add_loose(file, chunk)
            if chunk.full:
                yield from _handed(chunk)
                chunk = ReadChunk(self._regions)
        self.weight = after
        if chunk.slot:
            yield from _handed(chunk)

    def _rebuilt(self, portion: Portion) -> Iterator[tuple[Rebuilt, Rebuilt | None]]:
        """The packed objects of a portion, each with its base."""
        if portion.pack:
            pack = self._sources.pack(portion.pack)
            for start in portion.families():
                yield from self._walk.family(pack, start)
                if not (start.heirs or start.left_out):
                    self.weight += pack.weights[start.place]

    def _add(self, made: Rebuilt, base: Rebuilt | None, chunk: ReadChunk) -> None:
        content, kind = made.content, made.kind
        if len(content) > self._limit:
            return
        searched = self._searched(kind, content)
        read = ReadObject(made.oid, kind, content, searched, made.size) if made.wanted else None
        known = _Known(len(content))
        if not searched:
            if read is not None:
                chunk.add(read, known, None, b"")
            return
        old = base.known if base is not None and not self._whole else None
        copies = b""
        if isinstance(old, _Known):
            self._regions.brought(content, chunk.slot)
            copies = self._regions.copies()
            chunk.add(read, known, old, copies)
        else:
            self._regions.whole(content, chunk.slot)
            chunk.add(read, known, None, b"")
        made.known = known

    def _add_loose(self, file: LooseFile, chunk: ReadChunk) -> None:
        try:
            kind, size, content = read_loose(file, self._sources.algorithm, self._limit)
        except (OSError, PackError) as error:
            self.doubtful.append(Doubtful(file.oid, getattr(error, "strerror", None) or str(error)))
            return
        if content is None:
            self.large.append(LargeObject(file.oid, kind, size))
            return
        searched = self._searched(kind, content)
        if searched:
            self._regions.whole(content, chunk.slot)
        chunk.add(ReadObject(file.oid, kind, content, searched, size), _Known(size), None, b"")


def unpacked(hits: bytes) -> list[PackHit]:
    """Hits as pairs, of those that `FoundObject.chosen` packs."""
    return compiled.opened(hits, MOST_NUMBERS)


def _handed(chunk: ReadChunk) -> Iterator[ReadChunk]:
    yield chunk
    if not chunk.settled:
        raise ValueError("a chunk was not settled")
