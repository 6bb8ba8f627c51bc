"""The record of what was purged, and the check that no push brings any of it back.

`<git dir>/secops/purged/` holds one file for each purge, and one for each list that was brought
from another clone: sorted object ids, a line each, below a line that says what they are. Ids of
commits, tags, trees and blobs alike; none of them tells a value.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Final

from secopskit.errors import ConfigError, SecopsError
from secopskit.git.repository import Repository
from secopskit.secret import plain_digest
from secopskit.state.smallfiles import read_small

HEADER: Final = b"# secops: ids of purged objects, which must not come back\n"
SUFFIX: Final = ".ids"
EXPORT: Final = "purged-ids.txt"
ADVICE: Final = """\
It rests on the history from before the purge. Do not merge the two. Take your own commits along:
  git fetch, then git rebase --onto <new branch> <old branch> <your branch>
or clone anew. Whoever purged knows the ids: see docs/PURGE_HISTORY.md."""
_LIMIT: Final = 512 * 1024 * 1024
_IDS: Final = re.compile(rb"(?:[0-9a-f]{40}\n|[0-9a-f]{64}\n)*")
# Everybody's empty blob and empty tree, in both formats: they come back by themselves.
_EMPTY: Final = frozenset(
    {
        "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391",
        "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813",
        "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
        "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturningObject:
    """A purged object that a push would bring back. `kind` is git's word for what it is."""

    oid: str
    kind: str


def directory(repository: Repository) -> str:
    """Where the lists lie."""
    return os.path.join(repository.state_dir, "purged")


def record(repository: Repository, name: str, oids: Iterable[str]) -> str:
    """Keep the ids of a purge under `name`; the path of the file. Raises SecopsError.

    What still exists in the repository is no purged object, and is left out.
    """
    gone = sorted(_absent(repository, frozenset(oids) - _EMPTY))
    return keep(directory(repository), name + SUFFIX, _list(gone))


def refresh(repository: Repository) -> None:
    """Drop from the lists what exists again, because a purge was undone. Raises SecopsError."""
    for name in _lists(repository):
        path = os.path.join(directory(repository), name)
        ids = frozenset(_ids(path).decode().split())
        gone = sorted(_absent(repository, ids))
        if len(gone) < len(ids):
            keep(directory(repository), name, _list(gone))


def export(repository: Repository) -> str:
    """Write the ids of all lists into one, for other clones and servers; its path. Raises SecopsError."""
    known = sorted(purged(repository))
    return keep(directory(repository), EXPORT, _list(oid.decode() for oid in known))


def bring(repository: Repository, path: str) -> int:
    """Take in a list that another clone has recorded; how many ids it has. Raises ConfigError."""
    ids = _ids(path)
    keep(directory(repository), f"from-{plain_digest(ids, 8)}{SUFFIX}", HEADER + ids)
    return ids.count(b"\n")


def purged(repository: Repository) -> frozenset[bytes]:
    """The ids on all lists. Raises ConfigError for a list that is damaged."""
    place = directory(repository)
    return frozenset(oid for name in _lists(repository) for oid in _ids(os.path.join(place, name)).split())


def _lists(repository: Repository) -> list[str]:
    try:
        return sorted(name for name in os.listdir(directory(repository)) if name.endswith(SUFFIX))
    except FileNotFoundError:
        return []


def returning(
    repository: Repository, revisions: Sequence[str], *, most: int = 20
) -> tuple[ReturningObject, ...]:
    """The purged objects, at most so many, that a push of `revisions` would bring. Raises GitError.

    `revisions` are arguments for `git rev-list`. Where what the other side has is itself purged, it
    is told too: then what is pushed rests on the old history, even if all of that is there already.
    """
    known = purged(repository)
    if not known:
        return ()
    found: dict[str, None] = {}
    words = ("rev-list", "--objects", "--boundary", "--missing=allow-any", *revisions, "--")
    with repository.stream(*words) as output:
        for line in _lines(output):
            oid = line.partition(b" ")[0].lstrip(b"-")
            if oid in known:
                found[oid.decode()] = None
            if len(found) >= most:
                break
    return tuple(ReturningObject(oid=oid, kind=_kind(repository, oid)) for oid in found)


def _lines(output: IO[bytes]) -> Iterator[bytes]:
    rest = b""
    while block := output.read(1 << 18):
        *lines, rest = (rest + block).split(b"\n")
        yield from lines


def _kind(repository: Repository, oid: str) -> str:
    try:
        return repository.run("cat-file", "-t", oid).decode().strip()
    except SecopsError:
        return "object"


def returned(repository: Repository) -> frozenset[str]:
    """The purged objects that exist in the repository again. Raises GitError, ConfigError."""
    known = frozenset(oid.decode() for oid in purged(repository))
    return known - _absent(repository, known)


def _list(oids: Iterable[str]) -> bytes:
    return HEADER + "".join(f"{oid}\n" for oid in oids).encode()


def _absent(repository: Repository, oids: frozenset[str]) -> frozenset[str]:
    """Those of the ids that no object has. git takes its time over each that is asked for and missing."""
    if not oids:
        return oids
    from secopskit.git.objects.slices import all_objects  # no matter for a hook

    return oids.difference(all_objects(repository).among(oids))


def _ids(path: str) -> bytes:
    """The lines of a list below its header. Raises ConfigError."""
    data = read_small(path, limit=_LIMIT)
    ids = data.removeprefix(HEADER)
    if not data.startswith(HEADER) or not _IDS.fullmatch(ids):
        raise ConfigError(
            f"{path}: is not a list of purged objects",
            advice=f"A purge writes it: <git dir>/secops/purged/{EXPORT}.",
        )
    return ids


def keep(place: str, name: str, data: bytes) -> str:
    """Write a file that nobody else may read, whole or not at all; its path. Raises SecopsError."""
    from secopskit.state.private import private_directory, replace_whole  # a hook only reads

    path = os.path.join(place, name)
    try:
        private_directory(os.path.dirname(place))
        private_directory(place)
        replace_whole(path, data)
    except OSError as error:
        raise SecopsError(
            f"{path}: cannot be written: {error.strerror}", advice="Check the directory's mode."
        ) from None
    return path
