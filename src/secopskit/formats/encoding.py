"""How a text is written: its mark, the ends of its lines, and base64 as configuration files use it."""

from __future__ import annotations

from typing import Final

BOM: Final = b"\xef\xbb\xbf"
"""The byte order mark that editors of Windows put before UTF-8."""
_LONGEST: Final = 65536


def without_mark(data: bytes) -> bytes:
    """`data` with an empty line in place of a byte order mark, so that every offset stays what it was."""
    return b"  \n" + data[len(BOM) :] if data.startswith(BOM) else data


def with_line_feeds(data: bytes) -> bytes:
    """`data` with a line feed for every carriage return that ends a line alone: each byte keeps its place."""
    if b"\r" not in data or data.count(b"\r") == data.count(b"\r\n"):
        return data
    return b"\r\n".join(part.replace(b"\r", b"\n") for part in data.split(b"\r\n"))


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
