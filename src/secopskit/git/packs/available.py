"""Whether this installation can read packs itself, and those of a repository."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Final

from secopskit.errors import GitError
from secopskit.git.objects.directories import object_directories
from secopskit.git.repository import Repository

if TYPE_CHECKING:
    from secopskit.git.packs.sources import ObjectSources


_ELSEWHERE: Final = frozenset(("GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES"))


@cache
def can_read_packs() -> bool:
    """Whether the compiled part is here. It is in wheels; from source, where a compiler was.

    In a checkout it may have been made from another version of its source; then it does not count.
    """
    try:
        from secopskit.git.packs import compiled, treetable, walk
    except ImportError:
        return False
    return all(map(_is_of_its_source, (compiled, treetable, walk)))


def _is_of_its_source(module: ModuleType) -> bool:
    source = Path(__file__).with_name(module.__name__.rpartition(".")[2] + ".pyx")
    with suppress(OSError):
        return bool(hashlib.sha256(source.read_bytes()).hexdigest() == module.SOURCE)
    return True


def open_sources(repository: Repository) -> ObjectSources | None:
    """All that a repository's objects lie in, open; None where git has to read them.


    So it is without the compiled part, for what cannot be read here, and where a variable names other places.
    """
    if not can_read_packs() or not _ELSEWHERE.isdisjoint(repository.environ):
        return None
    from secopskit.git.packs.sources import ObjectSources

    try:
        sources = ObjectSources.open(object_directories(repository), repository.object_format)
    except GitError:  # git will say what it is
        return None
    return None if sources.unread else sources


def reader_words() -> str:
    """By what a history is read here, in a few words."""
    if not can_read_packs():
        return "git cat-file (the compiled part is not installed)"
    from secopskit.git.fast_zlib import NAME

    return f"packs, compiled ({NAME})"
