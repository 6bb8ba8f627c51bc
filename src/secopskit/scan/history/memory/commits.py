"""The commits of a history, newest first: which of them an earlier scan knows, and where those stand now."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Mapping, Sequence, Set
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING, Final

from secopskit.errors import GitError
from secopskit.git.history.events import Commit, Event, Events, Refs
from secopskit.git.history.log import Log
from secopskit.git.repository import Repository
from secopskit.named_tuple import NamedTuple
from secopskit.scan.history.objects.selection import lines

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST_TIPS: Final = 50_000
_REPLACED: Final = "refs/replace/"


def tips_of(repository: Repository, revisions: Sequence[str]) -> tuple[str, ...]:
    """The commits that refs and reflogs name; none, where there are too many, or git cannot read them."""
    with suppress(GitError):
        found = repository.run("rev-list", "--no-walk", *revisions, "--").decode().split()
        return tuple(dict.fromkeys(found)) if len(found) <= _MOST_TIPS else ()
    return ()


def is_as_written(repository: Repository, refs: Refs) -> bool:
    """Whether commits have the parents that they say: nothing is grafted, replaced, or lacking on purpose."""
    grafts = os.path.join(repository.common_dir, "info", "grafts")
    replaced = any(name.startswith(_REPLACED) for name in refs.names)
    return not (repository.partial or repository.shallow or replaced or os.path.exists(grafts))


@contextmanager
def log_since(repository: Repository, revisions: Sequence[str], tips: Iterable[str]) -> Iterator[Log]:
    """The log of the commits that `tips` do not reach."""
    with tempfile.TemporaryFile() as known:
        known.writelines(f"^{oid}\n".encode() for oid in tips)
        known.seek(0)
        with closing(Log(repository, "-c", *revisions, "--stdin", stdin=known)) as log:
            yield log


class Standing(NamedTuple):
    """The number of all commits; of some, by id, the position from the newest, and which refs reach them."""

    total: int
    some: Mapping[str, tuple[int, int]]

    def placed(self, commit: Commit) -> Commit:
        """The commit as it stands now."""
        position, refs = self.some[commit.oid]
        return commit._replace(position=position, refs=refs)


def standing_of(
    repository: Repository,
    revisions: Sequence[str],
    refs: Refs,
    wanted: Set[str],
    tips: Set[str],
) -> Standing | None:
    """How those of the commits `wanted` that are reached stand among all that are. Raises GitError.

    None where one of `tips` is reached no more.
    """
    starts = {oid.encode(): mask for oid, mask in refs.tips.items()}
    asked = {oid.encode() for oid in wanted | tips}
    pending, some, count = dict[bytes, int](), dict[str, tuple[int, int]](), 0
    with repository.stream("rev-list", "--topo-order", "--parents", *revisions, "--") as output:
        for line in lines(output):
            oid, *parents = line.split(b" ")
            mask = pending.pop(oid, 0) | starts.get(oid, 0)
            for parent in parents:
                pending[parent] = pending.get(parent, 0) | mask
            if oid in asked:
                some[oid.decode()] = (count, mask)
            count += 1
    return Standing(count, some) if tips <= some.keys() else None


def commits_in(events: Events) -> set[str]:
    """The ids of the commits that tell of something."""
    return {event.commit.oid for found in events.by_blob.values() for event in found} | events.commits.keys()


def merged(old: Events, new: Events, standing: Standing) -> Events:
    """All events, newest first, as one log would tell them. Of a commit that is in both, `new` tells.

    Those of commits that are reached no more are left out.
    """
    told, commits = commits_in(new), dict[str, Commit]()

    def placed(commit: Commit) -> Commit:
        if commit.oid not in commits:
            commits[commit.oid] = standing.placed(commit)
        return commits[commit.oid]

    by_blob: dict[str, list[Event]] = {}
    for source, passed in ((new, frozenset[str]()), (old, told)):
        for oid, found in source.by_blob.items():
            kept = (one for one in found if one.commit.oid in standing.some and one.commit.oid not in passed)
            by_blob.setdefault(oid, []).extend(one._replace(commit=placed(one.commit)) for one in kept)
    for found in by_blob.values():
        found.sort(key=lambda one: one.commit.position)
    kept_commits = {**old.commits, **new.commits}
    return Events(
        by_blob={oid: found for oid, found in by_blob.items() if found},
        commits={oid: placed(one) for oid, one in kept_commits.items() if oid in standing.some},
        told=standing.total,
    )
