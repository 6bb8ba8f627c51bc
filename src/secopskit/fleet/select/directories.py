"""Repositories in directories of this machine."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator
from contextlib import suppress

from secopskit.errors import UsageError
from secopskit.fleet.model import FleetRepository, RepositoryKind
from secopskit.report.text import encodable


def matching(pattern: str) -> Iterator[FleetRepository]:
    """The repositories among the directories that a glob pattern matches. Raises UsageError without any.

    A directory is a repository if it has a `.git`, or is a git directory itself.
    """
    found = sorted(path for path in glob.iglob(pattern, recursive=True) if os.path.isdir(path))
    repositories = [path for path in found if is_repository(path)]
    if not repositories:
        what = "matches no directory" if not found else "matches directories, but none that is a repository"
        raise UsageError(f"{pattern!r} {what}", advice="Quote the pattern, and look at it with `ls -d`.")
    return map(local, repositories)


def local(path: str) -> FleetRepository:
    """The repository in a directory. Bytes of its path that are no text stand in its name as escapes."""
    place = os.path.realpath(path)
    return FleetRepository(
        name=encodable(place), kind=RepositoryKind.DIRECTORY, address=place, size=_size(place)
    )


def is_repository(path: str) -> bool:
    """Whether a directory looks like one that git would take for a repository."""
    if os.path.lexists(os.path.join(path, ".git")):
        return True
    return os.path.isfile(os.path.join(path, "HEAD")) and os.path.isdir(os.path.join(path, "objects"))


def _size(path: str) -> int:
    """The bytes of its packs, by which the larger repositories come first."""
    for below in (os.path.join(path, ".git"), path):
        with suppress(OSError), os.scandir(os.path.join(below, "objects", "pack")) as entries:
            return sum(entry.stat().st_size for entry in entries)
    return 0
