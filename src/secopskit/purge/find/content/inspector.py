"""The inspection of a slice of objects in one process: all values are looked for, and each hit is judged.

A tree is binary: only the names in it count. Nor do the ids in the header of a commit or tag.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Final

from secopskit.errors import GitError
from secopskit.git.objects.bulk import Batch, BulkReader, Entry
from secopskit.git.objects.committext import is_signed
from secopskit.git.objects.slices import width_of
from secopskit.git.repository import Repository
from secopskit.named_tuple import NamedTuple
from secopskit.progress import still_at_work
from secopskit.purge.find.content.archived import ArchiveLook, archive_look, archives_in
from secopskit.purge.find.content.packed import PackedObjects, open_packed
from secopskit.purge.find.naming import message_of, words_in
from secopskit.purge.model import BinaryFormat
from secopskit.purge.values.binary import binary_format
from secopskit.purge.values.matcher import Hit, ValueMatcher

if TYPE_CHECKING:
    from secopskit.git.packs.portions import Portion

_MOST_UNREADABLE: Final = 100
_BY_PEOPLE: Final = ("commit", "tag")
# The lines of a commit's or tag's header that hold nothing but an object id.
_ID_LINES: Final = re.compile(rb"(?:(?:tree|parent|object) [0-9a-f]{40,64}\n)*")


class ObjectHit(NamedTuple):
    """An object in which targets stand: its id, git's word for its kind, and their numbers."""

    oid: str
    kind: str
    numbers: tuple[int, ...]


@dataclass(slots=True, kw_only=True)
class InspectionResult:
    """The result for a slice, in plain values that may cross a pipe.

    `large` are objects to be read as a stream, `doubtful` those that git has to read. `id_words` are the
    words in messages of commits that may be ids of commits, `signed` the commits and tags with a signature,
    `formats` those of blobs in which something stands. `weight` is that of portions, or the bytes, of which
    nobody was told yet.
    """

    found: list[ObjectHit] = field(default_factory=list)
    archives: list[ArchiveLook] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    large: list[str] = field(default_factory=list)
    doubtful: list[str] = field(default_factory=list)
    id_words: dict[str, tuple[str, ...]] = field(default_factory=dict)
    signed: list[str] = field(default_factory=list)
    formats: dict[str, BinaryFormat | None] = field(default_factory=dict)
    bytes_read: int = 0
    weight: int = 0

    def note(self, oid: str, kind: str, data: bytes) -> None:
        """Note of a commit what words in its message may be ids of commits; of a tag, too, a signature."""
        if kind == "commit" and (words := words_in(message_of(data))):
            self.id_words[oid] = words
        if is_signed(kind, data):
            self.signed.append(oid)


