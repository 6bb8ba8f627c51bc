"""Paths that files name, relative to the project's top."""

from __future__ import annotations

import posixpath

_LONGEST = 1024


def directory_of(path: str) -> str:
    """The directory of a file, empty for the project's top."""
    return posixpath.dirname(path)


def joined(directory: str, name: str) -> str | None:
    """Where `name`, read in `directory`, leads; empty for the project's top.

    None for what is outside of the project, absolute, of another host, or computed.
    """
    if not name or len(name) > _LONGEST or name.startswith(("/", "~")) or "${" in name or "://" in name:
        return None
    path = posixpath.normpath(posixpath.join(directory, name.replace("\\", "/")))
    if path == ".":
        return ""
    return None if path == ".." or path.startswith(("../", "/")) else path
