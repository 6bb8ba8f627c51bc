"""Prefilter anchors: the cheap signs that a place is worth a closer look, for all rules at once.

Each anchor has a number: a rule's index for the sign of that rule, then some more for the
things no single rule stands for. Both engines look for the same anchors and each reports a
superset of the true ones; what is found is decided later, by the same code for both.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from secopskit.named_tuple import NamedTuple

PERCENT: Final = r"%(?:3[aAdD]|2[0267bBfF]|40)[0-9A-Za-z_.%+/=-]{16}"
"""An encoded delimiter with a token behind it. `%20` alone stands in every second URL."""


class Anchors(NamedTuple):
    """What both engines look for.

    `patterns` (number, Hyperscan pattern) is for Hyperscan; `caseless` and `exact` (literal,
    numbers) are for the engine without it. `encoded` and `percent` are the numbers that stand for base64 or
    hexadecimal runs, and percent-encoded text; all from `hint` on stand for structured files, one for each
    of `hints`. No match of a pattern has more than `widest` bytes; a byte on each side of it may matter, too.
    """

    rules: int
    hints: tuple[str, ...]
    patterns: tuple[tuple[int, str], ...]
    caseless: tuple[tuple[bytes, tuple[int, ...]], ...]
    exact: tuple[tuple[bytes, tuple[int, ...]], ...]
    widest: int

    @property
    def encoded(self) -> int:
        """The number of the sign of an encoded secret."""
        return self.rules

    @property
    def percent(self) -> int:
        """The number of the sign of percent-encoded text."""
        return self.rules + 1

    @property
    def hint(self) -> int:
        """The number of the first kind of signs of a structured setting; those of the others follow."""
        return self.rules + 2

    def signs(self, numbers: Iterable[int]) -> int:
        """Which kinds of signs are among the anchors of these numbers: bit n stands for `hints[n]`."""
        first, signs = self.hint, 0
        for number in numbers:
            if number >= first:
                signs |= 1 << (number - first)
        return signs
