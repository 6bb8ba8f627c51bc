"""Files that git tracks: what is written to them, the next commit takes along."""

from __future__ import annotations

import os
from collections.abc import Iterable
from shlex import quote

from secopskit.git.repository import Repository
from secopskit.state.smallfiles import is_inside


def tracked_files(repository: Repository, files: Iterable[str]) -> tuple[str, ...]:
    """Those of `files` (relative to the top, or absolute) that are in the index. Raises GitError."""
    whole = [os.path.join(repository.root, file) for file in sorted(set(files))]
    paths = [os.path.relpath(path, repository.root) for path in whole if is_inside(path, repository.root)]
    if not paths:
        return ()
    listing = repository.run("ls-files", "-z", "--", *(f":(top,literal){path}" for path in paths))
    return tuple(os.fsdecode(name) for name in listing.split(b"\0") if name)


def how_to_untrack(files: Iterable[str]) -> str:
    """What a person does with tracked files that hold secrets, in a sentence; the command names them all."""
    names = " ".join(map(quote, files))
    return f"Before the next commit, name what holds secrets in .gitignore, and: git rm --cached {names}"
