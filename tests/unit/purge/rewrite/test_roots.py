"""The batches in which commits are rewritten: few at first, and none is left out."""

from __future__ import annotations

from itertools import chain

import pytest

from secopskit.purge.rewrite import roots


@pytest.mark.parametrize("count", [0, 1, 399, 400, 401, 1200, 1201, 30_000])
def test_batches_grow_and_leave_nothing_out(count: int) -> None:
    everything = list(map(str, range(count)))
    batches = list(roots.batches(everything))
    assert list(chain.from_iterable(batches)) == everything
    sizes = [len(batch) for batch in batches]
    assert sizes[:-1] == sorted(sizes[:-1])
    assert max(sizes, default=0) <= roots._PACK
    assert sizes[:1] == [min(count, roots._FIRST_PACK)][: len(sizes)]
