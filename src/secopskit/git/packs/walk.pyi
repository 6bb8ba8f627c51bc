"""Objects of a pack rebuilt, and what was found in them handed on; see `walk.pyx`."""

from array import array
from collections.abc import Callable, Container, Iterator
from typing import Final, final

from typing_extensions import Buffer

from secopskit.git.packs.compiled import Regions
from secopskit.git.packs.portions import FamilyStart
from secopskit.git.packs.unread import Doubtful, LargeObject

SOURCE: str
"""The SHA-256 of `walk.pyx` as it was when this was compiled."""

HEAD: Final = 8000
"""The bytes by which an object may be passed over."""

MOST_REBUILT: int
"""The largest object, in bytes, that is rebuilt because others are made from it."""

MOST_NUMBERS: Final = 16777216
"""Numbers of hits are below."""

def nothing(_kind: str, _head: bytes) -> bool:
    """Nothing is passed over."""

@final
class PackTables:
    """What is known of the objects of a pack, by their places in it: see `PackFile`, which has the arrays.

    `heads` are the bytes of each object's header, `sizes` what it is inflated to, `sums` the checksums of the
    index by the numbers of ids. Objects made from object n are `kids[first[n]:first[n + 1]]`.
    """

    def __init__(
        self,
        pack: memoryview,
        width: int,
        words: tuple[str, ...],
        *,
        ids: Buffer,
        offsets: array[int],
        sums: array[int],
        numbers: array[int],
        kinds: Buffer,
        heads: Buffer,
        sizes: array[int],
        bases: array[int],
        first: array[int],
        kids: array[int],
        used: Buffer,
        unwanted: Buffer,
    ) -> None:
        """Raises ValueError where these do not fit each other."""

    def oid(self, place: int) -> str:
        """The id of an object, in hexadecimal."""

    def is_wanted(self, place: int) -> bool:
        """See `PackFile.is_wanted`."""

    def heirs(self, place: int) -> list[int]:
        """See `PackFile.heirs`."""

@final
class Rebuilt:
    """An object that was rebuilt, until what is made from it is rebuilt, too.

    `size` is that of all of it, of which `content` may be the beginning alone. `known` is the caller's: what
    it wants to have at hand for the heirs.
    """

    content: bytes
    size: int
    wanted: bool
    known: object

    @property
    def binary_oid(self) -> bytes:
        """The id."""

@final
class FamilyWalk:
    """Rebuilds the objects of one pack after the other. `regions` applies the deltas.

    What has more than `limit` bytes is only rebuilt if something is made from it, and added to `large`. What
    cannot be rebuilt is added to `doubtful`. What is `passed_over`, by its kind and its first `HEAD` bytes,
    has no more content than these, if nothing is made from it.
    """

    large: list[LargeObject]
    doubtful: list[Doubtful]

    def __init__(
        self, regions: Regions, limit: int, passed_over: Callable[[str, bytes], bool] = nothing
    ) -> None: ...
    def family(self, pack: PackTables, start: FamilyStart) -> Iterator[tuple[Rebuilt, Rebuilt | None]]:
        """Each object with its base, if the base came before it. What they hold is valid until the next.

        An object that is not `wanted` is told of elsewhere, or is too large, and only rebuilt for its heirs.
        """

    def begin(self, pack: PackTables, start: FamilyStart) -> None:
        """Begin with a family, for `fill`."""

    def fill(self, chunk: ReadChunk) -> bool:
        """Put the next objects of the family into a chunk. False if that is full, and more may come."""

@final
class HeldBases:
    """What others are made from, of all packs together: the `most` bytes that were used last."""

    def __init__(self, most: int) -> None: ...

@final
class PackLookup:
    """Single objects of a pack, in any order. What others are made from is `held`, as far as it has room.

    Quick where what is asked for one after the other is made from the same. `regions` applies the deltas.
    """

    def __init__(self, pack: PackTables, regions: Regions, held: HeldBases) -> None: ...
    def read(self, oid: bytes) -> tuple[str, bytes] | None:
        """Kind and content of an object by its binary id; None if it is not in the pack.

        Raises PackError where it cannot be rebuilt.
        """

@final
class ReadObject:
    """An object that was read. What is not `searched` was passed over at the caller's wish.

    `size` is that of all of it, of which `content` may be the beginning, if it was passed over by that.
    """

    kind: str
    content: bytes
    searched: bool
    size: int

    @property
    def oid(self) -> str:
        """The id, in hexadecimal."""

@final
class FoundObject:
    """An object in which something was found."""

    read: ReadObject

    def hits(self, below: int = MOST_NUMBERS) -> list[tuple[int, int]]:
        """The hits in it of numbers below one, ascending by their ends; not those that are spent."""

    def kinds(self, first: int) -> int:
        """Which numbers from `first` on are among its hits: bit n stands for `first` + n."""

    def chosen(self, least: int, also: Container[int]) -> bytes:
        """The hits in it, packed, of the number `least`, of higher ones, and of those in `also`."""

    def spend(self, barren: list[tuple[int, int, int, int]]) -> None:
        """None of these need be told again of what is made from the object, where the bytes are the same."""

@final
class ReadChunk:
    """Some objects that were read, bases before their heirs. Must be settled before the next is read.

    What is `searched` (kind and content), and has no more than `limit` bytes, is put into `regions`: as a
    `whole`, or what its delta brought.
    """

    objects: list[ReadObject]
    settled: bool

    def __init__(
        self, regions: Regions, searched: Callable[[str, bytes], bool], limit: int, whole: bool
    ) -> None: ...
    @property
    def data(self) -> memoryview:
        """What must be searched, of all objects together. Valid until the chunk is settled."""

    @property
    def empty(self) -> bool:
        """Whether nothing is in it."""

    @property
    def full(self) -> bool:
        """Whether it is large enough to be searched."""

    def settle(self, hits: list[tuple[int, int]]) -> Iterator[FoundObject]:
        """The objects in which something was found, bases before their heirs.

        `hits` are those in `data`, ascending by their ends.
        """

    def close(self) -> None:
        """Nothing of it is to be searched."""

    def add(self, oid: str, kind: str, content: bytes, size: int) -> None:
        """Add an object that no pack has."""
