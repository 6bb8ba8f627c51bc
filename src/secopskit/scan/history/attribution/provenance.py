"""From events to provenance: for one secret in one file, its first and its last commit."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence, Set

from secopskit.findings import Provenance
from secopskit.git.history.at_paths import first_with
from secopskit.git.history.events import Commit, Event, Refs
from secopskit.git.repository import Repository
from secopskit.scan.history.objects.at_hand import ObjectsAtHand


class Tips:
    """Which objects the refs hold at some paths. Raises GitError."""

    def __init__(
        self, repository: Repository, refs: Refs, paths: Iterable[str], objects: ObjectsAtHand
    ) -> None:
        commit_of = {bit: commit for commit, mask in refs.tips.items() for bit in _bits(mask)}
        bits = sorted(commit_of, key=lambda bit: _importance(refs.names[bit]))
        self._commits = list(dict.fromkeys(commit_of[bit] for bit in bits))
        asked = [*map(os.fsencode, paths)]
        self._first = first_with(
            repository,
            self._commits,
            asked,
            sources=objects.packed.sources if objects.packed else None,
            there=_there(repository) if asked and repository.partial else None,
        )
        self._paths = {path for _, path in self._first}

    def holder(self, oids: Iterable[str], path: str) -> str | None:
        """The commit at the foremost ref that still holds one of `oids` at `path`, or None."""
        places = [(oid, os.fsencode(path)) for oid in oids]
        numbers = [self._first[place] for place in places if place in self._first]
        return self._commits[min(numbers)] if numbers else None

    def have(self, path: str) -> bool:
        """Whether any ref has something at `path`."""
        return os.fsencode(path) in self._paths


def _there(repository: Repository) -> Set[str]:
    """All objects that a partial clone has, directories among them."""
    words = ("cat-file", "--batch-all-objects", "--unordered", "--buffer", "--batch-check=%(objectname)")
    return set(repository.run(*words).decode("ascii", "replace").split())


def _bits(mask: int) -> Iterable[int]:
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


def _importance(name: str) -> tuple[int, str]:
    order = ("HEAD", "refs/heads/", "refs/stash", "refs/remotes/", "refs/tags/")
    return next((place for place, start in enumerate(order) if name.startswith(start)), len(order)), name


def provenance(
    oids: frozenset[str], path: str, events: Sequence[Event], refs: Refs, tips: Tips
) -> Provenance:
    """Where blobs `oids`, which all hold one secret, stood at `path`. `events` come newest first."""
    brought = [e.commit for e in events if e.brings and e.path == path]
    if not brought:
        return Provenance()
    first = max(brought, key=lambda commit: commit.age)
    gone = next((e for e in events if not e.brings and e.path == path and e.other not in oids), None)
    last, last_date = _last(brought, gone)
    holder = tips.holder(oids, path)
    mask = 0
    for commit in brought:
        mask |= commit.refs
    return Provenance(
        commit=first.oid,
        first_commit=first.oid,
        last_commit=holder or last,
        author=first.author,
        date=first.date,
        last_date=last_date,
        refs=refs.reached(mask),
        present=holder is not None,
    )


def of_messages(commits: Sequence[Commit], refs: Refs) -> Provenance:
    """Where the messages of `commits`, which all hold one secret, stand."""
    first, last = max(commits, key=lambda commit: commit.age), min(commits, key=lambda commit: commit.age)
    mask = 0
    for commit in commits:
        mask |= commit.refs
    return Provenance(
        commit=first.oid,
        first_commit=first.oid,
        last_commit=last.oid,
        author=first.author,
        date=first.date,
        last_date=last.date,
        refs=refs.reached(mask),
        present=mask != 0,
    )


def _last(brought: Sequence[Commit], gone: Event | None) -> tuple[str, str]:
    """The last commit known to hold it, and the date on which it went."""
    newest = min(brought, key=lambda commit: commit.age)
    if gone is None or gone.commit.age > newest.age:
        return newest.oid, newest.date
    return (gone.commit.parents or (newest.oid,))[0], gone.commit.date
