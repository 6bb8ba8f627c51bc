"""Deltas as packs have them, made from what they are to do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

# An insertion, or a copy of (start, length) from the base.
Step: TypeAlias = "bytes | tuple[int, int]"


def encoded(base_size: int, steps: Sequence[Step]) -> bytes:
    """The delta that does `steps` to a base of this size."""
    size = sum(len(step) if isinstance(step, bytes) else step[1] for step in steps)
    parts = [number(base_size), number(size)]
    for step in steps:
        if isinstance(step, bytes):
            parts += [
                bytes((len(step[at : at + 127]),)) + step[at : at + 127] for at in range(0, len(step), 127)
            ]
        else:
            start, length = step
            parts += [copy(start + at, min(length - at, 0xFFFFFF)) for at in range(0, length, 0xFFFFFF)]
    return b"".join(parts)


def made(base: bytes, steps: Sequence[Step]) -> bytes:
    """What `steps` make of `base`."""
    return b"".join(step if isinstance(step, bytes) else base[step[0] : step[0] + step[1]] for step in steps)


def number(value: int) -> bytes:
    """A size as it stands at the beginning of a delta."""
    parts = bytearray()
    while value > 0x7F:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    parts.append(value)
    return bytes(parts)


def copy(start: int, length: int) -> bytes:
    """The instruction to copy."""
    code, parts = 0x80, bytearray()
    for bit in range(7):
        field = start >> 8 * bit & 0xFF if bit < 4 else length >> 8 * (bit - 4) & 0xFF
        if field and not (bit >= 4 and length == 0x10000):
            code |= 1 << bit
            parts.append(field)
    return bytes((code, *parts))
