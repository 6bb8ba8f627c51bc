"""The search below `ValueMatcher`: every form of some targets, found in one pass over the bytes.

What is looked for sign by sign is found by its signs, see `written.search`. A fixed form's text is looked
for by an anchor, a part of it, and then compared. The anchor ends with the bytes that are rarest in source
text: by these the engine tells at a glance that there is nothing, and the search is five times as fast as
one for whole texts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from math import log2
from operator import itemgetter
from typing import Final, TypeAlias

from secopskit.detect.engine import Buffer, search_literals
from secopskit.named_tuple import NamedTuple
from secopskit.purge.model import PurgeTarget
from secopskit.purge.values.forms import Form, PiecedForm, forms_of, pieced_forms_of
from secopskit.purge.values.written.search import WrittenSearch
from secopskit.rules.loosened import width

Sign: TypeAlias = tuple[int, int]

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


class Cluster(NamedTuple):
    """Hits that overlap, `[start, end)` in all: each of them begins before the one before it ends.

    A hit that lies within those before it is not among `hits`.
    """

    start: int
    end: int
    hits: tuple[Hit, ...]

    @property
    def numbers(self) -> tuple[int, ...]:
        """The numbers of the targets, in order."""
        return tuple(sorted({number for hit in self.hits for number in hit.numbers}))


class Search:
    """A search for all forms of `targets`. The fixed ones are in `forms`."""

    def __init__(self, engine: str, targets: Iterable[PurgeTarget]) -> None:
        targets = tuple(targets)
        forms, pieced = dict[bytes, list[Form]](), dict[bytes, list[PiecedForm]]()
        for target in targets:
            for form in forms_of(target):
                forms.setdefault(form.text, []).append(form)
            for piece in pieced_forms_of(target):
                pieced.setdefault(piece.sought.text, []).append(piece)
        self._texts = list(forms)
        self.forms = tuple(own[0] for own in forms.values())
        self._pieced = tuple(own[0] for own in pieced.values())
        self._numbers = [*map(_numbers, forms.values()), *map(_numbers, pieced.values())]
        anchors = _anchors(self._texts)
        self._anchored = list(anchors.values())
        self._written = WrittenSearch([form.sought for form in self._pieced], looking=engine == "re")
        literals = self._literals = [*anchors, *self._written.literals]
        self._engine = engine
        # Together they would take a multiple of the time to make.
        self._search = search_literals(engine, literals) if anchors else None
        self._escapes = search_literals(engine, (), self._written.expressions) if anchors else None

    @property
    def longest(self) -> int:
        """The bytes of the longest text that any form may stand as."""
        return max(max(map(len, self._texts), default=0), self._written.longest)

    @property
    def exhaustive(self) -> bool:
        """Whether `signs` are all there are, so that those of a part of the data are those in all of it."""
        return self._engine != "re"

    @cached_property
    def widest(self) -> int:
        """The most bytes that a sign takes."""
        expressions = (width(one.decode("latin-1")) for one in self._written.expressions)
        return max((*map(len, self._literals), *expressions), default=0)

    def signs(self, data: Buffer) -> list[Sign]:
        """What the engine finds: numbers of ours and ends, ascending by these. A form may stand there."""
        if not self._search or not self._escapes or not len(data):
            return []
        escapes = self._escapes.scan(data)
        signs = self._search.scan(data)
        if escapes:
            signs += [(number + len(self._literals), end) for number, end in escapes]
            signs.sort(key=itemgetter(1))
        return signs

    def hits(self, data: Buffer) -> list[Hit]:
        """Every occurrence of every form, overlapping ones too, from left to right, longer ones first."""
        return self.judged(data, self.signs(data))

    def judged(self, data: Buffer, signs: Iterable[Sign]) -> list[Hit]:
        """The hits in `data`, given all `signs` in it."""
        found, written = list[Hit](), list[Sign]()
        first = len(self._anchored)
        for number, end in signs:
            if number < first:
                found += self._compared(data, number, end)
            else:
                written.append((number - first, end))
        for place in self._written.places(data, written) if written else ():
            form = len(self._texts) + place.text
            found.append(Hit(place.start, place.end, self._numbers[form], form))
        found.sort(key=_order)
        return found

    def apart(self, data: Buffer) -> list[Cluster]:
        """What is to be replaced, from left to right: hits that overlap are one cluster."""
        clusters, chain, last = list[Cluster](), list[Hit](), 0
        for hit in self.hits(data):
            if chain and hit.start >= last:
                clusters.append(Cluster(chain[0].start, last, tuple(chain)))
                chain = []
            if not chain or (hit.end > last and not self._is_twin(chain[-1], hit)):
                chain.append(hit)
                last = hit.end
        return [*clusters, Cluster(chain[0].start, last, tuple(chain))] if chain else clusters

    def form_of(self, hit: Hit, data: Buffer) -> Form:
        """The form that a hit is one of, as it stands in `data`."""
        if hit.form < len(self.forms):
            return self.forms[hit.form]
        return self._pieced[hit.form - len(self.forms)].found_as(bytes(data[hit.start : hit.end]))

    def _is_twin(self, one: Hit, other: Hit) -> bool:
        """Whether both are the same text in UTF-16, a byte apart: it reads in either byte order."""
        return (
            other.start == one.start + 1
            and other.end == one.end + 1
            and all(hit.form < len(self.forms) and self.forms[hit.form].wide > 1 for hit in (one, other))
        )

    def _compared(self, data: Buffer, anchor: int, end: int) -> Iterator[Hit]:
        for form, before in self._anchored[anchor]:
            text, start = self._texts[form], end - before
            if start >= 0 and bytes(data[start : start + len(text)]) == text:
                yield Hit(start, start + len(text), self._numbers[form], form)


def _numbers(forms: Iterable[Form | PiecedForm]) -> tuple[int, ...]:
    return tuple(sorted({form.number for form in forms}))


def _order(hit: Hit) -> tuple[int, int, int]:
    return hit.start, -hit.end, hit.form


def _anchors(texts: list[bytes]) -> dict[bytes, list[_Anchor]]:
    """The anchors to look for, and the forms that each belongs to."""
    anchors: dict[bytes, list[_Anchor]] = {}
    for number, text in enumerate(texts):
        ends = range(min(_TAIL, len(text)), len(text) + 1)
        end = min(ends, key=lambda end: sum(_COMMONNESS[byte] for byte in text[max(end - _TAIL, 0) : end]))
        anchors.setdefault(text[max(end - _LONGEST_ANCHOR, 0) : end], []).append(_Anchor(number, end))
    return anchors
