"""Where on a long line a match of a rule can begin: near what the engine has told of, and nowhere else.

A minified script is one line. To search all of it for each rule that has a sign somewhere in it takes longer
than everything else that is done with the file.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Final

from secopskit.detect.engine import Hit
from secopskit.findings import Span

LONG_LINE: Final = 4096
# One attempt at a place costs about what a search spends on so many.
_ATTEMPT: Final = 8


class RuleHits:
    """An exhaustive engine's hits in one text, by rule. They are sorted when first asked for."""

    def __init__(self, hits: Sequence[Hit]) -> None:
        self._hits = hits

    @cached_property
    def _ends(self) -> dict[int, list[int]]:
        ends: dict[int, list[int]] = {}
        for number, end in self._hits:
            ends.setdefault(number, []).append(end)
        return ends

    def starts(self, number: int, reach: int, line: Span) -> list[Span] | None:
        """Where on `line` matches of a rule begin, at most `reach` bytes before a hit's end; ascending.

        None where it is quicker to search all of the line.
        """
        size = line.end - line.start
        if size < LONG_LINE or not reach:
            return None
        ends = self._ends.get(number, [])
        # A hit may end with the newline.
        own = ends[bisect_right(ends, line.start) : bisect_right(ends, line.end + 1)]
        starts = _joined(Span(max(end - reach, line.start), min(end, line.end)) for end in own)
        attempts = sum(span.end - span.start for span in starts)
        return starts if attempts * _ATTEMPT < size else None


def _joined(spans: Iterable[Span]) -> list[Span]:
    """`spans` (ascending) without overlaps."""
    joined: list[Span] = []
    for span in spans:
        if joined and span.start <= joined[-1].end:
            joined[-1] = Span(joined[-1].start, span.end)
        else:
            joined.append(span)
    return joined
