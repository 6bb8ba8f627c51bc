"""Who brought a blob, when, under which name, and which refs reach it.

One `git log --raw` in topological order, newest first, is written to a file while the content
is scanned, and read once afterwards; only what concerns the wanted objects is kept.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from binascii import unhexlify
from collections.abc import Callable, Iterator, Mapping, Set
from contextlib import suppress
from dataclasses import dataclass, field
from typing import IO, Final, NamedTuple

from secopskit.errors import GitError
from secopskit.git.repository import Repository
from secopskit.progress import NO_PROGRESS, Progress, still_at_work

_FORMAT: Final = "--format=%x01%H%x00%P%x00%an%x00%aI%x00%ct"
_NULL: Final = "0"
_SUBMODULE: Final = b"160000"
_TOLD: Final = 200  # commits, of which a listener is told at once


class Wanted(NamedTuple):
    """What is of interest: these objects (ids as git prints them), and files of certain names.

    `event` decides about a blob and a path of which one is; it is asked about both.
    """

    objects: Set[bytes]
    path: Callable[[bytes], bool]
    event: Callable[[str, str], bool]


class Commit(NamedTuple):
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


class Event(NamedTuple):
    """A commit that brought a blob to a path (`brings`), or took it from there."""

    commit: Commit
    path: str
    brings: bool
    other: str


@dataclass(slots=True)
class Events:
    """What the log said, newest first: events by blob, and the wanted commits themselves.

    `told` counts all commits that were read of; `pending` has the refs that reach those still to come.
    """

    by_blob: dict[str, list[Event]] = field(default_factory=dict)
    commits: dict[str, Commit] = field(default_factory=dict)
    told: int = 0
    pending: dict[bytes, int] = field(default_factory=dict, repr=False)

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
        """The refs as they stand, HEAD among them. Raises GitError.

        A tag that cannot be read stands for itself.
        """
        try:
            listing = repository.run("for-each-ref", "--format=%(objectname) %(*objectname) %(refname)")
        except GitError:
            listing = _listed_one_by_one(repository)
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
        bits = reversed(f"{mask:b}")  # looked at one by one: there may be thousands
        return tuple(name for name, bit in zip(self.names, bits, strict=False) if bit == "1")


def _listed_one_by_one(repository: Repository) -> bytes:
    """The refs of a repository in which git cannot read all of their objects."""
    lines = list[str]()
    for line in os.fsdecode(repository.run("for-each-ref", "--format=%(objectname) %(refname)")).splitlines():
        oid, name = line.split(" ", 1)
        peeled = ""
        if repository.succeeds("cat-file", "tag", oid):
            with suppress(GitError):
                peeled = repository.run("rev-parse", "-q", "--verify", f"{oid}^{{}}").decode().strip()
        lines.append(f"{oid} {peeled} {name}\n")
    return os.fsencode("".join(lines))


class Log:
    """A `git log` that runs beside us into a temporary file of ours.

    `progress` is told of the commits when they are read.
    """

    def __init__(
        self,
        repository: Repository,
        *arguments: str,
        stdin: IO[bytes] | None = None,
        progress: Progress = NO_PROGRESS,
    ) -> None:
        self.progress = progress
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `close`
        # `-s` asks for commits alone, as do places where trees are missing.
        what = () if "-s" in arguments else ("--raw", "--no-abbrev", "--no-renames")
        options = ("-z", *what, "--topo-order", _FORMAT)
        self._process: subprocess.Popen[bytes] = repository.start(
            "log", *options, *arguments, stdin=stdin, stdout=self._file
        )

    def wait(self) -> bool:
        """Wait for git to end; whether it told all (it stops early where objects are missing)."""
        return self._process.wait() == 0

    def fields(self) -> Iterator[bytes]:
        """The NUL-separated fields, from the beginning."""
        self._file.seek(0)
        rest = b""
        while block := self._file.read(1 << 18):
            still_at_work()
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


class LogNotes(NamedTuple):
    """What to note of all commits, wanted or not.

    `brought` is given the id of every blob that the log names, a line each, some of them more than once;
    `added` every path at which a commit has a file that a parent of it had not, and `reached` the ids of all
    commits, in binary, joined.
    """

    brought: IO[bytes] | None = None
    added: set[bytes] | None = None
    reached: bytearray | None = None


NOTHING: Final = LogNotes()


def read_events(log: Log, refs: Refs, wanted: Wanted, into: Events, noted: LogNotes = NOTHING) -> None:
    """Add to `into` the events of every blob, and the commits, that are `wanted`."""
    pending = into.pending
    tips = {oid.encode(): mask for oid, mask in refs.tips.items()}
    fields = log.fields()
    head = _Head(b"", b"", iter(()), 0, 0)
    for item in fields:
        if item[:1] == b"\x01":
            oid, parents = item[1:], next(fields, b"")
            mask = pending.pop(oid, 0) | tips.get(oid, 0)
            for parent in parents.split():
                pending[parent] = pending.get(parent, 0) | mask
            head = _Head(oid, parents, fields, mask, into.told)
            into.told += 1
            if not into.told % _TOLD:
                log.progress.advance(_TOLD)
            if noted.reached is not None:
                noted.reached.extend(unhexlify(oid))
            if oid in wanted.objects:
                into.commits.setdefault(oid.decode(), head.commit())
        elif item:  # an empty field stands before what a merge brought
            path, words = next(fields, b""), item.lstrip(b"\n").split(b" ")
            _note(words, path, noted)
            if not wanted.objects.isdisjoint(words) or wanted.path(path):
                _add_events(words, os.fsdecode(path), head, wanted, into)


def _note(words: list[bytes], path: bytes, noted: LogNotes) -> None:
    if noted.brought and words[0][:1] == b":" and _SUBMODULE not in words:
        noted.brought.write(b"%s\n" % words[-2])
    if noted.added is not None and words[-1][:1] == b"A":
        noted.added.add(path)


class _Head:
    """A commit as the log spells it. Few of them are ever told of."""

    __slots__ = ("_author", "_commit", "_date", "_parents", "_seconds", "oid", "position", "refs")

    def __init__(self, oid: bytes, parents: bytes, fields: Iterator[bytes], refs: int, position: int) -> None:
        self.oid = oid
        self._parents = parents
        self._author, self._date, self._seconds = next(fields, b""), next(fields, b""), next(fields, b"")
        self.refs = refs
        self.position = position
        self._commit: Commit | None = None

    def commit(self) -> Commit:
        """The commit, one and the same each time."""
        if self._commit is None:
            author, date = (text.decode("utf-8", "replace") for text in (self._author, self._date))
            seconds = int(self._seconds) if self._seconds.strip().isdigit() else 0
            parents = tuple(self._parents.decode().split())
            oid = self.oid.decode()
            self._commit = Commit(oid, author, date, seconds, parents, self.refs, self.position)
        return self._commit


def _add_events(words: list[bytes], path: str, head: _Head, wanted: Wanted, into: Events) -> None:
    """One line of `--raw`: as many colons as parents, then modes, then the parents' blobs and the new one."""
    parents = words[0].count(b":")
    if not 0 < parents < len(words) // 2:
        return
    olds, new = (
        [word.decode() for word in words[parents + 1 : 2 * parents + 1]],
        words[2 * parents + 1].decode(),
    )
    if new.strip(_NULL) and wanted.event(new, path):
        into.by_blob.setdefault(new, []).append(Event(head.commit(), path, True, olds[0]))
    for old in olds:
        if old.strip(_NULL) and wanted.event(old, path):
            into.by_blob.setdefault(old, []).append(Event(head.commit(), path, False, new))
