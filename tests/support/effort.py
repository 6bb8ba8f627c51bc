"""Bounds on what hostile input costs: for what is quadratic, not for measuring how fast something is."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

Result = TypeVar("Result")

_TRIES = 3
_HOPELESS = 4  # times its bound: no slow machine, and not tried again
_ORDINARY = 0.025  # seconds that an idle machine of the ordinary kind takes for _reference


def costs_little(work: Callable[[], Result], seconds: float, *, what: str = "") -> Result:
    """What `work` returns, done in at most so many seconds of an ordinary machine's processor.

    Where the machine is slower just now, the bound is that much wider; and because others may take the
    processor in the middle of it, work is done again where it was slow. It has to do all of it each time:
    no memory of its own may make the second time quick. `what` is told where it costs too much.

    Raises:
        AssertionError: It costs more each time, or much more once.
    """
    told, before = list[str](), 1.0
    for _ in range(_TRIES):
        with untraced():
            began = time.process_time()
            result = work()
            spent = time.process_time() - began
        if spent <= seconds:  # nearly always: then it does not matter how slow the machine is
            return result
        after = _slowness()
        bound = seconds * max(1.0, before, after)
        if spent <= bound:
            return result
        told.append(f"{spent:.2f} s where {bound:.2f} s are allowed")
        if spent > _HOPELESS * bound:
            break
        before = after
    raise AssertionError(f"{what or 'it'} costs too much: {', '.join(told)}")


@contextmanager
def untraced() -> Iterator[None]:
    """Without what follows each line to tell what is covered: that costs more than the work itself."""
    tracer = sys.gettrace()
    sys.settrace(None)
    try:
        yield
    finally:
        sys.settrace(tracer)


def seconds_of(work: Callable[[], object]) -> float:
    """The processor's time that `work` takes this once, to be held against that of other work."""
    with untraced():
        began = time.process_time()
        work()
        return time.process_time() - began


def _slowness() -> float:
    """How many times slower than the ordinary one this machine is at this moment."""
    return seconds_of(_reference) / _ORDINARY


def _reference() -> int:
    """Work of the kind that is bounded here: calls, dictionaries, expressions."""
    word = re.compile(rb"[a-z]+=")
    text = b"key = value; other=1\n" * 40
    seen: dict[tuple[int, int], int] = {}
    for number in range(700):
        for match in word.finditer(text):
            seen[number, match.start()] = len(match.group())
    return sum(seen.values())
