"""The difference between two versions of an object, as git's packs store it (gitformat-pack)."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Final

from secopskit.named_tuple import NamedTuple

_LONGEST_LITERAL: Final = 127
_LONGEST_COPY: Final = 0xFFFFFF
_SMALL: Final = 64
# Most often an id was replaced (up to 32 bytes) and nothing has moved: a few equal bytes tell that.
_NEAR: Final = range(4, 44, 4)
_NEAR_WINDOW: Final = 10
# Else something was put in or taken out, a little way off.
_FAR_STEP: Final = 8
_FAR_WINDOW: Final = 24
_FAR: Final = 4096
# With more differences than this, or less in common, it is quicker to store the whole.
_MOST_DIFFERENCES: Final = 100
_WORTH: Final = 2
_LARGEST: Final = 0x7FFFFFFF


class DeltaMaker(NamedTuple):
    """`make` as `delta`, and `apply` as `apply_delta`, which was written apart from it."""

    make: Callable[[bytes, bytes], bytes | None]
    apply: Callable[[bytes, bytes], bytes]


@cache
def delta_maker() -> DeltaMaker:
    """The compiled one, ten times as fast, or else that of this module."""
    from secopskit.git.packs.available import can_read_packs

    if not can_read_packs():
        return DeltaMaker(delta, apply_delta)
    from secopskit.git.packs import compiled

    regions = compiled.Regions(0)
    return DeltaMaker(compiled.delta, lambda base, made: regions.apply(base, made, _LARGEST))


def delta(base: bytes, target: bytes) -> bytes | None:
    """Instructions that make `target` out of `base`, or None where they would save little.

    Fast where few places differ, as between versions of a tree; never wrong anywhere.
    """
    parts = [_size(len(base)), _size(len(target))]
    total, most, differences = 0, len(target) // _WORTH, 0
    here = there = 0
    while there < len(target):
        length = _common(base, here, target, there)
        if length:
            parts += [
                _copy(here + done, min(length - done, _LONGEST_COPY))
                for done in range(0, length, _LONGEST_COPY)
            ]
            here, there = here + length, there + length
            continue
        skip, match = _resume(base, here, target, there)
        parts.append(_literal(target[there : there + skip]))
        total, differences = total + skip, differences + 1
        if total > most or differences > _MOST_DIFFERENCES:
            return None
        here, there = match, there + skip
    return b"".join(parts)


def apply_delta(base: bytes, instructions: bytes) -> bytes:
    """What `instructions` make of `base`."""
    at = _skip_size(instructions, _skip_size(instructions, 0))
    parts: list[bytes] = []
    while at < len(instructions):
        code = instructions[at]
        at += 1
        if not code & 0x80:
            parts.append(instructions[at : at + code])
            at += code
            continue
        fields = [0] * 7
        for bit in range(7):
            if code & 1 << bit:
                fields[bit] = instructions[at]
                at += 1
        offset = int.from_bytes(fields[:4], "little")
        length = int.from_bytes(fields[4:], "little") or 0x10000
        parts.append(base[offset : offset + length])
    return b"".join(parts)


def _common(one: bytes, i: int, other: bytes, j: int) -> int:
    """How many bytes from `one[i]` and `other[j]` on are the same."""
    start, step = i, _SMALL
    while part := one[i : i + step]:
        if other.startswith(part, j):
            i, j, step = i + len(part), j + len(part), step * 4
        elif step > _SMALL:
            step //= 4
        else:
            there = other[j : j + len(part)]
            part = part[: len(there)]
            # As numbers they differ in the bits from the first different byte on.
            different = int.from_bytes(part, "big") ^ int.from_bytes(there, "big")
            i += len(part) - (different.bit_length() + 7) // 8
            break
    return i - start


def _resume(base: bytes, here: int, target: bytes, there: int) -> tuple[int, int]:
    """Where after a difference the two agree again: bytes of `target` to spell out, place in `base`."""
    left = len(target) - there
    last = min(_LONGEST_LITERAL, left)
    for skip in _NEAR:
        if skip + _NEAR_WINDOW > left:
            break
        if base.startswith(target[there + skip : there + skip + _NEAR_WINDOW], here + skip):
            return skip, here + skip
    for skip in range(_FAR_STEP, min(last, left - _FAR_WINDOW), _FAR_STEP):
        found = base.find(target[there + skip : there + skip + _FAR_WINDOW], here, here + _FAR)
        if found >= 0:
            return skip, found
    return last, min(here + last, len(base))


def _copy(offset: int, length: int) -> bytes:
    code, fields = 0x80, bytearray()
    for bit, byte in enumerate(offset.to_bytes(4, "little")):
        if byte:
            code |= 1 << bit
            fields.append(byte)
    if length != 0x10000:  # which is what no size at all means
        for bit, byte in enumerate(length.to_bytes(3, "little"), start=4):
            if byte:
                code |= 1 << bit
                fields.append(byte)
    return bytes((code, *fields))


def _literal(text: bytes) -> bytes:
    return bytes((len(text),)) + text


def _size(number: int) -> bytes:
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def _skip_size(data: bytes, at: int) -> int:
    while data[at] & 0x80:
        at += 1
    return at + 1
