"""One scan from beginning to end: content through detectors through the sieve to a result."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from secopskit.findings import ScanResult, ScanStats, Skipped, SkipReason
from secopskit.named_tuple import NamedTuple
from secopskit.progress import NO_PROGRESS, Progress
from secopskit.scan.content.detectors import Detectors
from secopskit.scan.content.examine import Examiner, examine
from secopskit.scan.judging.sieve import EVERYTHING, ScanScope, Sieve
from secopskit.scan.names import PATH_NAME, found_in_names

if TYPE_CHECKING:
    from secopskit.detect.ruleset import Ruleset
    from secopskit.scan.assemble import Located
    from secopskit.scan.content.occurrence import Occurrence
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
    jobs: int = 1,
) -> ScanResult:
    """Scan `source`. `key` gives the fingerprint key; `progress` is told files. Raises GitError.

    Of `scope`, the lines that count are those of the source. `jobs` is a number of processes, 0 for one a
    core.
    """
    started = time.perf_counter()
    examiner = Examiner(source, detectors, sieve.excluded)
    if scope.foresee:
        examiner.foresee = partial(_foresee, scope.foresee, sieve, detectors.ruleset)
    content = examine(examiner, jobs=jobs, progress=progress)
    named = found_in_names(detectors, content.names, PATH_NAME)
    read = UnsievedScan(
        located=[(found, None) for found in (*content.found, *(found for _, found in named))],
        skipped=content.skipped,
        limits=source.limits,
        blobs=content.blobs,
        bytes=content.bytes,
    )
    scope = scope._replace(counts=source.counts)
    return conclude(source.target, read, detectors, sieve, key=key, started=started, scope=scope)


def _foresee(tell: Callable[[Occurrence], None], sieve: Sieve, ruleset: Ruleset, found: Occurrence) -> None:
    """Tell early of what may be reported."""
    if sieve.may_report(found, ruleset):
        tell(found)


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
