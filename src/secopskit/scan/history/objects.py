"""The scan of a repository's objects: slices to the pool, then names, commits and places."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from secopskit.findings import ScanResult, SkipReason
from secopskit.git.history.log import Log
from secopskit.git.repository import Repository
from secopskit.scan.detectors import DetectorOptions, Detectors
from secopskit.scan.history import worker
from secopskit.scan.history.cache import CachedScan, HistoryCache, Holdings, refs_digest
from secopskit.scan.history.places import Attribution
from secopskit.scan.history.selection import Selection, pack_objects, range_objects, sizes, slices
from secopskit.scan.history.worker import SliceResult
from secopskit.scan.run import Tally, conclude
from secopskit.scan.sieve import Sieve
from secopskit.scan.sighting import Sighting


@dataclass(slots=True, kw_only=True)
class Harvest:
    """What the workers brought: sightings by blob, blobs to look at by name, what was skipped."""

    blobs: int = 0
    bytes: int = 0
    sightings: dict[str, list[Sighting]] = field(default_factory=dict)
    named: set[str] = field(default_factory=set)
    skipped: list[tuple[str, SkipReason]] = field(default_factory=list)

    def add(self, result: SliceResult) -> None:
        """Take in what a worker found in a slice."""
        self.blobs += result.blobs
        self.bytes += result.bytes
        self.named.update(result.named)
        self.skipped += result.skipped
        self.add_sightings(result)

    def add_sightings(self, result: SliceResult) -> None:
        """Take in the sightings alone, of objects that were counted before."""
        for fields in result.sightings:
            sighting = Sighting.from_wire(fields)
            self.sightings.setdefault(sighting.oid or "", []).append(sighting)


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryOptions:
    """How to scan objects.

    `limit` is the largest blob read, in bytes; `jobs` 0 means all cores. With `cache`, what
    the scan learns is kept in the git directory for the next one.
    """

    detectors: DetectorOptions
    limit: int
    jobs: int = 0
    cache: bool = True


def scan_history(
    repository: Repository,
    selection: Selection,
    options: HistoryOptions,
    sieve: Sieve,
    *,
    key: Callable[[], bytes],
    progress: Callable[[int], None] | None = None,
    detectors: Detectors | None = None,
) -> ScanResult:
    """Scan the selected objects, each once. Raises GitError, ConfigError.

    `detectors` are those that the options describe, if they are made already.
    """
    started = time.perf_counter()
    detectors = detectors or Detectors.open(options.detectors)
    job = _Job(repository, selection, options, detectors)
    tally = job.run(progress or (lambda _bytes: None))
    return conclude(
        f"{selection.words} of {repository.root}", tally, detectors, sieve, key=key, started=started
    )


class _Job:
    """One scan: what is new is read, what is known is remembered."""

    def __init__(
        self, repository: Repository, selection: Selection, options: HistoryOptions, detectors: Detectors
    ) -> None:
        self._repository = repository
        self._selection = selection
        self._options = options
        self._detectors = detectors
        self._pool = worker.history_workers(repository, detectors, options.detectors, jobs=options.jobs)
        self._cache = self._open_cache()
        self._memory = (self._cache and self._cache.load()) or CachedScan()

    def run(self, progress: Callable[[int], None]) -> Tally:
        """Scan, attribute, and remember."""
        holdings = Holdings.of(self._repository) if self._cache else None
        if holdings and self._memory.outlived(holdings):
            self._memory = CachedScan()
        known = self._memory
        refs = refs_digest(self._repository) if self._cache else ""
        new = self._new_objects(holdings)
        unchanged = new is not None and not new and refs == known.refs
        log = None if unchanged else Log(self._repository, "-c", *self._selection.revisions)
        try:
            harvest = Harvest()
            self._read(new, harvest, progress)
            cached = self._recall(harvest)
            tally = Tally(blobs=harvest.blobs, size=harvest.bytes, cached_objects=cached)
            tally.limits += _limits(self._repository)
            attribution = Attribution(self._repository, self._detectors, self._pool, harvest, known)
            attribution.run(log, tally, self._selection)
        finally:
            self._pool.close()
            if log:
                log.close()
        if self._cache and holdings and not unchanged:
            self._cache.save(_memory(harvest, attribution, holdings, refs))
        return tally

    def _open_cache(self) -> HistoryCache | None:
        """The cache, if it was asked for and there is a place of ours for its key."""
        keys = self._options.detectors.cache
        if not self._options.cache or not self._selection.everything or not keys:
            return None
        options = self._options.detectors
        label = f"{self._options.limit}/{options.decode_depth}/{','.join(options.plugins)}/".encode()
        return HistoryCache(self._repository, keys, label + self._detectors.ruleset.label)

    def _new_objects(self, holdings: Holdings | None) -> list[bytes] | None:
        """The objects that no earlier scan has seen; None where that is all of them."""
        if not self._selection.everything:
            return list(range_objects(self._repository, self._selection.revisions))
        if holdings is None or not self._memory.refs:
            return None
        seen, known = set(self._memory.packs), {oid.encode() for oid in self._memory.loose}
        indexes = [index for pack, index in holdings.packs.items() if pack not in seen]
        packed = (oid for index in indexes for oid in pack_objects(self._repository, index))
        loose = sorted(holdings.loose.difference(self._memory.loose))
        return [*(oid for oid in packed if oid not in known), *map(str.encode, loose)]

    def _read(self, new: Iterable[bytes] | None, harvest: Harvest, progress: Callable[[int], None]) -> None:
        if new == []:
            return
        work = slices(sizes(self._repository, new), self._options.limit, harvest.skipped)
        for result in self._pool.map(worker.run_slice, work):
            harvest.add(result)
            progress(result.bytes)

    def _recall(self, harvest: Harvest) -> int:
        """Add what earlier scans learnt, objects with findings read again. How many objects were spared."""
        known = self._memory
        fresh = harvest.sightings.keys() | {oid for oid, _ in harvest.skipped}
        dirty = [oid for oid in known.dirty if oid not in fresh]
        for result in self._pool.map(worker.run_slice, _batches(dirty)):
            harvest.add_sightings(result)
        harvest.named.update(known.named)
        harvest.skipped += [pair for pair in known.skipped if pair[0] not in fresh]
        harvest.blobs += known.blobs
        harvest.bytes += known.bytes
        return known.blobs - len(dirty) if known.refs else 0


def _batches(oids: list[str], size: int = 500) -> Iterator[list[str]]:
    return (oids[start : start + size] for start in range(0, len(oids), size))


def _memory(harvest: Harvest, attribution: Attribution, holdings: Holdings, refs: str) -> CachedScan:
    return CachedScan(
        packs=list(holdings.packs),
        loose=sorted(holdings.loose),
        blobs=harvest.blobs,
        bytes=harvest.bytes,
        dirty=attribution.dirty,
        named=sorted(harvest.named),
        skipped=harvest.skipped,
        looked=attribution.looked,
        dirty_pairs=attribution.dirty_pairs,
        refs=refs,
        events=attribution.events_to_keep(),
    )


def _limits(repository: Repository) -> list[str]:
    limits = []
    if repository.shallow:
        limits.append(
            "This is a shallow clone: commits before its boundary were not seen (git fetch --unshallow)."
        )
    if repository.partial:
        limits.append("This is a partial clone: objects that were not fetched were not seen.")
    return limits
