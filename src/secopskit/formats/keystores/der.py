"""DER, the binary form of ASN.1 (ITU-T X.690), as far as it takes to know a private key by its shape."""

from __future__ import annotations

from typing import Final

from secopskit.named_tuple import NamedTuple

INTEGER: Final = 0x02
OCTETS: Final = 0x04
OID: Final = 0x06
SEQUENCE: Final = 0x30
_MOST: Final = 16


class DerElement(NamedTuple):
    """One element: its tag, and where its content stands in the data."""

    tag: int
    start: int
    end: int


def element(data: bytes, at: int, end: int) -> DerElement | None:
    """The element at `at`, which ends before `end`; None where none can be, or its length is not stated."""
    if at + 2 > end:
        return None
    tag, length, start = data[at], data[at + 1], at + 2
    if length >= 0x80:
        size = length & 0x7F
        if not 1 <= size <= 4 or start + size > end:
            return None
        length, start = int.from_bytes(data[start : start + size], "big"), start + size
    return DerElement(tag, start, start + length) if start + length <= end else None


def children(data: bytes, parent: DerElement) -> list[DerElement]:
    """The elements that fill `parent` wholly; none where they do not, or are too many for a key."""
    found, at = list[DerElement](), parent.start
    while at < parent.end:
        one = element(data, at, parent.end)
        if one is None or len(found) == _MOST:
            return []
        found.append(one)
        at = one.end
    return found


def tags(elements: list[DerElement]) -> tuple[int, ...]:
    """Their tags."""
    return tuple(one.tag for one in elements)
