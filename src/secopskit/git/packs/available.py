"""Whether this installation can read packs itself."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec


@cache
def can_read_packs() -> bool:
    """Whether the compiled part is here. It is in wheels; from source, where a compiler was."""
    return find_spec("secopskit.git.packs.compiled") is not None


def reader_words() -> str:
    """By what a history is read here, in a few words."""
    if not can_read_packs():
        return "git cat-file (the compiled part is not installed)"
    from secopskit.git.packs.inflate import NAME

    return f"packs, compiled ({NAME})"
