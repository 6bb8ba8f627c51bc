"""The commits of a repository in order, with what each descends from."""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from secops.git import Repository


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitGraph:
    """Root trees and parents by commit, in an order in which parents come first."""

    trees: Mapping[str, str]
    parents: Mapping[str, tuple[str, ...]]

    def descendants(self, seeds: Collection[str]) -> list[str]:
        """The commits among `seeds` and all that descend from one of them, in order."""
        found: dict[str, None] = {}
        for commit, parents in self.parents.items():
            if commit in seeds or any(parent in found for parent in parents):
                found[commit] = None
        return list(found)

    def without(self, other: CommitGraph) -> CommitGraph:
        """This graph without the commits of another."""
        return CommitGraph(
            trees={commit: tree for commit, tree in self.trees.items() if commit not in other.trees},
            parents={commit: some for commit, some in self.parents.items() if commit not in other.trees},
        )


def load_graph(view: Repository, tips: Iterable[str]) -> CommitGraph:
    """All commits that `tips` (ids of commits) reach. Raises GitError."""
    trees: dict[str, str] = {}
    parents: dict[str, tuple[str, ...]] = {}
    asked = "".join(f"{tip}\n" for tip in dict.fromkeys(tips)).encode()
    if asked:
        with tempfile.TemporaryFile() as stdin:
            stdin.write(asked)
            stdin.seek(0)
            words = ("log", "--stdin", "--topo-order", "--reverse", "--no-color", "--format=%H %T %P")
            with view.stream(*words, stdin=stdin) as output:
                text = output.read()
        for line in text.decode().splitlines():
            commit, tree, *rest = line.split(" ")
            trees[commit] = tree
            parents[commit] = tuple(filter(None, rest))
    return CommitGraph(trees=trees, parents=parents)
