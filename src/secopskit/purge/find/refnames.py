"""New names for refs whose names hold a value."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Collection, Iterator, Mapping
from itertools import chain
from typing import Final

from secopskit.errors import RefusedError
from secopskit.git.refs import REPLACE
from secopskit.git.repository import Repository
from secopskit.git.worktrees import work_trees
from secopskit.purge.values.matcher import ValueMatcher

_REF: Final = re.compile(
    r"(?:worktrees/[^/]+/)?refs/(?:(?:heads|tags|remotes|notes|replace|bisect|rewritten|worktree|original"
    r"|prefetch|pull|merge-requests|pull-requests|changes)/)?"
)


def renamed_refs(names: Collection[str], matcher: ValueMatcher) -> dict[str, str]:
    """Old names to new ones, none of which is or stands in the way of another."""
    dirty = sorted(name for name in names if not _fixed(name) and matcher.contains(os.fsencode(name)))
    taken = set(names) - set(dirty)
    above = {directory for name in taken for directory in _above(name)}
    renamed: dict[str, str] = {}
    for name in dirty:
        start, own = _divided(name)
        new = _free(start, matcher.redact_text(own), taken, above)
        taken.add(new)
        above.update(_above(new))
        renamed[name] = new
    return renamed


def require_renamable(repository: Repository, renamed: Mapping[str, str]) -> None:
    """Raise RefusedError where a ref that a linked work tree has for itself is to be renamed.

    git deletes such a ref in its own work tree alone, so it cannot go with all others at once.
    """
    for tree in work_trees(repository):
        own = f"worktrees/{tree.name}/"
        for old, new in renamed.items():
            if tree.name and old.startswith(own) and new != old:
                git = f"git -C {shlex.quote(tree.path or tree.git_dir)}"
                raise RefusedError(
                    f"{tree.words}: a ref of this work tree has a value in its name, and git renames it "
                    f"nowhere else (without the value: {new.removeprefix(own)})",
                    advice=f"`{git} for-each-ref refs/worktree` names it. Delete it, `{git} update-ref -d "
                    "NAME`, or name it otherwise before.",
                )


def _fixed(name: str) -> bool:
    """Names that are not anybody's choice: heads, and what replaces an object."""
    return name.startswith(REPLACE) or not _REF.match(name)


def _divided(name: str) -> tuple[str, str]:
    """What git or a host gives to the name, such as `refs/heads/`, and what somebody chose."""
    match = _REF.match(name)
    assert match  # noqa: S101 - other names are fixed
    return name[: match.end()], name[match.end() :]


def _free(start: str, own: str, taken: Collection[str], above: Collection[str]) -> str:
    """`own` after `start`, with a number at each part of it at which something else stands.

    To git a ref is a file: none lies below another. `above` are the directories of those that are `taken`.
    """
    *directories, last = own.split("/")
    for part in directories:
        start = _numbered(start + part, taken, ()) + "/"
    return _numbered(start + last, taken, above)


def _numbered(name: str, taken: Collection[str], above: Collection[str]) -> str:
    # A ref that is taken rules out one number, by itself or as what lies below: so many are enough.
    numbered = (f"{name}-{number}" for number in range(2, len(taken) + 3))
    return next(free for free in chain((name,), numbered) if free not in taken and free not in above)


def _above(name: str) -> Iterator[str]:
    """The directories in which a ref lies."""
    while name := name.rpartition("/")[0]:
        yield name
