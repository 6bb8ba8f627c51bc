"""The check of a rewrite reads pairs of blobs together, and never much at once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from secopskit.git.objects.bulk import BulkReader
from secopskit.purge.proof import rewritecheck

READER = BulkReader.__new__(BulkReader)  # nobody asks it


@pytest.mark.parametrize(("size", "most"), [(100, 10), (rewritecheck._HELD, 200)])
def test_small_pairs_are_read_together_and_large_ones_alone(
    monkeypatch: pytest.MonkeyPatch, size: int, most: int
) -> None:
    asked = list[list[str]]()

    def read(_: object, oids: list[str]) -> Iterator[bytes]:
        asked.append(oids)
        return iter([oid.encode().ljust(size) for oid in oids])

    monkeypatch.setattr(rewritecheck, "_read", read)
    blobs = {f"old {number}": f"new {number}" for number in range(200 if size < 1000 else 3)}
    pairs = [
        (old, before.rstrip(), after.rstrip()) for old, before, after in rewritecheck._pairs(READER, blobs)
    ]
    assert pairs == [(old, old.encode(), new.encode()) for old, new in blobs.items()]
    assert len(asked) <= most
    assert size < 1000 or all(len(oids) == 2 for oids in asked)
