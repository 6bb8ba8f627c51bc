"""Files without the values: all cores read them and take the values out, one process writes the pack."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from operator import itemgetter
from typing import Final, TypeAlias

from secopskit.git.objects.packwriter import PackedObject, PackWriter, packed_whole
from secopskit.git.workers import WorkerPool
from secopskit.progress import Progress
from secopskit.purge.values.crew import ObjectWorker

# So many at a time for a process; fewer in all are not worth one.
_PART: Final = 100

_Blobs: TypeAlias = dict[str, tuple[str, ...]]
"""The paths of blobs, by their ids."""


def redact_blobs(
    redactors: WorkerPool[Redactor],
    blobs: Mapping[str, tuple[str, ...]],
    pack: PackWriter,
    progress: Progress,
) -> dict[str, str]:
    """Old ids to new ones, of those of `blobs` (with their paths) that change; these go into `pack`.

    Raises SecopsError if a value cannot be taken out, or the disk is full; GitError.
    """
    made: dict[str, str] = {}
    for part in redactors.map(Redactor.redact, _parts(blobs)):
        for oid, new in part.items():
            progress.advance(1)
            if new:
                pack.put(new)
                made[oid] = new.oid.hex()
    return {oid: made[oid] for oid in blobs if oid in made}


class Redactor(ObjectWorker):
    """Takes the values out of blobs, in one process."""

    def redact(self, blobs: _Blobs) -> dict[str, PackedObject | None]:
        """What each of `blobs` becomes, None where it stays. Raises SecopsError, GitError."""
        return {
            oid: self._redacted(oid, old.data, paths)
            for (oid, paths), old in zip(blobs.items(), self._reader.many(blobs), strict=True)
        }

    def _redacted(self, oid: str, old: bytes, paths: tuple[str, ...]) -> PackedObject | None:
        new = self._matcher.redact(old, oid=oid, paths=paths)
        return None if new == old else packed_whole("blob", new, "sha1" if len(oid) == 40 else "sha256")


def _parts(blobs: Mapping[str, tuple[str, ...]]) -> Iterator[_Blobs]:
    # The versions of a file together: each is put together from others, and most texts are known.
    rest = iter(sorted(blobs.items(), key=itemgetter(1)))
    while part := dict(islice(rest, _PART)):
        yield part
