"""Many paths at once: however many are asked about, the history is walked once."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator
from typing import IO, Final

from secopskit.git.repository import Repository
from secopskit.named_tuple import NamedTuple
from secopskit.purge.model import Drop

# git holds every entry of a tree against every place that it is given.
_MOST_PLACES: Final = 200
_CHUNK: Final = 1 << 20
# Full history: else git leaves out a branch whose version a merge did not take.
_CHANGES: Final = ("--full-history", "--format=%H", "--raw", "--no-abbrev", "--no-renames", "-m", "-z")


class PathChange(NamedTuple):
    """At `path`, `commit` has the object `new`, and one of its parents `old`; zeros stand for none."""

    commit: str
    old: str
    new: str
    path: str


def changes_at(repository: Repository, paths: Collection[str], *words: str) -> Iterator[PathChange]:
    """What came, changed or went at `paths` or below, in the commits that `words` for `git log` choose.

    To be read to its end. Raises GitError.
    """
    wanted = frozenset(paths)
    if not wanted:
        return
    literal = (f":(top,literal){place}" for place in covering(wanted))
    with repository.stream("log", *words, *_CHANGES, "--", *literal) as output:
        commit, fields = "", nul_fields(output)
        for field in fields:
            about = field.lstrip(b"\n")
            if not about.startswith(b":"):
                commit = about.decode()
                continue
            # :<mode> <mode> <old id> <new id> <status>, then the path
            path, (_, _, old, new, _) = os.fsdecode(next(fields)), about.decode().split(" ")
            if not wanted.isdisjoint(upwards(path)):
                yield PathChange(commit, old, new, path)


def covering(paths: Collection[str]) -> tuple[str, ...]:
    """A few places, at or below which all `paths` are: they, or directories above them; none for anywhere."""
    places = set(paths)
    parts = max((place.count("/") for place in places), default=0)
    while len(places) > _MOST_PLACES and parts:
        places = {"/".join(place.split("/")[:parts]) for place in places}
        parts -= 1
    return tuple(sorted(places)) if len(places) <= _MOST_PLACES else ()


def upwards(path: str) -> Iterator[str]:
    """The path, and each directory above it."""
    while path:
        yield path
        path = path.rpartition("/")[0]


def nul_fields(output: IO[bytes]) -> Iterator[bytes]:
    """What git tells with a NUL behind each field, as it comes."""
    rest = b""
    while chunk := output.read(_CHUNK):
        *whole, rest = (rest + chunk).split(b"\0")
        yield from whole


class DropSet:
    """The drops of a purge by their paths: a file is held against those at it and above it alone."""

    def __init__(self, drops: Iterable[Drop]) -> None:
        self._keeps: dict[str, list[frozenset[str]]] = {}
        for drop in drops:
            self._keeps.setdefault(drop.path, []).append(drop.keep)

    def takes(self, path: str, oid: str) -> bool:
        """Whether one of them takes this file or directory of a tree: see `Drop.takes`."""
        keeps = (keep for place in upwards(path) for keep in self._keeps.get(place, ()))
        return any(oid not in keep for keep in keeps)

    def covers(self, path: str) -> bool:
        """Whether one of them is at this path or above it, whatever it keeps there."""
        return any(place in self._keeps for place in upwards(path))
