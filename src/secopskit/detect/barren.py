"""Hits that came to nothing in one version of a text, and would come to nothing in the next."""

from __future__ import annotations

from secopskit.detect.engine import Hit
from secopskit.findings import Span


class BarrenHits:
    """Takes note of hits that come to nothing for what a few bytes around them say, whatever else is there.

    `hits` are the number of each, the offset of its end, and how many bytes before that and behind it decide:
    its lines and the line feeds on both sides of them. Where that is more than `farthest`, it is left out.
    """

    __slots__ = ("_farthest", "hits")

    def __init__(self, farthest: int) -> None:
        self.hits = list[tuple[int, int, int, int]]()
        self._farthest = farthest

    def note(self, hit: Hit, lines: Span) -> None:
        """`hit` comes to nothing because of what stands in `lines`."""
        number, end = hit
        before, behind = end - lines.start + 1, lines.end + 1 - end
        if max(before, behind) <= self._farthest:
            self.hits.append((number, end, before, behind))
