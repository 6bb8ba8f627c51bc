"""The search below `ValueMatcher`: every form of some targets, found in one pass over the bytes.

A form's text is looked for by an anchor, a part of it, and then compared. The anchor ends with the
bytes that are rarest in source text: by these the engine tells at a glance that there is nothing,
and the search is five times as fast as one for whole texts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import log2
from typing import Final, NamedTuple

from secopskit.detect.engine import Buffer, search_literals
from secopskit.purge.model import PurgeTarget
from secopskit.purge.values.forms import Form, forms_of

_LONGEST_ANCHOR: Final = 16
_TAIL: Final = 4
_COMMON: Final = frozenset(b" \0\n\tetnioarslcdupmh_,.(-)=")
# How much of source text and trees, in percent, has bytes with this upper half.
_BY_UPPER_HALF: Final = (6, 2, 18, 4, 3, 4, 32, 18, 2, 2, 2, 2, 2, 2, 2, 2)
_COMMONNESS: Final = tuple(
    log2(_BY_UPPER_HALF[byte >> 4]) + (2 if byte in _COMMON else 0) for byte in range(256)
)


class Hit(NamedTuple):
    """An occurrence of a form, at `[start, end)`: its targets' numbers, and its own in the search."""

    start: int
    end: int
    numbers: tuple[int, ...]
    form: int


class _Anchor(NamedTuple):
    """A form that an anchor belongs to: its text begins `before` bytes before the anchor's end."""

    form: int
    before: int


class Search:
    """A search for all forms of `targets`, which are in `forms`."""

    def __init__(self, engine: str, targets: Iterable[PurgeTarget]) -> None:
        forms: dict[bytes, list[Form]] = {}
        for target in targets:
            for form in forms_of(target):
                forms.setdefault(form.text, []).append(form)
        self._texts = list(forms)
        self.forms = tuple(own[0] for own in forms.values())
        self._numbers = [tuple(sorted({form.number for form in own})) for own in forms.values()]
        anchors = _anchors(self._texts)
        self._anchored = list(anchors.values())
        self._search = search_literals(engine, list(anchors)) if anchors else None

    def hits(self, data: Buffer) -> list[Hit]:
        """Every occurrence of every form, overlapping ones too, from left to right, longer ones first."""
        ends = self._search.scan(data) if self._search and len(data) else ()
        found = [hit for anchor, end in ends for hit in self._compared(data, anchor, end)]
        found.sort(key=_order)
        return found

    def apart(self, data: Buffer) -> list[Hit]:
        """The hits to replace: none overlaps another, the leftmost and then the longest wins."""
        chosen, last = list[Hit](), 0
        for hit in self.hits(data):
            if hit.start >= last:
                chosen.append(hit)
                last = hit.end
        return chosen

    def _compared(self, data: Buffer, anchor: int, end: int) -> Iterator[Hit]:
        for form, before in self._anchored[anchor]:
            text, start = self._texts[form], end - before
            if start >= 0 and bytes(data[start : start + len(text)]) == text:
                yield Hit(start, start + len(text), self._numbers[form], form)


def _order(hit: Hit) -> tuple[int, int]:
    return hit.start, -hit.end


def _anchors(texts: list[bytes]) -> dict[bytes, list[_Anchor]]:
    """The anchors to look for, and the forms that each belongs to."""
    anchors: dict[bytes, list[_Anchor]] = {}
    for number, text in enumerate(texts):
        ends = range(min(_TAIL, len(text)), len(text) + 1)
        end = min(ends, key=lambda end: sum(_COMMONNESS[byte] for byte in text[max(end - _TAIL, 0) : end]))
        anchors.setdefault(text[max(end - _LONGEST_ANCHOR, 0) : end], []).append(_Anchor(number, end))
    return anchors
