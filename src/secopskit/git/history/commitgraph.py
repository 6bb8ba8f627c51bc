"""The commits of a repository in order, with what each descends from."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from secopskit.git.repository import Repository
from secopskit.progress import still_at_work

_CHUNK: Final = 1 << 16


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitGraph:
    """Root trees and parents by commit, in an order in which parents come first."""

    trees: dict[str, str]
    parents: dict[str, tuple[str, ...]]

    def descendants(self, seeds: Collection[str]) -> list[str]:
        """The commits among `seeds` and all that descend from one of them, in order."""
        found: dict[str, None] = {}
        for commit, parents in self.parents.items():
            if commit in seeds or any(parent in found for parent in parents):
                found[commit] = None
        return list(found)

    def ancestors(self, commit: str) -> set[str]:
        """The commit, if it is here, and all that it descends from."""
        found = {commit}.intersection(self.parents)
        for one in reversed(self.parents):
            if one in found:
                found.update(self.parents[one])
        return found

    def without(self, other: CommitGraph) -> CommitGraph:
        """This graph without the commits of another."""
        return CommitGraph(
            trees={commit: tree for commit, tree in self.trees.items() if commit not in other.trees},
            parents={commit: some for commit, some in self.parents.items() if commit not in other.trees},
        )


def load_graph(
    view: Repository, tips: Iterable[str], *, watch: Callable[[str, str], object] | None = None
) -> CommitGraph:
    """All commits that `tips` (ids of commits) reach. Raises GitError.

    `watch` is told each commit and its first parent (empty for a root) as soon as git lists it.
    """
    trees: dict[str, str] = {}
    parents: dict[str, tuple[str, ...]] = {}
    for commit, tree, *some in _listed(view, tips):
        still_at_work(1)
        trees[commit] = tree
        parents[commit] = tuple(some)
        if watch:
            watch(commit, some[0] if some else "")
    order = _ordered(parents)
    still_at_work()
    return CommitGraph(
        trees={commit: trees[commit] for commit in order},
        parents={commit: parents[commit] for commit in order},
    )


def _ordered(parents: Mapping[str, tuple[str, ...]]) -> list[str]:
    """The commits, parents first, each as near behind them as can be."""
    order: dict[str, None] = {}
    for tip in parents:
        stack = [tip]
        while stack:
            still_at_work()
            commit = stack[-1]
            if missing := [parent for parent in parents[commit] if parent not in order]:
                stack += reversed(missing)
                continue
            order[stack.pop()] = None
    return list(order)


def _listed(view: Repository, tips: Iterable[str]) -> Iterator[list[str]]:
    """The commits, newest first, each with its tree and its parents."""
    asked = "".join(f"{tip}\n" for tip in dict.fromkeys(tips)).encode()
    if not asked:
        return
    with tempfile.TemporaryFile() as stdin:
        stdin.write(asked)
        stdin.seek(0)
        words = ("log", "--stdin", "--no-color", "--format=%H %T %P")
        with view.stream(*words, stdin=stdin) as output:
            rest = b""
            while chunk := output.read(_CHUNK):
                *lines, rest = (rest + chunk).split(b"\n")
                yield from (line.decode().split() for line in lines)
