"""Whether this installation can read packs itself."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from functools import cache
from pathlib import Path


@cache
def can_read_packs() -> bool:
    """Whether the compiled part is here. It is in wheels; from source, where a compiler was.

    In a checkout it may have been made from another version of its source; then it does not count.
    """
    try:
        from secopskit.git.packs import compiled
    except ImportError:
        return False
    with suppress(OSError):
        source = Path(__file__).with_name("compiled.pyx").read_bytes()
        return hashlib.sha256(source).hexdigest() == compiled.SOURCE
    return True


def reader_words() -> str:
    """By what a history is read here, in a few words."""
    if not can_read_packs():
        return "git cat-file (the compiled part is not installed)"
    from secopskit.git.packs.inflate import NAME

    return f"packs, compiled ({NAME})"
