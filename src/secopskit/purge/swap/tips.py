"""The tips: all ids from which objects are reached after a purge. What they do not reach is dropped."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from secopskit.git.repository import Repository
from secopskit.git.worktrees import WorkTree, main_view, view
from secopskit.purge.model import Rewrite
from secopskit.purge.swap.ref_swap import final_values
from secopskit.purge.swap.reflogs import stash_tips
from secopskit.state.smallfiles import read_small

_OWN_REFS: Final = ("refs/worktree", "refs/bisect", "refs/rewritten")
_ID: Final = re.compile(rb"\b(?:[0-9a-f]{64}|[0-9a-f]{40})\b")


def final_tips(
    repository: Repository, trees: Iterable[WorkTree], made: Rewrite, stash: list[bytes]
) -> frozenset[str]:
    """The ids that refs, HEADs, stash entries and grafts will name. Raises GitError.

    What is staged is not among them: it is looked after when the work trees have been brought along.
    """
    tips = {*final_values(repository, made.refs).values(), *stash_tips(stash)}
    for tree in trees:
        tips.update(made.commits.get(oid, oid) for oid in (tree.head, *_own_refs(repository, tree)) if oid)
    return frozenset((*tips, *_grafted(repository, made.commits)))


def _own_refs(repository: Repository, tree: WorkTree) -> Iterator[str]:
    """What the refs name that a linked work tree has for itself: no list of all refs has them."""
    if tree.name and any(names for _, _, names in os.walk(os.path.join(tree.git_dir, "refs"))):
        listed = view(repository, tree).run("for-each-ref", "--format=%(objectname)", *_OWN_REFS)
        yield from listed.decode().split()


def _grafted(repository: Repository, commits: Mapping[str, str]) -> Iterator[str]:
    """The commits that grafts name: git takes them for reachable, though no object says so."""
    path = os.path.join(repository.common_dir, "info", "grafts")
    data = read_small(path) if os.path.lexists(path) else b""
    seen = main_view(repository)
    for oid in {found.decode() for found in _ID.findall(data)}:
        if oid in commits:
            yield commits[oid]
        elif seen.succeeds("cat-file", "-e", oid):
            yield oid
