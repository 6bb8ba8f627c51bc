"""The reading of a text that is known, out of bytes in which each of its signs may be written in any way.

All ways of reading are followed at once, so the time is proportional to what is read, whatever stands there.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from secopskit.purge.values.written.joins import TEXT_JOIN, joins_from
from secopskit.purge.values.written.units import Escape, units_at


class Step(NamedTuple):
    """A step of a reading: the bytes `[start, end)` stand for `signs` bytes of the text."""

    start: int
    end: int
    signs: int
    escape: Escape


class _From(NamedTuple):
    """Where a place was reached from: so many bytes of the text had been read, up to this offset."""

    read: int
    at: int
    escape: Escape


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
    reached: dict[int, dict[int, _From | None]] = {index: {at: None}}
    for current in range(index, len(text)):
        if here := reached.get(current):
            _advance(data, text, current, here, reached, join)
    ends = reached.get(len(text), {})
    last = end if end in ends else max(ends, default=None) if end is None else None
    return () if last is None else _steps(reached, len(text), last)


def _advance(
    data: bytes,
    text: bytes,
    current: int,
    here: dict[int, _From | None],
    reached: dict[int, dict[int, _From | None]],
    join: re.Pattern[bytes],
) -> None:
    """Note what can be reached from the places where `current` bytes of the text were read."""
    queue = [place for place in here if place < len(data)]
    for place in queue:
        for unit in units_at(data, place):
            origin = _From(current, place, unit.escape)
            if text.startswith(unit.text, current):
                after = current + len(unit.text)
                there = reached.setdefault(after, {})
                if (known := there.get(unit.end)) is None or known.escape is Escape.JOIN:
                    there[unit.end] = origin
                if after < len(text):
                    for behind in joins_from(data, unit.end, join):
                        there.setdefault(behind, _From(after, unit.end, Escape.JOIN))
            elif unit.text == b"\r" and text[current] == 0x0A and unit.end not in here:
                here[unit.end] = origin  # the line ends of Windows, escaped one by one
                if unit.end < len(data):
                    queue.append(unit.end)


def _steps(reached: dict[int, dict[int, _From | None]], index: int, at: int) -> tuple[Step, ...]:
    steps = list[Step]()
    while origin := reached[index][at]:
        steps.append(Step(origin.at, at, index - origin.read, origin.escape))
        index, at = origin.read, origin.at
    return tuple(reversed(steps))
