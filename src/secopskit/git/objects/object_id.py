"""The id of an object: a hash of its kind, its size and its content."""

from __future__ import annotations

import hashlib


def object_id(algorithm: str, kind: str, data: bytes) -> bytes:
    """The raw id of an object in a repository of this format (`sha1` or `sha256`)."""
    return hashlib.new(algorithm, b"%s %d\0%s" % (kind.encode(), len(data), data)).digest()
