"""Secrets for the tests, made at run time: they look real and open nothing."""

from __future__ import annotations

import secrets
import string
import zlib

_BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase


def token() -> str:
    """A random value in the form of a GitHub personal access token, with its checksum."""
    body = "".join(secrets.choice(_BASE62) for _ in range(30))
    return f"{'ghp'}_{body}{_base62(zlib.crc32(body.encode())):0>6}"


def _base62(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 62)
        digits = _BASE62[digit] + digits
    return digits
