"""The commits that bring something in: what it is that they have and their first parent does not.

A tree that has a certain entry has it from its first parent, or the commit brought it in itself. So
the commits whose trees have the entry are all among those that brought it in and their
descendants; that holds for merges, whatever they merged, and for every root.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Final

from secopskit.git.history.changefeed import ChangeFeed
from secopskit.git.history.commitgraph import CommitGraph, load_graph
from secopskit.git.history.reach import ReachedObjects
from secopskit.git.repository import Repository

# More ids than this do not fit into a command line; then git tells every change, and we choose.
_MOST_IDS: Final = 1000


@dataclass(frozen=True, slots=True)
class Introductions:
    """The commits that bring something in, and the paths at which they do, by object id.

    For a ref that names a tree or a blob, that object is in the place of the commit.
    """

    holders: set[str] = field(default_factory=set)
    paths: dict[str, set[str]] = field(default_factory=dict)

    def note(self, holder: str, oid: str, path: str) -> None:
        """`holder` brings in the object at this path."""
        self.holders.add(holder)
        self.paths.setdefault(oid, set()).add(path)


def graph_with(
    view: Repository,
    tips: Iterable[str],
    oids: Collection[str],
    *,
    jobs: int = 0,
    below: Callable[[], ReachedObjects | None] | None = None,
) -> tuple[CommitGraph, Introductions]:
    """All commits that `tips` reach, and where in them these blobs and trees come in. Raises GitError.

    `jobs` is a number of processes, 0 for one a core. With `below`, the commits are listed first, and then it
    is asked what an old one reaches: if that is none of the objects, git need not look at what is below it.
    """
    found = Introductions()
    with _feed_for(view, oids, jobs) if oids else nullcontext() as feed:
        if below and feed:
            graph = load_graph(view, tips)
            _feed(feed, graph, _free(graph, oids, below()))
        else:
            graph = load_graph(view, tips, watch=feed.add if feed else None)
        for change in feed.read() if feed else ():
            if change.oid in oids:
                found.note(*change)
    return graph, found


def _free(graph: CommitGraph, oids: Collection[str], reach: ReachedObjects | None) -> set[str]:
    """The commits known to reach none of the objects."""
    return graph.ancestors(reach.commit) if reach and not reach.has_any(oids) else set()


def _feed(feed: ChangeFeed, graph: CommitGraph, without: Collection[str] = ()) -> None:
    for commit, parents in graph.parents.items():
        if commit not in without:
            feed.add(commit, "".join(parents[:1]))


def introduced_at(
    view: Repository, graph: CommitGraph, paths: Iterable[str], wanted: Callable[[str, str], bool]
) -> Introductions:
    """Where something comes in at or below `paths`, or anywhere without any, that `wanted` takes.

    `wanted` is asked with an object id and a path. Raises GitError.
    """
    found = Introductions()
    literal = tuple(paths)
    with ChangeFeed(view, ("-t", "--", *literal)) as feed:
        _feed(feed, graph)
        for change in feed.read():
            if wanted(change.oid, change.path):
                found.note(*change)
    return found


def _feed_for(view: Repository, oids: Collection[str], jobs: int) -> ChangeFeed:
    few = len(oids) <= _MOST_IDS
    words = tuple(f"--find-object={oid}" for oid in sorted(oids)) if few else ("-t",)
    return ChangeFeed(view, words, jobs=jobs)
