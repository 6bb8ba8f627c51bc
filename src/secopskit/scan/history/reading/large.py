"""Blobs beyond the size limit: searched in parts, one after the other, once their names are known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from secopskit.errors import GitError
from secopskit.findings import BlobPart, Skipped, SkipReason
from secopskit.git.history.events import Events
from secopskit.git.repository import Repository
from secopskit.progress import Progress, ProgressStage
from secopskit.scan.content.detectors import Detectors
from secopskit.scan.content.occurrence import Occurrence
from secopskit.sources.windows import windows


@dataclass(frozen=True, slots=True, kw_only=True)
class LargeBlobs:
    """What large blobs hold, by object id, and what was not scanned of them. `bytes` counts what was."""

    occurrences: Mapping[str, Sequence[Occurrence]]
    skipped: Mapping[str, SkipReason]
    blobs: int = 0
    bytes: int = 0


def scan_large(
    repository: Repository,
    detectors: Detectors,
    oids: Sequence[str],
    events: Events,
    progress: Progress,
) -> LargeBlobs:
    """Search the blobs `oids`. Each is judged by its first name, and an occurrence stands at all of them."""
    found, skipped = dict[str, list[Occurrence]](), dict[str, SkipReason]()
    blobs = size = 0
    if oids:
        progress.stage(ProgressStage.READING_LARGE)
    for oid in oids:
        path = next(iter(events.paths(oid)), "")
        try:
            with repository.stream("cat-file", "-p", oid) as output:
                for part in windows(path, output.read, oid):
                    if isinstance(part, Skipped):
                        skipped[oid] = part.reason
                        break
                    own = part.part or BlobPart(1, 1, 0, len(part.data))
                    blobs, size = blobs + (own.start == 0), size + own.end - own.start
                    found.setdefault(oid, []).extend(one.at("") for one in detectors.examine(part))
                    progress.advance(len(part.data))
        except GitError:
            skipped[oid] = SkipReason.UNREADABLE
        if oid not in skipped and detectors.wants(path):
            skipped[oid] = SkipReason.IN_PARTS
    occurrences = {oid: ones for oid, ones in found.items() if ones}
    return LargeBlobs(occurrences=occurrences, skipped=skipped, blobs=blobs, bytes=size)
