"""The check of redacted files: between the values, all that stood in the old one stands in the new one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice
from operator import attrgetter
from typing import Final

from secopskit.git.objects.lasting import ObjectReader
from secopskit.git.workers import WorkerPool
from secopskit.named_tuple import NamedTuple
from secopskit.progress import Progress
from secopskit.purge.model import ARCHIVE_NOTE, BinaryFormat, Extent, Rewrite
from secopskit.purge.proof.deviation import deviation
from secopskit.purge.values.binary import binary_format
from secopskit.purge.values.crew import ObjectWorker

# So many at a time for a process; fewer in all are not worth one.
_PART: Final = 100


class RedactedBlob(NamedTuple):
    """An old blob and the new one, and the paths of the old one. An `archive` may have become a note."""

    old: str
    new: str
    paths: Sequence[str]
    archive: bool


def check_blobs(
    checkers: WorkerPool[BlobCheck], rewrite: Rewrite, extent: Extent, progress: Progress
) -> dict[str, BinaryFormat]:
    """Check all new blobs; the formats of the old ones that are no text.

    The `checkers` see old and new objects. Raises SecopsError if one is not what it was, but for the values.
    """
    blobs = [
        RedactedBlob(old, new, tuple(extent.paths.get(old, ())), old in rewrite.archives)
        for old, new in rewrite.blobs.items()
    ]
    # The versions of a file together: each is put together from others, and most texts are known.
    rest = iter(sorted(blobs, key=attrgetter("paths")))
    parts = iter(lambda: list(islice(rest, _PART)), [])
    binary: dict[str, BinaryFormat] = {}
    for formats in checkers.map(BlobCheck.check, parts):
        progress.advance(len(formats))
        binary |= {oid: format_ for oid, format_ in formats.items() if format_}
    return {oid: binary[oid] for oid in rewrite.blobs if oid in binary}


class BlobCheck(ObjectWorker):
    """Holds new blobs against old ones, in one process."""

    def check(self, blobs: Sequence[RedactedBlob]) -> dict[str, BinaryFormat | None]:
        """The formats of the old ones, by their ids; None for text. Raises SecopsError."""
        formats: dict[str, BinaryFormat | None] = {}
        pairs = read_pairs(self._reader, {blob.old: blob.new for blob in blobs})
        for blob, (_, before, after) in zip(blobs, pairs, strict=True):
            noted = blob.archive and after == ARCHIVE_NOTE
            formats[blob.old] = None if noted else self._checked(blob, before, after)
        return formats

    def _checked(self, blob: RedactedBlob, before: bytes, after: bytes) -> BinaryFormat | None:
        if self._matcher.contains(after) or not (
            self._cut_out(before, after, blob.old)
            or after == self._matcher.redact(before, oid=blob.old, paths=blob.paths)
        ):
            raise deviation(f"blob {blob.old} was changed beyond what is to be removed")
        format_ = binary_format(before)
        if format_ and len(after) != len(before):
            raise deviation(f"blob {blob.old} is no text and has another length")
        return format_

    def _cut_out(self, before: bytes, after: bytes, oid: str) -> bool:
        """Whether all that stands between the values in `before` stands in `after`, in this order."""
        at = end = 0
        for hit in self._matcher.spans(before, oid):
            piece = before[end : hit.start]
            found = after.find(piece, at) if end else (0 if after.startswith(piece) else -1)
            if found < 0:
                return False
            at, end = found + len(piece), hit.end
        return end > 0 and after.endswith(before[end:]) and len(after) - len(before) + end >= at


def read_pairs(reader: ObjectReader, objects: Mapping[str, str]) -> Iterator[tuple[str, bytes, bytes]]:
    """The old and the new content of each of `objects`, by the old one's id."""
    contents = reader.many(chain.from_iterable(objects.items()))
    for old, (_, before), (_, after) in zip(objects, contents, contents, strict=True):
        yield old, before, after
