"""How a history is scanned."""

from __future__ import annotations

from secopskit.named_tuple import NamedTuple
from secopskit.scan.content.detectors import DetectorOptions


class HistoryOptions(NamedTuple):
    """How to scan objects.

    `limit` is the largest blob read, in bytes; `jobs` 0 means all cores. With `cache`, what
    the scan learns is kept in the git directory for the next one.
    """

    detectors: DetectorOptions
    limit: int
    jobs: int = 0
    cache: bool = True
