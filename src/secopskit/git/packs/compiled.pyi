"""The inner loops over a pack; see `compiled.pyx`. Hits and copies cross as packed bytes."""

from collections.abc import Collection, Container
from typing import final

from typing_extensions import Buffer

SOURCE: str
"""The SHA-256 of `compiled.pyx` as it was when this was compiled."""

class PackError(ValueError):
    """A pack says something that cannot be. The message tells what, and never any content."""

def by_offset(offsets: Buffer, ordered: Buffer, positions: Buffer) -> None:
    """Sort `offsets` (64 bits each) into `ordered`, and into `positions` where each stood (32 bits)."""

def repeated(ids: Buffer, width: int) -> bytes:
    """For each of the ids of `width` bytes, whether it stands further ahead already: a byte each, 0 or 1."""

def others(ids: Buffer, again: Buffer, width: int, only: bytes) -> bytes:
    """For each of the ids, whether `again` has a 1 for it, or it is not among those in `only`: 0 or 1."""

def strangers(asked: Buffer, width: int, ids: Buffer, numbers: Buffer, kinds: Buffer, kind: int) -> bytes:
    """Those of the ids `asked` that are none of an object of that kind.

    `ids` are those of a pack, ascending; `numbers` tell which one an object has, and `kinds` its kind.
    """

def headers(
    pack: Buffer,
    offsets: Buffer,
    width: int,
    ids: Buffer,
    by_id: Buffer,
    kinds: Buffer,
    heads: Buffer,
    sizes: Buffer,
    bases: Buffer,
    first: int,
    last: int,
) -> None:
    """Read the headers at `offsets` (ascending) into `kinds` (a byte each), `sizes` (64 bits), `bases` (32).

    Those of the objects from `first` on, and before `last`. `heads` are the bytes that each takes (a byte).

    A base is the place of its offset among `offsets`; -1 where there is none to a whole object, -3 where it
    is not there. `ids` are those of the index, `by_id` their offsets. A kind is 0 where there is no header.
    """

def roots(kinds: Buffer, bases: Buffer, used: Buffer, wanted: int) -> list[int]:
    """The used objects without a base whose kind is wanted: bit n of `wanted` stands for kind n."""

def wanted(numbers: Buffer, unwanted: Buffer) -> bytearray:
    """For each object, whether the id with its number has a 0: a byte each, 0 or 1."""

def weigh(bases: Buffer, wanted: Buffer, sizes: Buffer, weights: Buffer) -> None:
    """Put into `weights` of the wanted objects the `sizes` of what they are made from at last.

    Some place in a chain serves, where a damaged one has no end.
    """

def forest(bases: Buffer, kinds: Buffer, weights: Buffer, used: Buffer, first: Buffer, kids: Buffer) -> None:
    """Who is made from whom: the heirs of object n become `kids[first[n]:first[n + 1]]`.

    `kinds` become those of the roots; 0, and not `used`, where no root leads to an object, or only over too
    many steps. To `weights` and `used` (0 or 1) are added those of all heirs that are used.
    """

def result_size(delta: bytes) -> int:
    """The size of what a delta makes, as it says itself. Raises PackError."""

def delta(base: bytes, target: bytes) -> bytes | None:
    """See `secopskit.git.objects.delta.delta`; not byte for byte the same."""

def tree_entries(
    data: bytes, names: Collection[bytes], width: int
) -> list[tuple[bytes, bytes, bytes, int, int]]:
    """The entries of a tree that have one of `names`: mode, name, id, and where each begins and ends.

    Raises PackError where the tree is damaged.
    """

@final
class Regions:
    """The places that must be searched, of many objects, in one buffer, each followed by a separator.

    A hit that ends at `e` must depend on the bytes from `e - margin - 1` to `e`, inclusive, and no others.
    The buffer may be looked at as a `memoryview`; while it is, nothing can be added.
    """

    margin: int
    separator: bytes

    def __init__(self, margin: int, separator: bytes = b"\n\0\n") -> None: ...
    def __len__(self) -> int: ...
    def __buffer__(self, flags: int, /) -> memoryview: ...
    def clear(self) -> None:
        """Forget all regions."""

    def whole(self, content: bytes, number: int) -> None:
        """Add an object as a whole. `number` is the caller's, from 0."""

    def apply(self, base: bytes, delta: bytes, most: int) -> bytes:
        """What `delta` makes of `base`. Raises PackError, also where that were more than `most` bytes."""

    def brought(self, content: bytes, number: int) -> None:
        """Add the regions of `content`, which the last delta made, that are not as in its base."""

    def copies(self) -> bytes:
        """What the last delta took from its base, for `inherit`."""

    def place(self, hits: list[tuple[int, int]]) -> list[tuple[int, bytes]]:
        """Hits (what, offset of the end in the buffer; ascending) as (object, packed hits in it).

        Those are left out that may be due to where a region was cut: copies hand them on, if they are true.
        """

def inherit(old: bytes, own: bytes, copies: bytes, margin: int, base_size: int, size: int) -> bytes:
    """All hits of an object: its `own`, in its regions, and of those of its base the ones in `copies`.

    A spent one stays so where a copy has all that it came to nothing by.
    """

def spend(packed: bytes, barren: list[tuple[int, int, int, int]]) -> bytes:
    """The same hits, those in `barren` spent.

    That is what was found, the offset of its end, and how many bytes before that and behind it are what it
    came to nothing by; both up to 960. One more than there are before means the beginning of the object, one
    more than behind its end.
    """

def opened(packed: bytes, below: int) -> list[tuple[int, int]]:
    """The hits that are not spent and have a number below one: what was found, and the offset of its end."""

def kinds(packed: bytes, first: int) -> int:
    """Which numbers are among the hits: bit n stands for `first` + n, up to 62 of them."""

def chosen(packed: bytes, least: int, also: Container[int]) -> bytes:
    """The hits that are not spent and have the number `least`, a higher one, or one in `also`."""
