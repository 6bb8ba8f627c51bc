"""Sets of object ids that take as much memory as the ids themselves: hundreds of thousands are usual."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from operator import itemgetter, lt
from struct import iter_unpack

from secopskit.progress import still_at_work


class ObjectSet:
    """Object ids, sorted and joined: `raw` holds them in binary, `width` bytes each."""

    __slots__ = ("_rows", "raw", "width")

    def __init__(self, raw: bytes = b"", width: int = 20) -> None:
        self.raw = raw
        self.width = width
        self._rows = _Rows(raw, width)

    @classmethod
    def of(cls, oids: Iterable[str], width: int = 20) -> ObjectSet:
        """The set of these ids (hexadecimal, in any order, any number of times)."""
        return cls.joined((bytes.fromhex(oid) for oid in oids), width)

    @classmethod
    def joined(cls, parts: Iterable[bytes], width: int = 20) -> ObjectSet:
        """The set of the binary ids in `parts`, each of which holds any number of them."""
        raw = b"".join(parts)
        rows = list(_Rows(raw, width))
        still_at_work()
        if all(map(lt, rows, islice(rows, 1, None))):  # as in the index of a pack
            return cls(raw, width)
        ordered = sorted(set(rows))
        still_at_work()
        return cls(b"".join(ordered), width)

    def __repr__(self) -> str:
        return f"ObjectSet({len(self)} ids)"

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, oid: str) -> bool:
        row = bytes.fromhex(oid)
        at = bisect_left(self._rows, row)
        return at < len(self._rows) and self._rows[at] == row

    def __iter__(self) -> Iterator[str]:
        return (row.hex() for row in self._rows)

    def without(self, other: ObjectSet) -> ObjectSet:
        """The ids that are not in `other`."""
        if not other.raw:
            return self
        theirs = set(other._rows)
        still_at_work()
        return ObjectSet(b"".join([row for row in self._rows if row not in theirs]), self.width)

    def among(self, oids: Iterable[str]) -> list[str]:
        """Those of `oids` that are in the set: for many at once faster than one by one."""
        asked = {bytes.fromhex(oid) for oid in oids}
        return [row.hex() for row in self._rows if row in asked]


class _Rows(Sequence[bytes]):
    """The ids one by one, cut from the whole as they are asked for."""

    __slots__ = ("_length", "_raw", "_width")

    def __init__(self, raw: bytes, width: int) -> None:
        self._raw = raw
        self._width = width
        self._length = len(raw) // width

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, index: int) -> bytes:  # type: ignore[override]  # never sliced
        start = index * self._width
        return self._raw[start : start + self._width]

    def __iter__(self) -> Iterator[bytes]:
        return map(itemgetter(0), iter_unpack(f"{self._width}s", self._raw))
