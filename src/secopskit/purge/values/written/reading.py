"""The reading of a text that is known, out of bytes in which each of its signs may be written in any way.

All ways of reading are followed at once, so the time is proportional to what is read, whatever stands there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from secopskit.named_tuple import NamedTuple
from secopskit.purge.values.written.joins import TEXT_JOIN, joins_from
from secopskit.purge.values.written.layers import units_in_layers
from secopskit.purge.values.written.units import Escape

_JOIN_COST: Final = 4


class Step(NamedTuple):
    """A step of a reading: the bytes `[start, end)` stand for `signs` bytes of the text."""

    start: int
    end: int
    signs: int
    escape: Escape
    cost: int = 0


class _From(NamedTuple):
    """Where a place was reached from: so many bytes of the text had been read, up to this offset.

    `cost` is that of the whole way: a reading that costs less is what was meant.
    """

    read: int
    at: int
    escape: Escape
    cost: int


def read_text(
    data: bytes,
    at: int,
    text: bytes,
    *,
    index: int = 0,
    join: re.Pattern[bytes] = TEXT_JOIN,
    end: int | None = None,
) -> tuple[Step, ...]:
    """The steps in which `text`, from `index` on, stands at `at`; none where it does not.

    The longest reading is told, or one that ends at `end`.
    """
    reached = _reached(data, (at,), text, index, join)
    ends = reached.get(len(text), {})
    last = max(ends, default=None) if end is None else end
    return _steps(reached, len(text), last) if last is not None and last in ends else ()


def read_all(
    data: bytes, starts: Iterable[int], text: bytes, *, join: re.Pattern[bytes] = TEXT_JOIN
) -> Iterator[tuple[Step, ...]]:
    """The readings of `text` that begin at one of `starts`, which ascend: one for each end there is."""
    reached = _reached(data, starts, text, 0, join)
    return (_steps(reached, len(text), end) for end in reached.get(len(text), ()))


def _reached(
    data: bytes, starts: Iterable[int], text: bytes, index: int, join: re.Pattern[bytes]
) -> dict[int, dict[int, _From | None]]:
    """For each number of bytes of the text, the places up to which they can be read, and from where."""
    reached: dict[int, dict[int, _From | None]] = {index: dict.fromkeys(starts)}
    for current in range(index, len(text)):
        if here := reached.get(current):
            _advance(data, text, current, here, reached, join)
        elif max(reached) < current:
            break
    return reached


def _advance(
    data: bytes,
    text: bytes,
    current: int,
    here: dict[int, _From | None],
    reached: dict[int, dict[int, _From | None]],
    join: re.Pattern[bytes],
) -> None:
    """Note what can be reached from the places where `current` bytes of the text were read."""
    queue = sorted(place for place in here if place < len(data))  # of equal readings the longest
    for place in queue:
        known = here[place]
        cost = known.cost if known else 0
        for unit in units_in_layers(data, place):
            # How the first sign is escaped costs nothing: a mark before it belongs to it.
            origin = _From(current, place, unit.escape, cost + unit.cost if known else 0)
            if text.startswith(unit.text, current):
                after = current + len(unit.text)
                there = reached.setdefault(after, {})
                _note(there, unit.end, origin)
                if after < len(text):
                    for behind, number in joins_from(data, unit.end, join):
                        over = origin.cost + _JOIN_COST * number
                        _note(there, behind, _From(after, unit.end, Escape.JOIN, over))
            elif unit.text == b"\r" and text[current] == 0x0A and unit.end not in here:
                here[unit.end] = origin  # the line ends of Windows, escaped one by one
                if unit.end < len(data):
                    queue.append(unit.end)


def _note(there: dict[int, _From | None], at: int, origin: _From) -> None:
    """That a place can be reached from there, if no better way to it is known."""
    if at not in there or ((known := there[at]) and known.cost > origin.cost):
        there[at] = origin


def _steps(reached: dict[int, dict[int, _From | None]], index: int, at: int) -> tuple[Step, ...]:
    steps = list[Step]()
    while origin := reached[index][at]:
        before = reached[origin.read][origin.at]
        cost = origin.cost - (before.cost if before else 0)
        steps.append(Step(origin.at, at, index - origin.read, origin.escape, cost))
        index, at = origin.read, origin.at
    return tuple(reversed(steps))