class Inspector:
    """An inspector: the values and the repository of one process. With `packed`, portions of it, too."""

    def __init__(
        self, repository: Repository, matcher: ValueMatcher, packed: PackedObjects | None = None
    ) -> None:
        self._reader = BulkReader(repository)
        self._packed = packed
        self._matcher = matcher
        self._width = width_of(repository)

    def inspect(self, oids: bytes) -> InspectionResult:
        """Look into the objects `oids` (hexadecimal, each followed by a newline), once each.

        What git cannot read counts as missing. Raises GitError if that is much.
        """
        return self._each(oids, self._look)

    def inspect_bound(self, oids: bytes) -> InspectionResult:
        """Look into the blobs `oids` for the targets that are bound to them too."""
        return self._each(oids, self._look_alone)

    def inspect_portions(self, portions: Sequence[Portion]) -> InspectionResult:
        """Look into the objects of portions of the packs. Raises GitError where these are others now."""
        if self._packed is None:
            raise GitError("the packs have changed", advice="Is another git packing? Try again.")
        result, reader, matcher, told = InspectionResult(), self._packed.reader(), self._matcher, 0
        for chunk in chain.from_iterable(map(reader.chunks, portions)):
            result.weight += still_at_work(reader.weight - told)
            told = reader.weight
            for one in chunk.objects:
                result.bytes_read += len(one.content)
                if one.kind == "blob":
                    look = archive_look(one.content, matcher, one.oid)
                    result.archives += [look] if look else []
                elif one.kind in _BY_PEOPLE:
                    result.note(one.oid, one.kind, one.content)
            for each in chunk.settle(matcher.signs(chunk.data)):
                one = each.read
                hits = matcher.judged(one.content, each.hits())
                if not hits:  # as it is with most signs; a tree's names are many
                    continue
                texts = text_parts(one.kind, one.content, self._width)
                found = list(_in_texts(one.oid, one.kind, hits, texts))
                result.found += found
                if found and one.kind == "blob":  # nobody need read it again to know
                    result.formats[one.oid] = binary_format(one.content)
        result.weight += still_at_work(reader.weight - told)
        result.large += [one.oid for one in reader.large]
        result.doubtful += [doubt.oid for doubt in reader.doubtful]
        return result

    def close(self) -> None:
        """End the git process behind it."""
        self._reader.close()

    def _each(self, oids: bytes, look: Callable[[Batch], Iterable[ObjectHit]]) -> InspectionResult:
        result, pending = InspectionResult(), [oids]
        while pending:
            part = pending.pop()
            try:
                batch = self._reader.read(part)
            except GitError:
                pending += _halves(part, result.missing)
                if len(result.missing) > _MOST_UNREADABLE:
                    raise
                continue
            with batch.data:
                result.found += look(batch)
                result.archives += archives_in(batch, self._matcher)
                for entry in batch.entries():
                    if entry.kind in _BY_PEOPLE:
                        result.note(entry.oid, entry.kind, bytes(batch.data[entry.start : entry.end]))
                result.bytes_read += len(batch.data)
                result.weight += still_at_work(len(batch.data))
            result.missing += batch.missing
        return result

    def _look(self, batch: Batch) -> Iterator[ObjectHit]:
        by_entry: dict[Entry, list[Hit]] = {}
        for hit in self._matcher.hits(batch.data):
            if entry := batch.entry_at(hit.start, hit.end):
                own = hit._replace(start=hit.start - entry.start, end=hit.end - entry.start)
                by_entry.setdefault(entry, []).append(own)
        for entry, hits in by_entry.items():
            data = bytes(batch.data[entry.start : entry.end]) if entry.kind != "blob" else b""
            yield from _in_texts(entry.oid, entry.kind, hits, text_parts(entry.kind, data, self._width))

    def _look_alone(self, batch: Batch) -> Iterator[ObjectHit]:
        for entry in batch.entries():
            numbers = self._matcher.contains(batch.data[entry.start : entry.end], entry.oid)
            if numbers and entry.kind == "blob":
                yield ObjectHit(entry.oid, entry.kind, numbers)


def inspector_maker(
    repository: Repository, matcher: ValueMatcher, *, packed: bool = False, only: bytes | None = None
) -> Callable[[], Inspector]:
    """What makes an inspector in a process that shares nothing with this one; `packed`: by its packs.

    Then these are for the objects `only` (ids in binary, joined), if that is given.
    """
    return partial(_from_wire, repository, matcher.to_wire(), packed, only)


def _from_wire(repository: Repository, wire: bytes, packed: bool, only: bytes | None) -> Inspector:
    matcher = ValueMatcher.from_wire(wire)
    return Inspector(repository, matcher, open_packed(repository, matcher, only) if packed else None)


def _halves(oids: bytes, unreadable: list[str]) -> list[bytes]:
    """A list of ids in two parts; the id of a single one is added to `unreadable` instead."""
    lines = oids.splitlines(keepends=True)
    if len(lines) == 1:
        unreadable.append(lines[0].decode().strip())
        return []
    middle = len(lines) // 2
    return [b"".join(lines[middle:]), b"".join(lines[:middle])]


def text_parts(kind: str, data: bytes, width: int) -> list[tuple[int, int]] | None:
    """Where text stands in an object of this kind, as half-open offsets in order; None for everywhere.

    `width` is that of an object id in bytes. A broken tree ends early.
    """
    match kind:
        case "tree":
            return list(_names(data, width))
        case "blob":
            return None
        case _:
            ids = _ID_LINES.match(data)
            return [(ids.end() if ids else 0, len(data))]


def _names(tree: bytes, width: int) -> Iterator[tuple[int, int]]:
    start = tree.find(b" ") + 1
    while start > 0:
        end = tree.find(b"\0", start)
        if end < 0:
            return
        yield start, end
        start = tree.find(b" ", end + 1 + width) + 1


def _in_texts(
    oid: str, kind: str, hits: Iterable[Hit], texts: list[tuple[int, int]] | None
) -> Iterator[ObjectHit]:
    """What the hits in an object come to; those that are not within its `texts` do not count."""
    own = (hit for hit in hits if _inside(hit.start, hit.end, texts))
    if numbers := tuple(sorted({number for hit in own for number in hit.numbers})):
        yield ObjectHit(oid, kind, numbers)


def _inside(start: int, end: int, texts: list[tuple[int, int]] | None) -> bool:
    if texts is None:
        return True
    at = bisect_right(texts, start, key=lambda text: text[0]) - 1
    return at >= 0 and end <= texts[at][1]
