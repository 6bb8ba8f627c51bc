"""Who brought a blob, when, under which name, and which refs reach it.

One `git log --raw` in topological order, newest first, is written to a file while the content
is scanned, and read once afterwards; only what concerns the wanted objects is kept.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO, Final, TypeAlias

from secops.git import Repository, start

_FORMAT: Final = "--format=%x01%H%x00%P%x00%an%x00%aI%x00%ct"
_NULL: Final = "0"
# Whether an object is of interest, given its id, its path and whether a commit brings or takes it.
Wanted: TypeAlias = Callable[[str, str, bool], bool]


@dataclass(frozen=True, slots=True)
class Commit:
    """What a report tells of a commit. `refs` is a bit mask over `Refs.names`.

    `position` counts from the newest commit of the log: it decides where dates are equal.
    """

    oid: str
    author: str
    date: str
    time: int
    parents: tuple[str, ...]
    refs: int
    position: int

    @property
    def age(self) -> tuple[int, int]:
        """Grows from the newest commit to the oldest."""
        return -self.time, self.position


@dataclass(frozen=True, slots=True)
class Event:
    """A commit that brought a blob to a path (`brings`), or took it from there."""

    commit: Commit
    path: str
    brings: bool
    other: str


@dataclass(slots=True)
class Events:
    """What the log said, newest first: events by blob, and the wanted commits themselves.

    `merges` keeps what only a whole log tells of a merge, its place and refs, for a log of
    merges alone.
    """

    by_blob: dict[str, list[Event]] = field(default_factory=dict)
    commits: dict[str, Commit] = field(default_factory=dict)
    merges: dict[str, tuple[int, int]] = field(default_factory=dict)
    told: int = 0

    def paths(self, oid: str) -> list[str]:
        """The names that a blob had, each once."""
        return list(dict.fromkeys(e.path for e in self.by_blob.get(oid, ()) if e.brings))


@dataclass(frozen=True, slots=True)
class Refs:
    """The repository's refs: their names, and which bits a commit that is a tip starts with."""

    names: tuple[str, ...]
    tips: Mapping[str, int]
    tags: Mapping[str, str]

    @classmethod
    def read(cls, repository: Repository) -> Refs:
        """The refs as they stand, HEAD among them. Raises GitError."""
        listing = repository.run("for-each-ref", "--format=%(objectname) %(*objectname) %(refname)")
        names, tips, tags = list[str](), dict[str, int](), dict[str, str]()
        for line in os.fsdecode(listing).splitlines():
            oid, peeled, name = line.split(" ", 2)
            tips[peeled or oid] = tips.get(peeled or oid, 0) | 1 << len(names)
            if peeled:
                tags[oid] = name
            names.append(name)
        if repository.succeeds("rev-parse", "-q", "--verify", "HEAD"):
            head = repository.run("rev-parse", "HEAD").decode().strip()
            tips[head] = tips.get(head, 0) | 1 << len(names)
            names.append("HEAD")
        return cls(tuple(names), tips, tags)

    def reached(self, mask: int) -> tuple[str, ...]:
        """The names of the bits of `mask`."""
        found = []
        while mask:
            low = mask & -mask
            found.append(self.names[low.bit_length() - 1])
            mask ^= low
        return tuple(found)


class Log:
    """A `git log` that runs beside us into a temporary file of ours."""

    def __init__(self, repository: Repository, *arguments: str, stdin: IO[bytes] | None = None) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `close`
        # `-s` asks for commits alone, as do places where trees are missing.
        what = () if "-s" in arguments else ("--raw", "--no-abbrev", "--no-renames")
        options = ("-z", *what, "--topo-order", _FORMAT)
        self._process: subprocess.Popen[bytes] = start(
            repository, "log", *options, *arguments, stdin=stdin, stdout=self._file
        )

    def wait(self) -> bool:
        """Wait for git to end; whether it told all (it stops early where objects are missing)."""
        return self._process.wait() == 0

    def fields(self) -> Iterator[bytes]:
        """The NUL-separated fields, from the beginning."""
        self._file.seek(0)
        rest = b""
        while block := self._file.read(1 << 20):
            fields = (rest + block).split(b"\0")
            rest = fields.pop()
            yield from fields
        if rest:
            yield rest

    def close(self) -> None:
        """End git if it still runs, and drop the file."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        self._file.close()


def read_events(log: Log, refs: Refs, wanted: Wanted, commits: Callable[[str], bool], into: Events) -> None:
    """Add to `into` the events of every blob and path that is `wanted`, and the wanted `commits`."""
    pending: dict[str, int] = {}
    fields = log.fields()
    commit: Commit | None = None
    for item in fields:
        if item[:1] == b"\x01":
            commit = _commit(item, fields, refs, pending, into)
            if commits(commit.oid):
                into.commits.setdefault(commit.oid, commit)
        elif commit is not None and item:  # an empty field stands before what a merge brought
            words = item.lstrip(b"\n").decode("ascii", "replace").split(" ")
            path = os.fsdecode(next(fields, b""))
            if words[0].startswith(":"):
                _add_events(words, path, commit, wanted, into)


def _commit(
    head: bytes, fields: Iterator[bytes], refs: Refs, pending: dict[str, int], into: Events
) -> Commit:
    oid = head[1:].decode()
    parents = tuple(next(fields, b"").decode().split())
    author, date, time = (next(fields, b"").decode("utf-8", "replace") for _ in range(3))
    mask = pending.pop(oid, 0) | refs.tips.get(oid, 0)
    for parent in parents:
        pending[parent] = pending.get(parent, 0) | mask
    position = into.told
    into.told += 1
    if len(parents) > 1:
        position, mask = into.merges.setdefault(oid, (position, mask))
    return Commit(oid, author, date, int(time) if time.strip().isdigit() else 0, parents, mask, position)


def _add_events(words: list[str], path: str, commit: Commit, wanted: Wanted, into: Events) -> None:
    """One line of `--raw`: as many colons as parents, then modes, then the parents' blobs and the new one."""
    parents = len(words[0]) - len(words[0].lstrip(":"))
    olds, new = words[parents + 1 : 2 * parents + 1], words[2 * parents + 1]
    if new.strip(_NULL) and wanted(new, path, True):
        into.by_blob.setdefault(new, []).append(Event(commit, path, True, olds[0]))
    for old in olds:
        if old.strip(_NULL) and wanted(old, path, False):
            into.by_blob.setdefault(old, []).append(Event(commit, path, False, new))
