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
from typing import Final, TypeAlias

from secopskit.git.packs import compiled
from secopskit.git.packs.compiled import PackError, Regions
from secopskit.git.packs.loose import LooseFile, read_loose
from secopskit.git.packs.portions import Portion
from secopskit.git.packs.sources import ObjectSources
from secopskit.git.packs.unread import Doubtful, LargeObject
from secopskit.git.packs.walk import MOST_NUMBERS, FamilyWalk, ReadChunk, nothing

PackHit: TypeAlias = tuple[int, int]
BarrenHit: TypeAlias = tuple[int, int, int, int]
"""What was found, the offset of its end, and how many bytes before and behind that it came to nothing by."""
FARTHEST: Final = 960
"""How many bytes of a hit that came to nothing can be told, before its end and behind it."""


def _everything(_kind: str, _content: bytes) -> bool:
    return True


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
        for chunk in self._filled(portion):
            yield chunk
            if not chunk.settled:
                raise ValueError("a chunk was not settled")

    def _filled(self, portion: Portion) -> Iterator[ReadChunk]:
        chunk, after = self._chunk(), self.weight + portion.weight
        if portion.pack:
            pack = self._sources.pack(portion.pack)
            for start in portion.families():
                self._walk.begin(pack.tables, start)
                while not self._walk.fill(chunk):
                    yield chunk
                    chunk = self._chunk()
                if not (start.heirs or start.left_out):
                    self.weight += pack.weights[start.place]
        for file in portion.loose:
            self._add_loose(file, chunk)
            if chunk.full:
                yield chunk
                chunk = self._chunk()
        self.weight = after
        if not chunk.empty:
            yield chunk

    def _chunk(self) -> ReadChunk:
        return ReadChunk(self._regions, self._searched, self._limit, self._whole)

    def _add_loose(self, file: LooseFile, chunk: ReadChunk) -> None:
        try:
            kind, size, content = read_loose(file, self._sources.algorithm, self._limit)
        except (OSError, PackError) as error:
            self.doubtful.append(Doubtful(file.oid, getattr(error, "strerror", None) or str(error)))
            return
        if content is None:
            self.large.append(LargeObject(file.oid, kind, size))
        else:
            chunk.add(file.oid, kind, content, size)


def unpacked(hits: bytes) -> list[PackHit]:
    """Hits as pairs, of those that `FoundObject.chosen` packs."""
    return compiled.opened(hits, MOST_NUMBERS)
