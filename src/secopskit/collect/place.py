"""Places of facts: from offsets in a file to lines."""

from __future__ import annotations

import re
from bisect import bisect_left

from secopskit.collect.facts import FactPlace


class FilePlaces:
    """Tells the place of an offset in a file."""

    def __init__(self, path: str, data: bytes) -> None:
        self._path = path
        self._ends = [found.start() for found in re.finditer(b"\n", data)]

    def at(self, offset: int) -> FactPlace:
        """The place of an offset."""
        return FactPlace(self._path, bisect_left(self._ends, offset) + 1)
