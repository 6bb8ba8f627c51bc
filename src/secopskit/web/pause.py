"""Waits that can be broken off: a thread that works for another stops where that one has to.

Ctrl-C reaches the main thread alone. What other threads wait for, a limit of many minutes it may be, would
keep it until they are through, and then they would go on.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event

_mine = threading.local()


class BrokenOffError(BaseException):
    """A wait that was broken off. No handler of errors takes it: the work is to end, not to fail."""


@contextmanager
def stopped_by(halt: Event) -> Iterator[None]:
    """Let `halt` break off what this thread waits for in the block."""
    before, _mine.halt = getattr(_mine, "halt", None), halt
    try:
        yield
    finally:
        _mine.halt = before


def pause(seconds: float) -> None:
    """Wait. Raises BrokenOffError where the thread is to stop (`stopped_by`)."""
    halt: Event | None = getattr(_mine, "halt", None)
    if halt is None:
        time.sleep(seconds)
    elif halt.wait(seconds):
        raise BrokenOffError
