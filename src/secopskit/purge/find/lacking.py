"""The objects that the history leads to and that are not there, or cannot be read.

A list of all objects does not have them, so a search in all objects does not miss them.
"""

from __future__ import annotations

import re
import tempfile
from typing import Final

from secopskit.git.refs import plain_view
from secopskit.git.repository import Repository

_WORDS: Final = ("rev-list", "--objects", "--missing=print", "--quiet", "--all", "--reflog")
_ID: Final = re.compile(rb"\b(?:[0-9a-f]{64}|[0-9a-f]{40})\b")
_MOST_TOLD: Final = 1 << 24
UNKNOWN: Final = "(git cannot walk the history)"


def lacking(repository: Repository) -> tuple[str, ...]:
    """Their ids; `UNKNOWN` where git gives up on the way and does not say at which. Raises GitError."""
    with tempfile.TemporaryFile() as told:
        with plain_view(repository).start(*_WORDS, stdin=None, stdout=told, stderr=told) as process:
            code = process.wait()
        told.seek(0)
        found = {oid.decode() for oid in _ID.findall(told.read(_MOST_TOLD))}
    return tuple(sorted(found)) or ((UNKNOWN,) if code else ())
