"""What a detector is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from secopskit.findings import Blob, Match


class Detector(Protocol):
    """Judges one blob. Pure: the same blob gives the same matches, and nothing else happens.

    A detector never raises for what a blob contains: content it cannot parse yields nothing
    (another detector looks at the same bytes line by line).
    """

    name: str

    def wants(self, path: str) -> bool:
        """Whether a file of this name is worth a look. Cheap: called for every path."""
        ...

    def detect(self, blob: Blob) -> Iterator[Match]:
        """The matches in `blob`, in any order; spans lie inside `blob.data`."""
        ...
