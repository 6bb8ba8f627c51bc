"""A family of deltas rebuilt, depth first: only what others are still made from is held."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from secopskit.git.packs import compiled
from secopskit.git.packs.compiled import PackError, Regions
from secopskit.git.packs.packfile import KINDS, PackFile
from secopskit.git.packs.portions import FamilyStart
from secopskit.git.packs.sources import Doubtful


class LargeObject(NamedTuple):
    """An object that has more bytes than are wanted."""

    oid: str
    kind: str
    size: int


HEAD: Final = 8000
"""The bytes by which an object may be passed over."""
_LEAST_PASSED_OVER: Final = 8 * HEAD

MOST_REBUILT: Final = 1 << 27
"""The largest object, in bytes, that is rebuilt because others are made from it."""

_MOST_HELD: Final = 1 << 28


def nothing(_kind: str, _head: bytes) -> bool:
    """Nothing is passed over."""
    return False


class Rebuilt:
    """An object that was rebuilt, until what is made from it is rebuilt, too.

    `size` is that of all of it, of which `content` may be the beginning alone. `known` is the caller's: what
    it wants to have at hand for the heirs.
    """

    __slots__ = ("content", "heirs", "known", "pack", "place", "size", "wanted")

    def __init__(
        self, pack: PackFile, place: int, content: bytes, heirs: list[int], *, wanted: bool, size: int = -1
    ) -> None:
        self.pack = pack
        self.place = place
        self.content = content
        self.size = len(content) if size < 0 else size
        self.heirs = heirs
        self.wanted = wanted
        self.known: object = None

    @property
    def oid(self) -> str:
        """The id, in hexadecimal."""
        return self.pack.oid(self.place)

    @property
    def kind(self) -> str:
        """git's word for the kind of the object."""
        return KINDS[self.pack.kinds[self.place]]


class FamilyWalk:
    """Rebuilds the objects of one pack after the other. `regions` applies the deltas.

    What has more than `limit` bytes is only rebuilt if something is made from it, and added to `large`. What
    cannot be rebuilt is added to `doubtful`. What is `passed_over`, by its kind and its first `HEAD` bytes,
    has no more content than these, if nothing is made from it.
    """

    def __init__(
        self, regions: Regions, limit: int, passed_over: Callable[[str, bytes], bool] = nothing
    ) -> None:
        self._regions = regions
        self._limit = limit
        self._passed_over = passed_over
        # Below this size, it is done with quickest if nothing is asked.
        self._least = min(limit + 1, _LEAST_PASSED_OVER if passed_over is not nothing else limit + 1)
        self.large: list[LargeObject] = []
        self.doubtful: list[Doubtful] = []

    def family(self, pack: PackFile, start: FamilyStart) -> Iterator[tuple[Rebuilt, Rebuilt | None]]:
        """Each object with its base, if the base came before it. What they hold is valid until the next.

        An object that is not `wanted` is told of elsewhere, or is too large, and only rebuilt for its heirs.
        """
        first = self._first(pack, start)
        if first is None:
            return
        yield first, None
        stack, held = [first], len(first.content)
        while stack:
            base = stack[-1]
            if not base.heirs:
                stack.pop()
                held -= len(base.content)
                continue
            place = base.heirs.pop()
            heirs = _heirs(pack, place, start.left_out)
            if held > _MOST_HELD:
                self._doubt(pack, place, start, "too much would have to be held")
                continue
            made = self._made(pack, place, heirs, base, start)
            if made is None:
                continue
            yield made, base
            if heirs:
                stack.append(made)
                held += len(made.content)

    def _first(self, pack: PackFile, start: FamilyStart) -> Rebuilt | None:
        place = start.place
        heirs = list(start.heirs) or _heirs(pack, place, start.left_out)
        own = not start.heirs and pack.is_wanted(place)
        try:
            if not heirs and pack.bases[place] < 0 and (size := pack.size(place)) >= self._least:
                if size > self._limit:
                    self._tell_large(pack, place, size)
                    return None
                head = pack.beginning(place, HEAD)
                if self._passed_over(KINDS[pack.kinds[place]], head):
                    return Rebuilt(pack, place, head, heirs, wanted=own, size=size)
            content = self._rebuilt(pack, place)
        except PackError as error:
            if start.heirs:
                for heir in heirs:
                    self._doubt(pack, heir, start, str(error))
            else:
                self._doubt(pack, place, start, str(error))
            return None
        return self._judged(pack, place, content, heirs, own=own)

    def _rebuilt(self, pack: PackFile, place: int) -> bytes:
        """The content of an object, from the beginning of its chain on. Raises PackError."""
        *bases, root = [place, *pack.bases_of(place)]
        content = pack.content(root, MOST_REBUILT)
        for one in reversed(bases):
            content = self._regions.apply(content, pack.content(one, MOST_REBUILT), MOST_REBUILT)
        return content

    def _made(
        self, pack: PackFile, place: int, heirs: list[int], base: Rebuilt, start: FamilyStart
    ) -> Rebuilt | None:
        """What the delta at `place` makes of its base, unless it cannot be made or need not."""
        try:
            delta = pack.content(place, MOST_REBUILT)
            size = compiled.result_size(delta)
            if size > self._limit and not heirs:
                self._tell_large(pack, place, size)
                return None
            content = self._regions.apply(base.content, delta, MOST_REBUILT)
        except PackError as error:
            self._doubt(pack, place, start, str(error))
            return None
        return self._judged(pack, place, content, heirs, own=pack.is_wanted(place))

    def _judged(self, pack: PackFile, place: int, content: bytes, heirs: list[int], *, own: bool) -> Rebuilt:
        large = len(content) > self._limit
        if large and own:
            self._tell_large(pack, place, len(content))
        return Rebuilt(pack, place, content, heirs, wanted=own and not large)

    def _tell_large(self, pack: PackFile, place: int, size: int) -> None:
        if pack.is_wanted(place):
            self.large.append(LargeObject(pack.oid(place), KINDS[pack.kinds[place]], size))

    def _doubt(self, pack: PackFile, place: int, start: FamilyStart, reason: str) -> None:
        """Leave an object to git, with all that is made from it here."""
        todo = [place]
        while todo:
            one = todo.pop()
            if pack.is_wanted(one):
                self.doubtful.append(Doubtful(pack.oid(one), reason))
            todo += _heirs(pack, one, start.left_out)


def _heirs(pack: PackFile, place: int, left_out: frozenset[int]) -> list[int]:
    heirs = pack.heirs(place)
    return [heir for heir in heirs if heir not in left_out] if left_out and heirs else heirs
