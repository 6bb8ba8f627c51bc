"""One scan from beginning to end: blobs through detectors through the sieve to a result."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cache

from secopskit.findings import (
    Blob,
    Finding,
    ScanResult,
    ScanStats,
    Skipped,
    SkipReason,
    Suppressed,
)
from secopskit.scan.assemble import Located, assemble
from secopskit.scan.detectors import Detectors
from secopskit.scan.sieve import Sieve
from secopskit.sources.interface import Source


class Tally:
    """What a scan has read so far."""

    def __init__(self, *, blobs: int = 0, size: int = 0, cached_objects: int = 0) -> None:
        self.blobs = blobs
        self.bytes = size
        self.cached_objects = cached_objects
        self.located: list[Located] = []
        self.skipped: list[Skipped] = []
        self.limits: list[str] = []


def scan(
    source: Source,
    detectors: Detectors,
    sieve: Sieve,
    *,
    key: Callable[[], bytes],
    progress: Callable[[int], None] | None = None,
) -> ScanResult:
    """Scan `source`. `key` gives the fingerprint key; `progress` is told bytes read. Raises GitError."""
    started = time.perf_counter()
    tally = Tally()
    for item in source.blobs():
        if isinstance(item, Skipped):
            tally.skipped.append(item)
        elif sieve.excluded(item.path):
            tally.skipped.append(Skipped(path=item.path, reason=SkipReason.EXCLUDED))
        else:
            _examine(item, source, detectors, tally)
            if progress:
                progress(len(item.data))
    tally.limits.extend(source.limits)
    return conclude(source.target, tally, detectors, sieve, key=key, started=started)


def _examine(blob: Blob, source: Source, detectors: Detectors, tally: Tally) -> None:
    tally.blobs += 1
    tally.bytes += len(blob.data)
    for sighting in detectors.examine(blob):
        if source.counts(sighting.path, sighting.line, sighting.end_line):
            tally.located.append((sighting, None))


def conclude(
    target: str, tally: Tally, detectors: Detectors, sieve: Sieve, *, key: Callable[[], bytes], started: float
) -> ScanResult:
    """The result that a tally comes down to. `started` is a `time.perf_counter` reading."""
    groups, key = sieve.early(tally.located), cache(key)
    findings: list[Finding] = []
    suppressed: list[Suppressed] = []
    for by, located in groups.items():
        assembled = assemble(located, detectors.ruleset, key)
        if by is not None:
            reasons = {(s.rule_id, s.secret): s.allowed for s, _ in located if s.allowed}
            suppressed += [
                Suppressed(finding=f, by=by, reason=reasons.get((f.rule_id, f.secret), "")) for f in assembled
            ]
            continue
        for outcome in sieve.late(assembled):
            if isinstance(outcome, Suppressed):
                suppressed.append(outcome)
            else:
                findings.append(outcome)
    stats = ScanStats(
        blobs=tally.blobs,
        bytes=tally.bytes,
        seconds=time.perf_counter() - started,
        cached_objects=tally.cached_objects,
        rules=len(detectors.ruleset),
        engine=detectors.ruleset.prefilter.name,
    )
    return ScanResult(
        target=target,
        findings=tuple(findings),
        suppressed=tuple(suppressed),
        skipped=tuple(tally.skipped),
        limits=tuple(tally.limits),
        stats=stats,
    )
