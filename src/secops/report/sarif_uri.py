"""Paths as SARIF artifact locations: percent-encoded, so any byte survives."""

from __future__ import annotations

import os
from typing import Final
from urllib.parse import quote

# The name that other SARIF producers and consumers use for the repository's root.
SOURCE_ROOT: Final = "%SRCROOT%"


def artifact(path: str) -> dict[str, str]:
    """The location of a path inside what was scanned, or of an absolute one."""
    uri = quote(_bytes(path))
    if path.startswith("/"):
        return {"uri": f"file://{uri}"}
    return {"uri": uri, "uriBaseId": SOURCE_ROOT}


def _bytes(path: str) -> bytes:
    try:
        return os.fsencode(path)
    except UnicodeEncodeError:  # a lone surrogate that no file name gives
        return path.encode("utf-8", "backslashreplace")
