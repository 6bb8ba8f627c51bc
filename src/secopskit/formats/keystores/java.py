"""Keystores of Java: JKS, JCEKS, and those of Bouncy Castle (BKS, UBER), entry by entry.

A store of nothing but certificates holds no secret: whom somebody trusts is public.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

_JKS: Final = b"\xfe\xed\xfe\xed"
_JCEKS: Final = b"\xce\xce\xce\xce"
_CERTIFICATE: Final = 2
_BC_CERTIFICATE: Final = 1
_SALT: Final = 20
_MOST_ROUNDS: Final = 1 << 20
_MOST_ENTRIES: Final = 10_000


class _CutOffError(Exception):
    """The data ends before it should. Never leaves this room."""


class _JavaReader:
    """Reads what Java's data streams write: big-endian numbers, texts and blocks with their length."""

    def __init__(self, data: bytes, at: int) -> None:
        self._data = data
        self.at = at

    def number(self, size: int) -> int:
        """An unsigned number of so many bytes."""
        return int.from_bytes(self.block(size), "big")

    def block(self, size: int) -> bytes:
        """So many bytes. Raises _CutOffError."""
        start, self.at = self.at, self.at + size
        if self.at > len(self._data):
            raise _CutOffError
        return self._data[start : self.at]

    def text(self) -> bytes:
        """A text behind two bytes of length."""
        return self.block(self.number(2))

    def certificate(self, *, typed: bool) -> None:
        """Passes over one."""
        if typed:
            self.text()
        self.block(self.number(4))


def java_keystore(data: bytes) -> str:
    """The kind of keystore with a key in it; empty for anything else."""
    if data.startswith(_JKS):
        return "JKS" if _holds_key(data, _sun_entries) else ""
    if data.startswith(_JCEKS):
        return "JCEKS" if _holds_key(data, _sun_entries) else ""
    if data[:8] in (b"\0\0\0\1\0\0\0\x14", b"\0\0\0\2\0\0\0\x14"):
        rounds = int.from_bytes(data[8 + _SALT : 12 + _SALT], "big")
        if 0 < rounds <= _MOST_ROUNDS:
            return "BKS" if _holds_key(data, _bouncy_entries) else ""
    return ""


def _holds_key(data: bytes, holds: Callable[[_JavaReader], bool]) -> bool:
    """What cannot be followed to its end is taken to hold one."""
    try:
        return holds(_JavaReader(data, 0))
    except _CutOffError:
        return True


def _sun_entries(reader: _JavaReader) -> bool:
    """Whether an entry is no certificate; the first such entry decides."""
    reader.block(4)
    typed = reader.number(4) > 1
    for _ in range(min(reader.number(4), _MOST_ENTRIES)):
        if reader.number(4) != _CERTIFICATE:
            return True
        reader.text()
        reader.block(8)
        reader.certificate(typed=typed)
    return False


def _bouncy_entries(reader: _JavaReader) -> bool:
    """The same for Bouncy Castle; of an UBER store everything is encrypted, and no entry can be read."""
    reader.block(12 + _SALT)
    for _ in range(_MOST_ENTRIES):
        kind = reader.number(1)
        if kind != _BC_CERTIFICATE:
            return kind != 0
        reader.text()
        reader.block(8)
        for _ in range(min(reader.number(4), _MOST_ENTRIES)):
            reader.certificate(typed=True)
        reader.certificate(typed=True)
    return False
