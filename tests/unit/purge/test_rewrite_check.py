"""The check of a rewrite holds one pair of an old and a new object at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from secopskit.git.objects.lasting import Object, ObjectReader
from secopskit.purge.proof import blobcheck


class Reader(ObjectReader):
    """Gives objects that hold their own ids, and counts those that were taken."""

    def __init__(self) -> None:
        self.taken = 0

    def many(self, oids: Iterable[str]) -> Iterator[Object]:
        for oid in oids:
            self.taken += 1
            yield Object("blob", oid.encode())


def test_pairs_are_read_as_they_are_wanted() -> None:
    reader = Reader()
    blobs = {f"old {number}": f"new {number}" for number in range(5)}
    seen = [(*pair, reader.taken) for pair in blobcheck.read_pairs(reader, blobs)]
    assert seen == [
        (old, old.encode(), new.encode(), 2 * number) for number, (old, new) in enumerate(blobs.items(), 1)
    ]
