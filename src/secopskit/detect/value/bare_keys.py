"""Private keys without the lines that PEM puts around them: DER in base64 or hexadecimal, JSON Web Keys."""

from __future__ import annotations

import binascii
from itertools import pairwise
from typing import Final

from secopskit.detect.value.published import is_published
from secopskit.formats.keystores.der import SEQUENCE, element
from secopskit.formats.keystores.keys import der_key
from secopskit.lazy_regex import LazyRegex

_LONGEST: Final = 16_384  # bytes of a key of 16384 bits, and something to spare
_HEX: Final = LazyRegex(rb"[0-9A-Fa-f]*+")
# Ends of lines, and of literals that a program joins, with a sign that base64 has, too.
_BETWEEN: Final = LazyRegex(rb"\\{1,4}[nrt]|[\"'`][\s+\\,.&()|]{0,60}[\"'`]|[^A-Za-z0-9+/=]")
# What PEM writes before a key, with what may stand between it and the key.
_ARMOUR: Final = LazyRegex(rb"-{4,5} ?BEGIN [A-Z0-9 ]{2,40}-{4,5}(?:\\{1,4}[nrt]|[^A-Za-z0-9]){0,80}$")
_WEB: Final = LazyRegex(rb"[A-Za-z0-9_-]{22,1400}")
_LEAST_DISTINCT: Final = 12  # characters of a drawn key of 128 bits have more


def bare_key(secret: bytes) -> bool:
    """A private key in DER as a whole, its algorithm named, written in base64 or hexadecimal."""
    data = _bytes_of(secret)
    whole = element(data, 0, len(data))
    if whole is None or whole.tag != SEQUENCE:
        return False
    # What stands behind a key that fills its last line may be read as one more line of it.
    key = data[: whole.end]
    return der_key(key).startswith("private key in DER") and _is_drawn(key)


def _bytes_of(secret: bytes) -> bytes:
    """What a text of base64 or hexadecimal says, whatever parts its lines; empty where it says nothing."""
    text = _BETWEEN.sub(b"", secret[: 4 * _LONGEST])
    try:
        if _HEX.fullmatch(text):
            return binascii.unhexlify(text[: len(text) // 2 * 2])
        text = text.partition(b"=")[0]
        usable = len(text) - (len(text) % 4 == 1)
        return binascii.a2b_base64(text[:usable] + b"=" * (-usable % 4))
    except binascii.Error:
        return b""


def _is_drawn(key: bytes) -> bool:
    """Whether the bytes of a key vary as drawn ones do: those of examples are zeros, or count up."""
    tail = key[-32:]
    steps = {(after - before) % 256 for before, after in pairwise(tail)}
    return len(steps) > _LEAST_DISTINCT


def web_key(secret: bytes) -> bool:
    """The private part of a JSON Web Key, drawn, and not one that a standard shows."""
    whole = _WEB.fullmatch(secret) is not None
    return whole and len(set(secret)) >= _LEAST_DISTINCT and not is_published(secret)


def against_armoured(secret: bytes, text: bytes) -> str:
    """The filter of keys without the lines of PEM: drops what has them, of which other rules tell."""
    at = text.find(secret)
    return "is the body of a key in PEM" if at > 0 and _ARMOUR.search(text[:at]) else ""
