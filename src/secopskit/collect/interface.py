"""What a collector is."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from secopskit.collect.facts import Fact
from secopskit.findings import Blob
from secopskit.named_tuple import NamedTuple


class Collector(NamedTuple):
    """A collector: turns one file into facts.

    `wants` tells by a file's path whether it is one for it. `collect` is pure: no file, no network, nothing
    executed. It never raises for what a file holds, and is bounded in time and depth: a file that cannot be
    parsed yields a `Skipped`, which says so.
    """

    name: str
    wants: Callable[[str], bool]
    collect: Callable[[Blob], Iterator[Fact]]
