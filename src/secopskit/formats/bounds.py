"""Whether a parser has stopped before the end of a file: its work is bounded, and what it left is told.

Parsers are called deep below those who tell. So it is noted here, by one thread, and asked for afterwards.
"""

from __future__ import annotations

from typing import Final

_STOPS: Final[list[bool]] = []


def stop() -> None:
    """A parser stops here, and something may come that it does not read."""
    _STOPS[:] = [True]


def forget() -> None:
    """What is noted belongs to a file before."""
    _STOPS.clear()


def stopped() -> bool:
    """Whether a parser has stopped since `forget`."""
    return bool(_STOPS)
