"""Base64 as configuration files use it: for whole values, with or without padding."""

from __future__ import annotations

from typing import Final

_LONGEST: Final = 65536


def from_base64(value: bytes) -> bytes | None:
    """`value` decoded from base64, without the line end that `echo` adds; None if it is no text."""
    from base64 import b64decode  # few files need it

    compact = b"".join(value.split())
    if not compact or len(compact) > _LONGEST:
        return None
    try:
        plain = b64decode(compact + b"=" * (-len(compact) % 4), validate=True).rstrip(b"\r\n")
        plain.decode("utf-8")
    except ValueError:  # binascii.Error and UnicodeDecodeError are ValueErrors
        return None
    return plain
