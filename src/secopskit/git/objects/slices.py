"""All objects of a repository, cut into slices of work, in the order in which packs hold them."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import IO, Final

from secopskit.git.objects.objectset import ObjectSet
from secopskit.git.repository import Repository
from secopskit.progress import still_at_work

LARGE: Final = 64 * 1024 * 1024
"""Bytes of an object beyond which it is not read whole."""

_FIRST_SLICE: Final = 2 * 1024 * 1024
_LARGEST_SLICE: Final = 32 * 1024 * 1024
_MOST_OBJECTS: Final = 8_000
# The type is not asked for: git would follow a delta's whole chain to tell it.
_QUESTION: Final = "--batch-check=%(objectname) %(objectsize)"
_ANSWER: Final = re.compile(rb"^([0-9a-f]{40,64}) (\d+)$", re.MULTILINE)
_NO_ANSWER: Final = re.compile(rb"^([0-9a-f]{40,64}) missing$", re.MULTILINE)


@dataclass(slots=True, kw_only=True)
class Listing:
    """What is there to read; filled while the slices are taken.

    `seen` are all ids of the slices and of `large`, in binary; `missing` are ids that git cannot read.
    """

    seen: list[bytes] = field(default_factory=list)
    large: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    def noted(self, oids: list[bytes]) -> bytes:
        """A slice of these ids, which are counted as seen."""
        self.seen.append(bytes.fromhex(b"".join(oids).decode()))
        return b"\n".join(oids) + b"\n"


def slices(repository: Repository, listing: Listing, *, oids: Iterable[str] | None) -> Iterator[bytes]:
    """Lists of object ids: `oids`, or all of the object database.

    A list has each id in hexadecimal and a newline after it. The first are short, so that all
    workers begin at once. Raises GitError.
    """
    current, weight, most = list[bytes](), 0, _FIRST_SLICE
    for block in _answers(repository, oids):
        listing.missing += (oid.decode() for oid in _NO_ANSWER.findall(block))
        for oid, answered in _ANSWER.findall(block):
            size = int(answered)
            if size > LARGE:
                listing.large.append(oid.decode())
                continue
            current.append(oid)
            weight += size
            if weight >= most or len(current) >= _MOST_OBJECTS:
                yield listing.noted(current)
                current, weight, most = [], 0, min(most * 2, _LARGEST_SLICE)
    if current:
        yield listing.noted(current)
    listing.seen.append(bytes.fromhex("".join(listing.large)))


def all_objects(repository: Repository) -> ObjectSet:
    """The ids of every object, borrowed and unreachable ones included. Raises GitError."""
    words = ("cat-file", "--batch-all-objects", "--batch-check=%(objectname)", "--buffer")
    joined = repository.run(*words).replace(b"\n", b"")
    still_at_work()
    return ObjectSet(bytes.fromhex(joined.decode()), width_of(repository))


def width_of(repository: Repository) -> int:
    """The bytes of an object id."""
    return 32 if repository.object_format == "sha256" else 20


def _answers(repository: Repository, oids: Iterable[str] | None) -> Iterator[bytes]:
    """What git says of the objects, in large pieces of whole lines."""
    with tempfile.TemporaryFile() as wanted:
        words = ["cat-file", _QUESTION, "--buffer"]
        if oids is None:
            words += ["--batch-all-objects", "--unordered"]
        else:
            wanted.writelines(f"{oid}\n".encode() for oid in oids)
            wanted.seek(0)
        with repository.stream(*words, stdin=wanted) as output:
            yield from _blocks(output)


def _blocks(output: IO[bytes]) -> Iterator[bytes]:
    rest = b""
    while block := output.read(1 << 18):
        whole, newline, rest_of_block = (rest + block).rpartition(b"\n")
        if newline:
            yield whole + newline
        rest = rest_of_block
