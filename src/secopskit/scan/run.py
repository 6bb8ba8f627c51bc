"""One scan from beginning to end: blobs through detectors through the sieve to a result."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from secopskit.findings import Blob, ScanResult, ScanStats, Skipped, SkipReason
from secopskit.progress import NO_PROGRESS, Progress, ProgressStage
from secopskit.scan.assemble import Located
from secopskit.scan.detectors import Detectors
from secopskit.scan.names import PATH_NAME, found_in_names
from secopskit.scan.sieve import EVERYTHING, ScanScope, Sieve

if TYPE_CHECKING:
    from secopskit.sources.interface import Source


class UnsievedScan(NamedTuple):
    """What a scan has read and what the detectors say of it, before the sieve.

    `blobs` and `bytes` count content; `cached_objects` those blobs that were not read again.
    """

    located: Sequence[Located]
    skipped: Sequence[Skipped]
    limits: Sequence[str]
    blobs: int
    bytes: int
    cached_objects: int = 0


def scan(
    source: Source,
    detectors: Detectors,
    sieve: Sieve,
    *,
    key: Callable[[], bytes],
    progress: Progress = NO_PROGRESS,
    scope: ScanScope = EVERYTHING,
) -> ScanResult:
    """Scan `source`. `key` gives the fingerprint key; `progress` is told files. Raises GitError.

    Of `scope`, the lines that count are those of the source.
    """
    started = time.perf_counter()
    read = _examine(source, detectors, sieve, progress, scope)
    scope = scope._replace(counts=source.counts)
    return conclude(source.target, read, detectors, sieve, key=key, started=started, scope=scope)


def _examine(
    source: Source,
    detectors: Detectors,
    sieve: Sieve,
    progress: Progress,
    scope: ScanScope,
) -> UnsievedScan:
    """Every blob of `source`, but for excluded paths: those are skipped unread. And the names of them all."""
    located, skipped, names = list[Located](), list[Skipped](), list[str]()
    blobs = size = 0
    progress.stage(ProgressStage.READING_FILES)
    for number, item in enumerate(source.blobs()):
        if not number:
            progress.expect(source.expected)
        if source.brings_name(item.path) and (not names or names[-1] != item.path):
            names.append(item.path)
        if isinstance(item, Skipped):
            skipped.append(item)
        elif sieve.excluded(item.path):
            skipped.append(Skipped(path=item.path, reason=SkipReason.EXCLUDED))
        else:
            first = item.part is None or item.part.start == 0
            blobs, size = blobs + first, size + _own(item)
            if first and item.part and detectors.wants(item.path):
                skipped.append(Skipped(path=item.path, reason=SkipReason.IN_PARTS))
            found, unread = detectors.look_into(item)
            located += [(occurrence, None) for occurrence in found]
            if scope.foresee:
                for one in found:
                    if sieve.may_report(one, detectors.ruleset):
                        scope.foresee(one)
            skipped += unread
        progress.advance(_begins(item))
    located += [(found, None) for _, found in found_in_names(detectors, names, PATH_NAME)]
    return UnsievedScan(located=located, skipped=skipped, limits=source.limits, blobs=blobs, bytes=size)


def _begins(item: Blob | Skipped) -> bool:
    """Whether it is not a further part of a file."""
    return isinstance(item, Skipped) or item.part is None or item.part.start == 0


def _own(blob: Blob) -> int:
    """How many bytes of a blob stand in no other one."""
    return blob.part.end - blob.part.start if blob.part else len(blob.data)


def conclude(
    target: str,
    read: UnsievedScan,
    detectors: Detectors,
    sieve: Sieve,
    *,
    key: Callable[[], bytes],
    started: float,
    scope: ScanScope = EVERYTHING,
) -> ScanResult:
    """The result that `read` comes down to. `started` is a `time.perf_counter` reading, in seconds."""
    findings, suppressed = sieve.sift(read.located, detectors.ruleset, key, scope)
    stats = ScanStats(
        blobs=read.blobs,
        bytes=read.bytes,
        seconds=time.perf_counter() - started,
        cached_objects=read.cached_objects,
        rules=len(detectors.ruleset),
        engine=detectors.ruleset.prefilter.name,
    )
    return ScanResult(
        target=target,
        findings=findings,
        suppressed=suppressed,
        skipped=tuple(
            one._replace(reason=SkipReason.EXCLUDED) if sieve.excludes(one.path) else one
            for one in read.skipped
        ),
        limits=tuple(read.limits),
        stats=stats,
    )
