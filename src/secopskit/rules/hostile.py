"""Texts that are hard on a regular expression, made from the expression itself.

At every repetition the text goes on as long as it can, and then breaks off: an expression that can read such
a text in many ways tries them all.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from secopskit.rules.parsetree import REPEATS, parse, sre

_BREAK: Final = b"\0"
_MOST: Final = 60
_LONGEST: Final = 64


# The longer a text takes, the smaller is the step to the next one: what grows like a power is noticed before
# it lasts. Each is: seconds below which it holds, and how many times as long the next one is.
_STEPS: Final = ((0.00005, 1.5), (0.001, 1.3))
_LEAST_STEP: Final = 1.2
_SMALLEST: Final = 2
_LARGEST: Final = 4096
_MOST_SECONDS: Final = 0.25


def slowness(expression: str) -> str:
    """What is wrong with the time that an expression takes on hostile text; empty where nothing is."""
    search = re.compile(expression.encode()).search
    for text in hostile_texts(expression):
        size = _SMALLEST
        while size:
            data = text.of(size)
            taken = _timed(search, data)
            if taken > _MOST_SECONDS:
                return (
                    f"{len(data):,} bytes of hostile text take {taken * 1000:,.0f} ms: repetitions inside or "
                    "beside one another match the same text in many ways"
                )
            size = _next_size(size, text.most, taken)
    return ""


def _next_size(size: int, most: int, taken: float) -> int:
    """The size after one that has `taken` so many seconds; 0 after the largest."""
    step = next((step for below, step in _STEPS if taken < below), _LEAST_STEP)
    return 0 if size >= most else min(most, 1 + int(size * step))


def _timed(search: Callable[[bytes], object], data: bytes) -> float:
    """Seconds of this process: another one that works at the same time does not count."""
    started = time.process_time()
    search(data)
    return time.process_time() - started


class HostileText:
    """A way to write long texts: a beginning, and a part that repeats."""

    def __init__(self, before: bytes, unit: bytes) -> None:
        self._before = before
        self._unit = unit

    @property
    def most(self) -> int:
        """How many times the part repeats in the longest one."""
        return max(_LARGEST // len(self._unit), 1)

    def of(self, size: int) -> bytes:
        """One with the part so many times, `most` times at most."""
        return self._before + self._unit * min(size, self.most) + _BREAK


def hostile_texts(expression: str) -> list[HostileText]:
    """Those for an expression, each once."""
    nodes = parse(expression)
    found = {(before[-_LONGEST:], unit[:_LONGEST]): None for before, unit in _places(nodes, b"") if unit}
    found |= {(b"", unit): None for _, unit in list(found)}
    found |= {(b"", before + unit): None for before, unit in list(found) if before}
    return [HostileText(before, unit) for before, unit in list(found)[:_MOST]]


def _places(nodes: Iterable[Any], before: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Each repetition as what comes before it and what repeats."""
    for operator, argument in nodes:
        if operator in REPEATS:
            inner = list(argument[2])
            yield before, _sample(inner)
            yield from _places(inner, before)
        else:
            for inner in _alternatives(operator, argument):
                yield from _places(inner, before)
        before += _sample([(operator, argument)])


def _alternatives(operator: Any, argument: Any) -> list[list[Any]]:
    if operator is sre.SUBPATTERN:
        return [list(argument[3])]
    if operator is sre.ATOMIC_GROUP:
        return [list(argument)]
    if operator is sre.BRANCH:
        return [list(branch) for branch in argument[1]]
    if operator in (sre.ASSERT, sre.ASSERT_NOT):
        return [list(argument[1])]
    return []


def _sample(nodes: Iterable[Any]) -> bytes:
    """A short text that the nodes match; repetitions as short as they may be, but not empty."""
    out = b""
    for operator, argument in nodes:
        if operator is sre.LITERAL:
            out += bytes((argument,))
        elif operator is sre.NOT_LITERAL:
            out += b"b" if argument == ord("a") else b"a"
        elif operator is sre.ANY:
            out += b"a"
        elif operator is sre.IN:
            out += _member(argument)
        elif operator in REPEATS:
            out += _sample(argument[2]) * min(max(int(argument[0]), 1), _LONGEST)
        elif operator in (sre.ASSERT, sre.ASSERT_NOT):
            continue
        elif inner := _alternatives(operator, argument):
            out += _sample(inner[0])
    return out


def _member(items: list[Any]) -> bytes:
    """One byte that a class has, a letter if possible."""
    allowed = [byte for byte in b"a0A= -_./x" if _is_member(byte, items)]
    others = (byte for byte in range(1, 256) if byte != 0x0A and _is_member(byte, items))
    return bytes(allowed[:1]) or bytes([next(others, 0x61)])


def _is_member(byte: int, items: list[Any]) -> bool:
    negated = items[0][0] is sre.NEGATE
    inside = any(
        (operator is sre.LITERAL and argument == byte)
        or (operator is sre.RANGE and argument[0] <= byte <= argument[1])
        or (operator is sre.CATEGORY and _in_category(byte, argument))
        for operator, argument in items
    )
    return inside is not negated


def _in_category(byte: int, category: Any) -> bool:
    sign = bytes((byte,))
    word = sign.isalnum() or sign == b"_"
    return {
        sre.CATEGORY_DIGIT: sign.isdigit(),
        sre.CATEGORY_NOT_DIGIT: not sign.isdigit(),
        sre.CATEGORY_SPACE: sign.isspace(),
        sre.CATEGORY_NOT_SPACE: not sign.isspace(),
        sre.CATEGORY_WORD: word,
        sre.CATEGORY_NOT_WORD: not word,
    }.get(category, False)
