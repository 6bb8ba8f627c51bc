"""The repository around a submodule: it names commits of it, and a purge inside does not reach that."""

from __future__ import annotations

import os
import shlex

from secopskit.errors import SecopsError
from secopskit.git.repository import Repository


def parent_of(repository: Repository) -> str | None:
    """The work tree of which this repository is a submodule; empty if it is one and nobody knows of what.

    None if it is none, as far as git can tell.
    """
    try:
        found = os.fsdecode(repository.run("rev-parse", "--show-superproject-working-tree").rstrip(b"\n"))
    except SecopsError:  # a bare one has no place in a work tree
        found = ""
    if found:
        return found
    return "" if f"{os.sep}modules{os.sep}" in repository.common_dir else None


def told_of_parent(repository: Repository) -> str:
    """What has to be done in the repository around, in a sentence; empty where there is none."""
    parent = parent_of(repository)
    if parent is None:
        return ""
    there = parent or "the repository that it belongs to"
    steps = ""
    if parent and repository.work_tree:
        here = os.path.relpath(os.path.realpath(repository.work_tree), os.path.realpath(parent))
        steps = f": git -C {shlex.quote(parent)} add {shlex.quote(here)}, then commit"
    return (
        f"This is a submodule: {there} must take the new commit{steps}. Its own history still names the old "
        "commits, which nobody can check out any more once the host has dropped them; that history is not "
        "rewritten."
    )
