"""What fills the slots of an inquiry: the value, its parts, and what stands nearest to it in its file."""

from __future__ import annotations

import re
from typing import Final

from secopskit.named_tuple import NamedTuple
from secopskit.rules.inquiry import VALUE, Inquiry
from secopskit.secret import SecretValue
from secopskit.verify.model import NOWHERE, Surrounding, UnaskableError

_REACH: Final = 20_000  # bytes before and behind: a pair stands together


class Slots(NamedTuple):
    """What each slot is filled with. `several`: another value near by might have been meant."""

    values: dict[str, SecretValue]
    several: bool = False


def slots_of(inquiry: Inquiry, value: SecretValue, surrounding: Surrounding = NOWHERE) -> Slots:
    """What the slots of `inquiry` are filled with. Raises UnaskableError where something is missing."""
    raw = value.reveal()
    found, several = {VALUE: value}, False
    for name, pattern in inquiry.parts:
        match = re.search(pattern.encode(), raw)
        if match is None:
            raise UnaskableError(f"it has no {_words(name)}, which the request needs")
        found[name] = SecretValue(match[match.re.groups])
    for name, pattern in inquiry.near:
        there = _by_distance(pattern, surrounding, len(raw))
        if not there:
            raise UnaskableError(f"the {_words(name)} that belongs to it does not stand in the same file")
        found[name] = SecretValue(there[0])
        several = several or len(set(there)) > 1
    return Slots(found, several)


def _by_distance(pattern: str, surrounding: Surrounding, size: int) -> list[bytes]:
    """The matches of `pattern` that do not overlap the value, the nearest first."""
    text, start = surrounding
    end, first = start + size, max(0, start - _REACH)
    found = list[tuple[int, bytes]]()
    for match in re.compile(pattern.encode()).finditer(text, first, end + _REACH):
        low, high = match.span(match.re.groups)
        distance = start - high if high <= start else low - end
        if distance >= 0:
            found.append((distance, match[match.re.groups]))
    return [one for _, one in sorted(found[:1000])]


def _words(name: str) -> str:
    return name.replace("_", " ")
