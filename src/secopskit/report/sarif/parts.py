"""Small parts of SARIF: a path as an artifact location, a text as a message."""

from __future__ import annotations

import os
from typing import Final
from urllib.parse import quote

from secopskit.report.text import visible

# The name that other SARIF producers and consumers use for the repository's root.
SOURCE_ROOT: Final = "%SRCROOT%"


def artifact(path: str) -> dict[str, str]:
    """The location of a path inside what was scanned, or of an absolute one.

    Percent-encoded, so that any byte of a name survives.
    """
    uri = quote(_bytes(path))
    if path.startswith("/"):
        return {"uri": f"file://{uri}"}
    return {"uri": uri, "uriBaseId": SOURCE_ROOT}


def message(text: str) -> dict[str, str]:
    """A plain message. Unescaped brackets would make links of it (SARIF 3.11.6)."""
    escaped = visible(text).replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")
    return {"text": escaped}


def _bytes(path: str) -> bytes:
    try:
        return os.fsencode(path)
    except UnicodeEncodeError:  # a lone surrogate that no file name gives
        return path.encode("utf-8", "backslashreplace")
