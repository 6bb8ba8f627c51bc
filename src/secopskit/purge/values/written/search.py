"""The search for texts in whatever writing: from the signs that an engine has found to exact places."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b
from typing import Final, Generic, TypeVar

from secopskit.detect.engine import Buffer
from secopskit.named_tuple import NamedTuple
from secopskit.purge.values.written.joins import BASE64_JOIN, JOINERS, TEXT_JOIN, joins_from
from secopskit.purge.values.written.layers import LONGEST, units_in_layers
from secopskit.purge.values.written.reading import Step, read_all, read_text
from secopskit.purge.values.written.signs import expressions, grams
from secopskit.purge.values.written.units import BEGINNINGS, Escape, Unit, beginnings_of

# The bytes that a sign may take in the longest writing looked for, and what joins may take besides.
_WIDEST: Final = 24
_JOINED: Final = 800
_SIGN: Final = 32
# So many signs near each other that lead to nothing, and the part of the data is read once, in whole.
_MOST_VAIN: Final = 150
_MOST_KNOWN: Final = 50_000
_STANDARD: Final = bytes.maketrans(b"-_", b"+/")
_URLS: Final = bytes.maketrans(b"+/", b"-_")
_BACK: Final = 256
# Of joins, and of the mark of a comment or a quotation at the beginning of a line.
_ENDS_OF_JOINS: Final = frozenset(b" \t\r\n\"'`\\+>#*/")
_ESCAPING: Final = BEGINNINGS - frozenset(b" \t\r\n+")
_INTERRUPTING: Final = BEGINNINGS | JOINERS


@dataclass(frozen=True, slots=True, kw_only=True)
class SoughtText:
    """A text that is looked for in any writing.

    One in `base64` is written in the standard alphabet here; it may be cut anywhere, and be in the other.
    """

    text: bytes = field(repr=False)
    base64: bool = False

    @property
    def join(self) -> re.Pattern[bytes]:
        """What may stand between its pieces."""
        return BASE64_JOIN if self.base64 else TEXT_JOIN

    def reach(self, signs: int) -> int:
        """The most bytes that so many signs of it take."""
        return signs * (_WIDEST // 3 if self.base64 else _WIDEST) + _JOINED

    def seen(self, data: bytes) -> bytes:
        """The bytes with whatever differs in writing alone made the same."""
        return data.translate(_STANDARD) if self.base64 else data

    def read(self, data: bytes, at: int, *, index: int = 0, end: int | None = None) -> tuple[Step, ...]:
        """The steps in which it stands at `at` of what was `seen`; see `read_text`."""
        return read_text(data, at, self.text, index=index, join=self.join, end=end)


class Place(NamedTuple):
    """A text, by its number, that stands at `[start, end)` in another writing than as it is."""

    start: int
    end: int
    text: int


class _FoundSign(NamedTuple):
    """A sign of a text: `read` bytes of it stand before the offset `at`, or should."""

    text: int
    read: int
    at: int


_Found = TypeVar("_Found")


class _Known(Generic[_Found]):
    """What was found in some bytes, by their digest: the versions of a file share most of theirs."""

    def __init__(self) -> None:
        self._found: dict[tuple[object, ...], _Found] = {}

    def get(self, key: tuple[object, ...], find: Callable[[], _Found]) -> _Found:
        """What is known by that key, or is found now."""
        if key not in self._found:
            if len(self._found) >= _MOST_KNOWN:
                self._found.clear()
            self._found[key] = find()
        return self._found[key]


class WrittenSearch:
    """A search for `texts`. An engine has to find the `literals` and the `expressions` for it.

    With `looking`, expressions look ahead and behind, which not every engine can.
    """

    def __init__(self, texts: Sequence[SoughtText], *, looking: bool) -> None:
        self._texts = tuple(texts)
        self._grams: dict[bytes, list[tuple[int, int]]] = {}
        for number, text in enumerate(texts):
            for gram in grams(text.text):
                for written in {gram.text, gram.text.translate(_URLS)} if text.base64 else (gram.text,):
                    self._grams.setdefault(written, []).append((number, gram.end))
        self.literals = list(self._grams)
        self._plain = [(number, text.text) for number, text in enumerate(texts) if not text.base64]
        self.expressions = expressions((text for _, text in self._plain), looking=looking)
        self._standing = lru_cache(maxsize=4096)(self._standing_anew)
        self._escaped = _Known[tuple[_FoundSign, ...]]()
        self._going_on = _Known[bool]()
        self._standing_at = _Known[tuple[tuple[int, int], ...]]()

    @property
    def longest(self) -> int:
        """The most bytes that any of the texts takes."""
        return max((text.reach(len(text.text)) for text in self._texts), default=0)

    def places(self, data: Buffer, found: Iterable[tuple[int, int]]) -> Iterator[Place]:
        """The places of all texts, once each. `found` are the engine's: numbers, literals first, and ends."""
        covered, vain = dict[int, int](), dict[int, tuple[int, int]]()
        known = set[Place]()
        for number, end in found:
            for sign in self._signs(data, number, end):
                if sign.at <= covered.get(sign.text, -1):
                    continue
                reach = self._texts[sign.text].reach(len(self._texts[sign.text].text))
                if not self._goes_on(data, sign):
                    since, times = vain.get(sign.text, (-reach, 0))
                    vain[sign.text] = (since, times + 1) if sign.at < since + reach else (sign.at, 1)
                    if vain[sign.text][1] < _MOST_VAIN:
                        continue
                covered[sign.text] = sign.at + reach
                for place in self._places(data, sign.text, sign.at - reach, sign.at + 2 * reach):
                    if place not in known:
                        known.add(place)
                        yield place

    def _signs(self, data: Buffer, number: int, end: int) -> Iterator[_FoundSign]:
        if number < len(self.literals):
            for text, index in self._grams[self.literals[number]]:
                sought, start = self._texts[text], end - len(self.literals[number])
                if self._interrupted(data, sought, index, end) and _may_follow(
                    sought, bytes(data[max(start - _BACK, 0) : start]), index - (end - start)
                ):
                    yield _FoundSign(text, index, end)
        else:
            yield from self._escapes(data, end)

    def _interrupted(self, data: Buffer, text: SoughtText, index: int, end: int) -> bool:
        """Whether the text goes on as it is, from `index` on, up to its end or what may interrupt it."""
        wanted = text.text[index:]
        rest = text.seen(bytes(data[end : end + len(wanted)]))
        if rest == wanted:
            return text.seen(bytes(data[max(end - index, 0) : end])) != text.text[:index]
        other = next((sign for sign, should in zip(rest, wanted, strict=False) if sign != should), None)
        return other is not None and other in _INTERRUPTING

    def _escapes(self, data: Buffer, end: int) -> Iterator[_FoundSign]:
        """The signs that an escape may stand for that an expression has found to end at about `end`."""
        first = max(end - _SIGN, 0)
        window = bytes(data[first : end + _JOINED])
        key = (end - first, _digest(window))
        for one in self._escaped.get(key, lambda: tuple(self._escapes_in(window, end - first))):
            yield one._replace(at=first + one.at)

    def _escapes_in(self, window: bytes, end: int) -> Iterator[_FoundSign]:
        for start in range(end - 1, -1, -1):
            if window[start] not in _ESCAPING:
                continue
            for unit in units_in_layers(window, start):
                if unit.escape is not Escape.NONE and unit.end >= end - 1:
                    for text, index in self._standing(unit.text):
                        if self._next_to_others(text, index, window, start, unit):
                            yield _FoundSign(text, index, start)

    def _next_to_others(self, text: int, index: int, window: bytes, start: int, unit: Unit) -> bool:
        """Whether an escape stands before the next sign of the text, in whatever writing.

        Behind the one before it, as it is, if it is the last: had that an escape, it would be found itself.
        """
        wanted, at = self._texts[text].text, unit.end
        index += len(unit.text)
        if index == len(wanted):
            before = window[:start].rstrip(b"\\") or window[:start]
            rest = wanted[: -len(unit.text)]
            return not rest or window[:start].endswith(rest[-1:]) or before.endswith(rest[-1:])
        if at >= len(window):
            return False
        sign = window[at]
        if sign not in _INTERRUPTING:
            return sign == wanted[index]
        if any(wanted.startswith(unit.text, index) for unit in units_in_layers(window, at)):
            return True
        return sign in JOINERS and TEXT_JOIN.match(window, at) is not None

    def _standing_anew(self, part: bytes) -> tuple[tuple[int, int], ...]:
        """Where `part` stands in the texts: their numbers, and the index."""
        found = list[tuple[int, int]]()
        for number, text in self._plain:
            at = text.find(part)
            while at >= 0:
                found.append((number, at))
                at = text.find(part, at + 1)
        return tuple(found)

    def _goes_on(self, data: Buffer, sign: _FoundSign) -> bool:
        """Whether the text goes on at a sign of it, maybe behind a join, up to its end."""
        text = self._texts[sign.text]
        rest = len(text.text) - sign.read
        window = text.seen(bytes(data[sign.at : sign.at + text.reach(rest)]))
        key = (sign.text, sign.read, _digest(window))
        return not rest or self._going_on.get(key, lambda: _is_read(text, window, sign.read))

    def _places(self, data: Buffer, number: int, first: int, last: int) -> Iterator[Place]:
        """All places in a part of the data where a text stands, but where it stands as it is."""
        text, first = self._texts[number], max(first, 0)
        window = text.seen(bytes(data[first:last]))
        key = (number, _digest(window))
        for start, end in self._standing_at.get(key, lambda: tuple(_read_in(text, window))):
            yield Place(first + start, first + end, number)


