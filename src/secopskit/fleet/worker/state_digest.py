"""Whether anything in a repository has changed, without asking git: its refs and its object files.

Read are names, sizes and times of what git writes, and the refs. What cannot be read changes the digest.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Final

from secopskit.secret import plain_digest

_SIZE: Final = 16
_FILES: Final = ("HEAD", "packed-refs", "shallow", "config", "objects/info/alternates", "info/grafts")
_TREES: Final = ("refs", "logs", "reftable", "worktrees")


def common_directory(path: str) -> str:
    """The directory that refs and objects of the repository at `path` are in, told without git.

    Empty where only git can tell: in a linked work tree, or where there is none.
    """
    for place in (os.path.join(path, ".git"), path):
        if os.path.isdir(os.path.join(place, "objects")) and os.path.isfile(os.path.join(place, "HEAD")):
            return "" if os.path.lexists(os.path.join(place, "commondir")) else place
    return ""


def state_digest(directory: str) -> str:
    """A digest, in hexadecimal, that is another one once there are other refs or objects.

    `directory` is the repository's common directory.
    """
    parts = [
        *(_file(os.path.join(directory, name), name) for name in _FILES),
        *(line for name in _TREES for line in _tree(os.path.join(directory, name), name)),
        *_objects(os.path.join(directory, "objects")),
    ]
    return plain_digest("\n".join(parts).encode("utf-8", "surrogateescape"), _SIZE)


def _file(path: str, name: str) -> str:
    try:
        found = os.lstat(path)
    except OSError as error:
        return f"{name} {error.errno}"
    return f"{name} {found.st_size} {found.st_mtime_ns} {found.st_ino}"


def _tree(path: str, name: str) -> Iterator[str]:
    """The files below `path`, in order; links are not followed."""
    try:
        with os.scandir(path) as entries:
            found = sorted(entries, key=lambda one: one.name)
    except OSError as error:
        yield f"{name} {error.errno}"
        return
    for entry in found:
        below = f"{name}/{entry.name}"
        if entry.is_dir(follow_symlinks=False):
            yield from _tree(entry.path, below)
        else:
            yield _file(entry.path, below)


def _objects(path: str) -> Iterator[str]:
    """The packs, and the directories of loose objects, whose times tell of new ones."""
    try:
        names = sorted(os.listdir(path))
    except OSError as error:
        yield f"objects {error.errno}"
        return
    yield from (_file(os.path.join(path, name), name) for name in names if len(name) == 2)
    yield from _tree(os.path.join(path, "pack"), "pack")
