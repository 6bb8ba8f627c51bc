"""The writing of a replacement in the way in which a value was written that it takes the place of."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import quote

from secopskit.purge.values.written.reading import Step
from secopskit.purge.values.written.units import Escape

_LETTER_OF: Final = {0x0A: b"n", 0x0D: b"r", 0x09: b"t", 0x08: b"b", 0x0C: b"f"}
_REFERENCES: Final = {0x26: b"&amp;", 0x3C: b"&lt;", 0x3E: b"&gt;", 0x22: b"&quot;", 0x27: b"&#39;"}
_BACKSLASHES: Final = re.compile(rb"\\+")
_TICKED: Final = re.compile(rb"[`\"$]")
_CARETED: Final = re.compile(rb"[&<>|^()%!\"]")


def written_alike(text: bytes, data: bytes, steps: Iterable[Step]) -> bytes:
    """`text` escaped as those signs are that were read from `data` in these steps."""
    escapes: dict[Escape, list[bytes]] = {}
    for step in steps:
        escapes.setdefault(step.escape, []).append(data[step.start : step.end])
    for escape, write in _WRITERS.items():
        if units := escapes.get(escape):
            text = write(text, units)
    return text


def joins_of(data: bytes, steps: Iterable[Step]) -> bytes:
    """What stood between the pieces of the text: with it behind a replacement, every piece is still one."""
    return b"".join(data[step.start : step.end] for step in steps if step.escape is Escape.JOIN)


def spread(text: bytes, data: bytes, steps: Iterable[Step]) -> bytes:
    """`text` in the pieces in which another one of its length was read, what joins them where it was."""
    parts, at = list[bytes](), 0
    for step in steps:
        if step.escape is Escape.JOIN:
            parts.append(data[step.start : step.end])
            continue
        signs, at = text[at : at + step.signs], at + step.signs
        parts.append(signs if signs.isalnum() else written_alike(signs, data, (step,)))
    return b"".join(parts)


def _backslashed(text: bytes, units: list[bytes]) -> bytes:
    """With the depth that the first of the units has: JSON in JSON has an escape of an escape."""
    marks = max(len(found[0]) if (found := _BACKSLASHES.match(unit)) else 1 for unit in units[:1])
    apostrophes = any(unit.endswith(b"'") for unit in units)
    for _ in range(marks.bit_length()):
        text = b"".join(_backslash(sign, apostrophes=apostrophes) for sign in text)
    return text


def _backslash(sign: int, *, apostrophes: bool) -> bytes:
    if sign in _LETTER_OF:
        return b"\\" + _LETTER_OF[sign]
    if sign < 0x20:
        return b"\\u%04x" % sign
    if sign in b'\\"' or (sign == 0x27 and apostrophes):
        return bytes((0x5C, sign))
    return bytes((sign,))


def _referenced(text: bytes, _units: list[bytes]) -> bytes:
    return b"".join(_REFERENCES.get(sign, bytes((sign,))) for sign in text)


def _percent(text: bytes, units: list[bytes]) -> bytes:
    if all(unit == b"+" for unit in units):
        return text.replace(b" ", b"+")
    return quote(text, safe="*").encode()


def _doubled(text: bytes, units: list[bytes]) -> bytes:
    for unit in dict.fromkeys(units):
        text = text.replace(unit[:1], unit)
    return text


def _shell(text: bytes, units: list[bytes]) -> bytes:
    return text.replace(b"'", units[0])


def _ticked(text: bytes, _units: list[bytes]) -> bytes:
    return _TICKED.sub(lambda sign: b"`" + sign[0], text)


def _careted(text: bytes, _units: list[bytes]) -> bytes:
    return _CARETED.sub(lambda sign: b"^" + sign[0], text)


def _printable(text: bytes, _units: list[bytes]) -> bytes:
    return b"".join(b"=%02X" % sign if sign == 0x3D or sign > 0x7E else bytes((sign,)) for sign in text)


_WRITERS: Final = {
    Escape.BACKSLASH: _backslashed,
    Escape.DOUBLED: _doubled,
    Escape.SHELL: _shell,
    Escape.TICK: _ticked,
    Escape.CARET: _careted,
    Escape.PRINTABLE: _printable,
    Escape.REFERENCE: _referenced,
    Escape.PERCENT: _percent,
}
