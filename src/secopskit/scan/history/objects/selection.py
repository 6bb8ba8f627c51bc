"""Which objects to scan: all that the repository holds, or those of a range of commits."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import IO, Final

from secopskit.errors import GitError, UsageError
from secopskit.findings import SkipReason
from secopskit.git.process import damaged_object
from secopskit.git.repository import Repository
from secopskit.named_tuple import NamedTuple

MISSING: Final = b"missing"
UNREADABLE: Final = b"unreadable"
_NOT_THERE: Final = {MISSING: SkipReason.MISSING_OBJECT, UNREADABLE: SkipReason.UNREADABLE}
_MISSING_MARK: Final = b"?"  # as `git rev-list --missing=print` has it
# One answer of `git cat-file --batch-check`, if its kind holds text. A tree does not.
_SCANNED: Final = re.compile(rb"^(blob|commit|tag) ([0-9a-f]{40,64}) (\d+)$", re.MULTILINE)
# What it answers for an object that it cannot read, for it is only asked about those that are there.
_NO_ANSWER: Final = re.compile(rb"^([0-9a-f]{40,64}) missing$", re.MULTILINE)


class Selection(NamedTuple):
    """Objects to scan and the commits that tell about them.

    `revisions` are arguments for `git log` and `git rev-list`; with `everything`, all objects
    of the repository are scanned, reachable or not, and `revisions` only tell about them. `new_refs` are
    the names of refs that come with the objects; with `everything`, those of all refs are looked at.
    Of an `exact` one, no more may be told than its commits brought: where nobody can say, that is an error.
    """

    revisions: tuple[str, ...]
    everything: bool
    words: str
    new_refs: tuple[str, ...] = ()
    exact: bool = False


WHOLE_HISTORY = Selection(revisions=("--all", "--reflog"), everything=True, words="history")


def commits_of(repository: Repository, revisions: str) -> Selection:
    """What a range (`A..B`, or any revision) brings.

    Raises UsageError if git knows no such thing, GitError where it cannot read it.
    """
    words = revisions.split()
    if any(word.startswith("..") for word in words):
        # git would take HEAD..HEAD, in which there is nothing: a gate that has looked at nothing.
        raise UsageError(
            f"{revisions}: the range begins with no commit", advice="Is a variable of the command line empty?"
        )
    if not words or any(word.startswith("-") for word in words) or not _are_known(repository, words):
        raise UsageError(
            f"{revisions}: git knows no such revision or range",
            advice="Name commits, as in v1.0..HEAD; --since takes a day, too: 2026-01-31.",
        )
    return Selection(revisions=tuple(words), everything=False, words=f"commits {revisions}", exact=True)


def _are_known(repository: Repository, words: Sequence[str]) -> bool:
    """Whether git knows the revisions `words`. Raises GitError where it cannot follow them to their end."""
    try:
        repository.run("rev-list", "-n1", *words, "--")
    except GitError as error:
        damaged = damaged_object(error)
        if damaged and not any(damaged in word for word in words):
            raise
        return False
    return True


def sizes(repository: Repository, oids: Iterable[bytes] | None) -> Iterator[tuple[str, bytes, int]]:
    """(object id, kind, size) of `oids`, or of every object in pack order where it is None.

    Only kinds that hold text, and those of no kind: `MISSING` ones, marked with a `?`, and those that are
    there and `UNREADABLE`. Raises GitError.
    """
    import tempfile  # where nothing has changed, git is asked for no sizes

    words = ["cat-file", "--batch-check=%(objecttype) %(objectname) %(objectsize)", "--buffer"]
    with tempfile.TemporaryFile() as wanted:
        if oids is None:
            words += ["--batch-all-objects", "--unordered"]
        else:
            for oid in oids:
                if oid.startswith(_MISSING_MARK):
                    yield oid[1:].decode(), MISSING, 0
                else:
                    wanted.write(oid + b"\n")
            wanted.seek(0)
        with repository.stream(*words, stdin=wanted) as output:
            for block in _blocks(output):
                for kind, oid, size in _SCANNED.findall(block):
                    yield oid.decode(), kind, int(size)
                if b" missing\n" in block:
                    yield from ((oid.decode(), UNREADABLE, 0) for oid in _NO_ANSWER.findall(block))


def range_objects(repository: Repository, revisions: Sequence[str]) -> Iterator[bytes]:
    """The ids of all objects that a range of commits brings, missing ones with a `?`. Raises GitError."""
    with repository.stream("rev-list", "--objects", "--missing=print", *revisions, "--") as output:
        for line in lines(output):
            yield line.partition(b" ")[0]


def pack_objects(repository: Repository, index: str) -> Iterator[bytes]:
    """The ids of the objects in the pack that has this index file. Raises GitError."""
    with (
        open(index, "rb") as file,
        repository.stream("show-index", *_format(repository), stdin=file) as output,
    ):
        for line in lines(output):
            yield line.split(b" ")[1]


def _format(repository: Repository) -> tuple[str, ...]:
    return (f"--object-format={repository.object_format}",) if repository.object_format != "sha1" else ()


def _blocks(output: IO[bytes]) -> Iterator[bytes]:
    """The output in large pieces of whole lines."""
    rest = b""
    while block := output.read(1 << 18):
        whole, newline, rest_of_block = block.rpartition(b"\n")
        if newline:
            yield rest + whole + newline
            rest = rest_of_block
        else:
            rest += block


def lines(output: IO[bytes]) -> Iterator[bytes]:
    """The lines of a child's output, without their ends. Iterating over it would read byte by byte."""
    for block in _blocks(output):
        yield from block[:-1].split(b"\n")


_FIRST_SLICE: Final = 8 * 1024 * 1024
_LARGEST_SLICE: Final = 192 * 1024 * 1024
_MOST_OBJECTS: Final = 8000


def slices(
    objects: Iterable[tuple[str, bytes, int]], limit: int, skipped: list[tuple[str, SkipReason]]
) -> Iterator[list[str]]:
    """Slices of work: lists of object ids, in the order given.

    The first are small, so that all workers begin at once and a small repository is shared
    evenly; later ones spare git its start. What is larger than `limit`, missing or unreadable goes to
    `skipped`.
    """
    current, weight, most = list[str](), 0, _FIRST_SLICE
    for oid, kind, size in objects:
        if kind in _NOT_THERE:
            skipped.append((oid, _NOT_THERE[kind]))
        elif size > limit:
            skipped.append((oid, SkipReason.TOO_LARGE))
        else:
            current.append(oid)
            weight += size
        if weight >= most or len(current) >= _MOST_OBJECTS:
            yield current
            current, weight, most = [], 0, min(most + _FIRST_SLICE, _LARGEST_SLICE)
    if current:
        yield current
