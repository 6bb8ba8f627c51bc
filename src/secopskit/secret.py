"""Secret values and their fingerprints. Redaction lives in the type, not in the printer.

The value is out of reach of `repr`, `str`, `format`, logging and pickle. The methods here are
the only ways to learn something about it; `reveal` and `to_wire` hand it out whole, and a test
keeps the list of modules that may call them.
"""

from __future__ import annotations

import os
import re

try:  # the hashlib module loads OpenSSL, which takes longer than a hook has to spare
    from _blake2 import blake2b
except ImportError:
    from hashlib import blake2b
from typing import Final, NoReturn, Self

from secopskit.named_tuple import NamedTuple

REDACTED: Final = "***"
FINGERPRINT_HEX_LENGTH: Final = 32
_PEM_START: Final = b"-----BEGIN "  # few are any: the expression need not be compiled for the others
_PEM_HEADER: Final = rb"-----BEGIN (?:[A-Z0-9]{1,10} ){0,3}(?:PRIVATE KEY|PRIVATE KEY BLOCK)-----"


def keyed_digest(key: bytes, *parts: bytes | memoryview) -> bytes:
    """32 bytes that only a holder of `key` can make for `parts` (keyed BLAKE2b, RFC 7693)."""
    digest = blake2b(key=key, digest_size=32)
    for part in parts:
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.digest()


def same_digest(one: bytes, other: bytes) -> bool:
    """Whether two digests are equal, in a time that does not tell where they differ.

    Compared are digests of them under a key made for the occasion.
    """
    key = os.urandom(32)
    return keyed_digest(key, one) == keyed_digest(key, other)


def plain_digest(text: bytes, size: int) -> str:
    """`size` bytes that stand for `text`, in hexadecimal (BLAKE2b). Not for anything secret."""
    return blake2b(text, digest_size=size).hexdigest()


class Fingerprint(NamedTuple):
    """A keyed digest of a secret: equal secrets, equal fingerprints, under one key only.

    `text` is 32 hexadecimal digits (128 bits of BLAKE2b, RFC 7693, in its keyed mode).
    """

    text: str

    def __str__(self) -> str:
        return self.text


class SecretValue:
    """A secret found or made. Compares by value, prints as `***`."""

    __slots__ = ("_value",)

    def __init__(self, value: bytes) -> None:
        self._value = value

    def __len__(self) -> int:
        return len(self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SecretValue) and self._value == other._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __repr__(self) -> str:
        return f"SecretValue({REDACTED})"

    def __str__(self) -> str:
        return REDACTED

    def __format__(self, spec: str) -> str:
        return format(REDACTED, spec)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret value is not pickled; see SecretValue.to_wire")

    def reveal(self) -> bytes:
        """The value itself. Only for code that must write it where it belongs."""
        return self._value

    def to_wire(self) -> bytes:
        """The value, to cross a pipe between two processes of ours."""
        return self._value

    @classmethod
    def from_wire(cls, value: bytes) -> Self:
        """The other end of `to_wire`."""
        return cls(value)

    def stands_at(self, content: bytes, offset: int) -> bool:
        """Whether `content` has the value at `offset`. Nowhere, if that is negative."""
        return offset >= 0 and content.startswith(self._value, offset)

    def stands_in(self, content: bytes) -> bool:
        """Whether `content` has the value somewhere, as it is."""
        return self._value in content

    def fingerprint(self, key: bytes) -> Fingerprint:
        """The fingerprint under `key` (16 to 64 random bytes)."""
        digest = blake2b(self._value, key=key, digest_size=FINGERPRINT_HEX_LENGTH // 2)
        return Fingerprint(digest.hexdigest())

    def slow_digest(self, salt: bytes) -> str:
        """A digest fit to be committed: scrypt (RFC 7914), N=2^14, r=8, p=1, as 64 hex digits.

        One guess costs 16 MiB and tens of milliseconds, so a leaked baseline does not
        confirm guesses of a weak password at any useful rate.
        """
        import hashlib

        return hashlib.scrypt(self._value, salt=salt, n=2**14, r=8, p=1, dklen=32).hex()

    def preview(self) -> str:
        """A few characters to recognise the secret by; nothing at all of a short one."""
        if self._value.startswith(_PEM_START) and (header := re.match(_PEM_HEADER, self._value)):
            return header[0].decode("ascii") + "…"
        text = self._value.decode("utf-8", "replace")
        if len(text) < 16:
            return REDACTED
        head, tail = (4, 2) if len(text) >= 24 else (3, 0)
        shown = text[:head] + "…" + (text[-tail:] if tail else "")
        return "".join(c if c.isprintable() else "?" for c in shown)
