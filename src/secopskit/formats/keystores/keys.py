"""Private keys in DER: PKCS#8 (RFC 5958), PKCS#1 (RFC 8017), SEC 1 (RFC 5915), DSA; and what holds them.

A certificate, a public key, and a request for a certificate have other shapes.
"""

from __future__ import annotations

import re
from typing import Final

from secopskit.formats.keystores.der import (
    INTEGER,
    OCTETS,
    OID,
    SEQUENCE,
    DerElement,
    children,
    element,
    tags,
)

_PKCS1: Final = (INTEGER,) * 9
_DSA: Final = (INTEGER,) * 6
_SEC1: Final = (INTEGER, OCTETS, 0xA0)
_LEAST: Final = 64  # bytes of a modulus or a prime
_SCALAR: Final = range(16, 80)  # bytes of the private number of a curve
# The objects under which a password encrypts: PKCS #5 and PKCS #12.
_PASSWORD_BASED: Final = (b"\x2a\x86\x48\x86\xf7\x0d\x01\x05", b"\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01")
# Version 3, and content that is plain or signed; lengths may be open, as BER has them.
_PKCS12: Final = re.compile(
    rb"\x30(?:\x80|[\x00-\x7f]|[\x81-\x84].{1,4}?)\x02\x01\x03"
    rb"\x30(?:\x80|[\x00-\x7f]|[\x81-\x84].{1,4}?)\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07[\x01\x02]",
    re.DOTALL,
)
# A key, one that a password protects, any other secret: the kinds of bags that are no certificates.
_KEY_BAGS: Final = tuple(
    b"\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x0a\x01" + kind for kind in (b"\1", b"\2", b"\5")
)


def der_key(data: bytes) -> str:
    """What kind of private key, or store of them, `data` is as a whole; empty for anything else."""
    if _PKCS12.match(data):
        # Whoever writes a store keeps its keys in the open part, each one encrypted by itself.
        return "PKCS #12" if any(bag in data for bag in _KEY_BAGS) else ""
    whole = element(data, 0, len(data))
    if whole is None or whole.tag != SEQUENCE or data[whole.end :].strip():
        return ""
    inner = children(data, whole)
    shape = tags(inner)
    if _is_protected(data, inner):
        return "private key in DER (PKCS #8, encrypted)"
    if shape[:3] == (INTEGER, SEQUENCE, OCTETS) and len(shape) <= 5 and _names_object(data, inner[1]):
        return "private key in DER (PKCS #8)" if _small(data, inner[0]) else ""
    return _traditional(data, inner, shape) or _bouncy_castle(data, inner)


def _traditional(data: bytes, inner: list[DerElement], shape: tuple[int, ...]) -> str:
    """The kinds of before PKCS #8."""
    if not shape or shape[0] != INTEGER or not _small(data, inner[0]):
        return ""
    long = len(inner) > 1 and inner[1].end - inner[1].start >= _LEAST
    if shape == _PKCS1 and long:
        return "private key in DER (PKCS #1)"
    if shape == _DSA and long:
        return "private key in DER (DSA)"
    if shape[:3] == _SEC1 and inner[1].end - inner[1].start in _SCALAR:
        return "private key in DER (SEC 1)"
    return ""


def _is_protected(data: bytes, inner: list[DerElement]) -> bool:
    """Whether an algorithm that encrypts by a password, and what is encrypted, stand there."""
    if tags(inner) != (SEQUENCE, OCTETS) or not _names_object(data, inner[0]):
        return False
    name = children(data, inner[0])[0]
    return data[name.start : name.end].startswith(_PASSWORD_BASED)


def _bouncy_castle(data: bytes, inner: list[DerElement]) -> str:
    """The store of Bouncy Castle's FIPS provider: what is encrypted, and the check of its integrity."""
    if tags(inner) != (SEQUENCE, SEQUENCE):
        return ""
    check = tags(children(data, inner[1]))
    sealed = _is_protected(data, children(data, inner[0]))
    return "BCFKS" if sealed and check == (SEQUENCE, SEQUENCE, OCTETS) else ""


def _names_object(data: bytes, one: DerElement) -> bool:
    return tags(children(data, one))[:1] == (OID,)


def _small(data: bytes, one: DerElement) -> bool:
    """Whether it is the number of a version."""
    return one.end - one.start == 1 and data[one.start] <= 1
