"""What a log tells, taken in: who brought a blob, when, under which name, and which refs reach it.

Only what concerns the wanted objects is kept.
"""

from __future__ import annotations

import os
import re
from binascii import unhexlify
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import IO, Final

from secopskit.errors import GitError
from secopskit.git.history.log import AUTHOR, CHANGES, DATE, OID, PARENTS, TIME, CommitLog, not_understood
from secopskit.git.repository import Repository
from secopskit.git.worktrees import linked_directory, work_trees
from secopskit.named_tuple import NamedTuple
from secopskit.progress import still_at_work

_NULLS: Final = {b"0" * 40: 0, b"0" * 64: 0}
_SUBMODULE: Final = b"160000"
_REF: Final = "%(objectname) %(*objectname) %(objecttype)/%(*objecttype) %(refname)"
_TOLD: Final = 200  # commits, of which a listener is told at once
_CHANGE: Final = re.compile(rb"(:[^\0]*)\0([^\0]*)\0")


class Wanted(NamedTuple):
    """What is of interest: an event of which the blob and the path have a bit in common.

    `objects` has the bits of blobs by their ids, as git prints them, `others` are those of every other one,
    and `path` tells those of a path. A commit is wanted that is among `objects`.
    """

    objects: Mapping[bytes, int]
    path: Callable[[bytes], int]
    others: int = 0


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
    """The repository's refs: their names, and which bits a commit that is a tip starts with.

    `tags` are the names of tag objects, `trees` and `blobs` those of refs that lead to such, by object id.
    """

    names: tuple[str, ...]
    tips: Mapping[str, int]
    tags: Mapping[str, str]
    trees: Mapping[str, str] = field(default_factory=dict)
    blobs: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, repository: Repository) -> Refs:
        """The refs as they stand, HEAD and those of linked work trees among them. Raises GitError.

        A tag that cannot be read stands for itself.
        """
        try:
            listing = repository.run("for-each-ref", f"--format={_REF}")
        except GitError:
            listing = _listed_one_by_one(repository)
        names, tips = list[str](), dict[str, int]()
        named: dict[str, dict[str, str]] = {"tag": {}, "tree": {}, "blob": {}}
        for line in os.fsdecode(listing).splitlines():
            oid, peeled, kinds, name = line.split(" ", 3)
            kind, inner = kinds.split("/")
            for each, what in ((oid, kind), (peeled, inner)):
                named.get(what, {}).setdefault(each, name)
            tips[peeled or oid] = tips.get(peeled or oid, 0) | 1 << len(names)
            names.append(name)
        for name, head in _heads(repository):
            tips[head] = tips.get(head, 0) | 1 << len(names)
            names.append(name)
        return cls(tuple(names), tips, named["tag"], named["tree"], named["blob"])

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
        lines.append(f"{oid} {peeled} {'tag' if peeled else ''}/ {name}\n")
    return os.fsencode("".join(lines))


def _heads(repository: Repository) -> Iterator[tuple[str, str]]:
    """HEAD, and that of every other work tree, by the name that git has for it."""
    if repository.succeeds("rev-parse", "-q", "--verify", "HEAD"):
        yield "HEAD", repository.run("rev-parse", "HEAD").decode().strip()
    for tree in work_trees(repository) if os.path.isdir(linked_directory(repository)) else ():
        name = f"worktrees/{tree.name}/HEAD" if tree.name else "main-worktree/HEAD"
        if tree.head and os.path.realpath(tree.git_dir) != os.path.realpath(repository.git_dir):
            yield name, tree.head


class LogNotes(NamedTuple):
    """What to note of all commits, wanted or not.

    `brought` is given the id of every blob that the log names, a line each, some of them more than once;
    `added` every path at which a commit has a file that a parent of it had not, and `reached` the ids of all
    commits, in binary, joined. The blobs that the log names are taken out of `unnamed`.
    """

    brought: IO[bytes] | None = None
    added: set[bytes] | None = None
    reached: bytearray | None = None
    unnamed: set[bytes] | None = None


NOTHING: Final = LogNotes()


def read_events(log: CommitLog, refs: Refs, wanted: Wanted, into: Events, noted: LogNotes = NOTHING) -> None:
    """Add to `into` the events of every blob, and the commits, that are `wanted`. Raises GitError."""
    pending = into.pending
    tips = {oid.encode(): mask for oid, mask in refs.tips.items()}
    wanted = wanted._replace(objects={**wanted.objects, **_NULLS})
    for told in log.commits():
        oid, parents, changes = told.group(OID, PARENTS, CHANGES)
        mask = tips.get(oid, 0) | pending.pop(oid, 0)
        for parent in parents.split():
            pending[parent] = pending.get(parent, 0) | mask
        head = _Head(told, mask, into.told)
        into.told += 1
        if not into.told % _TOLD:
            log.progress.advance(_TOLD)
            still_at_work()
        if noted.reached is not None:
            noted.reached.extend(unhexlify(oid))
        if oid in wanted.objects:
            into.commits.setdefault(oid.decode(), head.commit())
        for change, path in changes_in(changes):
            _take_in(change.split(b" "), path, head, wanted, into, noted)


def changes_in(changes: bytes) -> list[tuple[bytes, bytes]]:
    """The changes of one commit as `--raw` tells them: the words of each, and its path."""
    return _CHANGE.findall(changes)


def _take_in(
    words: list[bytes], path: bytes, head: _Head, wanted: Wanted, into: Events, noted: LogNotes
) -> None:
    """One line of `--raw`: as many colons as parents, then modes, then the parents' blobs and the new one."""
    parents = words[0].count(b":")
    if len(words) != 2 * parents + 3:
        raise not_understood()
    *olds, new = words[parents + 1 : -1]
    if noted.brought and _SUBMODULE not in words:
        noted.brought.write(b"%s\n" % new)
    if noted.added is not None and words[-1][:1] == b"A":
        noted.added.add(path)
    if noted.unnamed:
        noted.unnamed.discard(new)
        noted.unnamed.difference_update(olds)
    objects, bits, others = wanted.objects.get, wanted.path(path), wanted.others
    brings = objects(new, others) & bits
    gone = [old for old in olds if objects(old, others) & bits]
    if brings or gone:
        commit, name, blob = head.commit(), os.fsdecode(path), new.decode()
        if brings:
            into.by_blob.setdefault(blob, []).append(Event(commit, name, True, olds[0].decode()))
        for old in gone:
            into.by_blob.setdefault(old.decode(), []).append(Event(commit, name, False, blob))


class _Head:
    """A commit as the log spells it. Few of them are ever told of."""

    __slots__ = ("_commit", "_mask", "_position", "_told")

    def __init__(self, told: re.Match[bytes], mask: int, position: int) -> None:
        self._told = told
        self._mask = mask
        self._position = position
        self._commit: Commit | None = None

    def commit(self) -> Commit:
        """The commit, one and the same each time."""
        if self._commit is None:
            told = self._told
            author, date = (told[field].decode("utf-8", "replace") for field in (AUTHOR, DATE))
            seconds = int(told[TIME]) if told[TIME].strip().isdigit() else 0
            parents = tuple(told[PARENTS].decode().split())
            oid = told[OID].decode()
            self._commit = Commit(oid, author, date, seconds, parents, self._mask, self._position)
        return self._commit
