"""Paths of what stands in archives: `dist.zip!conf/.env`."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Final

SEPARATOR: Final = "!"
"""What stands between the name of an archive and that of a member."""

NAMELESS: Final = "\0"
"""The path of content whose name is not known yet, which no name has; see `placed`."""

_SUFFIXES: Final = {".gz": "", ".bz2": "", ".xz": "", ".tgz": ".tar", ".tbz2": ".tar", ".txz": ".tar"}
_UNNAMED: Final = "content"


def outer_paths(path: str) -> tuple[str, ...]:
    """The archives that a path may lead into, as `a.zip!b.jar!c` does: the nearest first.

    A name may have the separator in it, and then there is no such archive.
    """
    parts = path.split(SEPARATOR)
    return tuple(SEPARATOR.join(parts[:count]) for count in range(len(parts) - 1, 0, -1) if parts[count - 1])


def placed(path: str, file: str) -> str:
    """A path that was made while the name of its file was not known, now that it is `file`.

    A path of `NAMELESS` content, or of a member of it, begins with that; any other is that of the file.
    """
    if not path.startswith(NAMELESS):
        return file
    return file + path.removeprefix(NAMELESS).replace(SEPARATOR + NAMELESS, SEPARATOR + content_name(file))


def file_of(path: str, files: Iterable[str]) -> str:
    """The one of `files` that has this path, or is the archive that it leads into; else the path itself."""
    return next((file for file in files if path == file or path.startswith(file + SEPARATOR)), path)


def content_name(name: str) -> str:
    """The name of what a compressed file of that name holds, where it says none itself."""
    stem, suffix = os.path.splitext(name.rpartition("/")[2])
    return stem + _SUFFIXES[suffix] if suffix in _SUFFIXES and stem else _UNNAMED