def _may_follow(text: SoughtText, before: bytes, index: int) -> bool:
    """Whether what stands before the byte `index` of a text may be the rest of it, in some writing.

    Back to where it is another than the text: there a join ends, with blanks or a mark, or an escape.
    """
    at = len(before)
    while at and index and before[at - 1] == text.text[index - 1]:
        at, index = at - 1, index - 1
    if not at or not index or text.base64 or before[at - 1] in _ENDS_OF_JOINS:
        return True
    return any(
        unit.end == at and text.text.endswith(unit.text, 0, index)
        for start in range(max(at - LONGEST, 0), at)
        if before[start] in _ESCAPING
        for unit in units_in_layers(before, start)
    )


def _digest(window: bytes) -> bytes:
    """What stands for some bytes in our memory; it never leaves that."""
    return blake2b(window, digest_size=16).digest()


def _is_read(text: SoughtText, window: bytes, index: int) -> bool:
    """Whether a text goes on from `index` on where the window begins, or behind a join there."""
    if text.read(window, 0, index=index):
        return True
    return any(text.read(window, at, index=index) for at, _ in joins_from(window, 0, text.join))


def _read_in(text: SoughtText, window: bytes) -> Iterator[tuple[int, int]]:
    """All places of a text in the window, but where it stands as it is."""
    beginnings = beginnings_of(text.text[0])
    starts = (at for at, sign in enumerate(window) if sign in beginnings)
    readings = [
        (sum(step.cost for step in steps[1:]), steps)  # a mark before the first sign belongs to it
        for steps in read_all(window, starts, text.text, join=text.join)
    ]
    for cost, steps in readings:
        if not _as_it_is(steps) and not (cost and _is_outdone(cost, steps, readings)):
            yield steps[0].start, steps[-1].end


def _is_outdone(cost: int, steps: Sequence[Step], readings: Iterable[tuple[int, Sequence[Step]]]) -> bool:
    """Whether there is a reading of some of the same bytes that costs less: that is what was meant."""
    return any(
        less < cost and other[0].start < steps[-1].end and steps[0].start < other[-1].end
        for less, other in readings
    )


def _as_it_is(steps: Iterable[Step]) -> bool:
    return all(step.escape is Escape.NONE for step in steps)
