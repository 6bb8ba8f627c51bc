"""The scan of a repository's objects: read, attribute, look by name, locate, conclude.

Each stage takes values and returns one; nothing is filled in by two stages.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass

from secopskit.findings import ScanResult, SkipReason
from secopskit.git.history.log import Log, Refs
from secopskit.git.repository import Repository
from secopskit.scan.detectors import DetectorOptions, Detectors
from secopskit.scan.history.attribute import Attribution, attribute
from secopskit.scan.history.cache import CachedScan, HistoryCache, ObjectFiles, refs_digest, unseen_objects
from secopskit.scan.history.earlier import EarlierContent
from secopskit.scan.history.locate import locate, named_skips
from secopskit.scan.history.named import NamedScan, scan_named, scan_named_again
from secopskit.scan.history.read import Harvest, read
from secopskit.scan.history.selection import Selection, range_objects, sizes
from secopskit.scan.history.worker import history_workers
from secopskit.scan.run import UnsievedScan, conclude
from secopskit.scan.sieve import EVERYTHING, ScanScope, Sieve


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

    Of a range of commits, what its files held before is not reported. `detectors` are those
    that the options describe, if they are made already.
    """
    started = time.perf_counter()
    detectors = detectors or Detectors.open(options.detectors)
    unsieved = _scanned(repository, selection, options, detectors, progress or (lambda _bytes: None))
    scope = EVERYTHING
    if not selection.everything:
        scope = ScanScope(brings=EarlierContent(repository, detectors, options.limit).lacks)
    target = f"{selection.words} of {repository.root}"
    return conclude(target, unsieved, detectors, sieve, key=key, started=started, scope=scope)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Start:
    """Where a scan begins: what an earlier one knows, and what is `new` since (None: every object).

    `files` and the digest `refs` are those that the next scan compares with; empty without a `cache`.
    """

    cache: HistoryCache | None
    known: CachedScan
    files: ObjectFiles
    refs: str
    new: list[bytes] | None

    @property
    def unchanged(self) -> bool:
        """Whether neither an object nor a ref is new."""
        return self.new == [] and self.refs == self.known.refs


def _start(
    repository: Repository, selection: Selection, options: HistoryOptions, detectors: Detectors
) -> _Start:
    cache = _cache(repository, selection, options, detectors)
    known, files, refs = CachedScan(), ObjectFiles(), ""
    if cache:
        known = cache.load() or known
        files, refs = ObjectFiles.of(repository), refs_digest(repository)
        known = CachedScan() if known.outlived(files) else known
    if not selection.everything:
        new: list[bytes] | None = list(range_objects(repository, selection.revisions))
    else:
        new = unseen_objects(repository, files, known) if known.refs else None
    return _Start(cache=cache, known=known, files=files, refs=refs, new=new)


def _scanned(
    repository: Repository,
    selection: Selection,
    options: HistoryOptions,
    detectors: Detectors,
    progress: Callable[[int], None],
) -> UnsievedScan:
    """What is new is read, what is known is remembered, and all of it is kept for the next scan."""
    start = _start(repository, selection, options, detectors)
    with ExitStack() as stack:
        pool = stack.enter_context(
            closing(history_workers(repository, detectors, options.detectors, jobs=options.jobs))
        )
        log = None
        if not start.unchanged:  # git tells of commits while objects are read
            log = stack.enter_context(closing(Log(repository, "-c", *selection.revisions)))
        harvest = read(repository, pool, start.new, start.known, limit=options.limit, progress=progress)
        if log:
            attribution = attribute(repository, detectors, log, harvest, selection)
            there = {oid for oid, _, _ in sizes(repository, None)} if repository.partial else None
            named = scan_named(pool, detectors, harvest, attribution.events, start.known, there=there)
        else:
            attribution = Attribution(events=start.known.events, refs=Refs.read(repository))
            named = scan_named_again(pool, harvest, attribution.events, start.known)
        located = locate(repository, named.occurrences, attribution)
    skipped = tuple(dict.fromkeys((*harvest.skipped, *named.skipped)))
    if start.cache and not start.unchanged:
        start.cache.save(_memory(start, harvest, attribution, named, skipped))
    return UnsievedScan(
        located=located,
        skipped=named_skips(skipped, attribution.events),
        limits=(*_limits(repository), *attribution.limits),
        blobs=harvest.blobs,
        bytes=harvest.bytes,
        cached_objects=harvest.cached_objects,
    )


def _cache(
    repository: Repository, selection: Selection, options: HistoryOptions, detectors: Detectors
) -> HistoryCache | None:
    """The cache, if it was asked for and there is a place of ours for its key."""
    keys = options.detectors.cache
    if not options.cache or not selection.everything or not keys:
        return None
    how = options.detectors
    label = f"{options.limit}/{how.decode_depth}/{','.join(how.plugins)}/".encode()
    return HistoryCache(repository, keys, label + detectors.ruleset.label)


def _memory(
    start: _Start,
    harvest: Harvest,
    attribution: Attribution,
    named: NamedScan,
    skipped: tuple[tuple[str, SkipReason], ...],
) -> CachedScan:
    """What this scan leaves to the next one."""
    told = named.occurrences.keys() | {oid for oid, _ in skipped}
    # A damaged object is repaired in a file of the same name: it is asked for again.
    damaged = (oid for oid, reason in skipped if reason is SkipReason.MISSING_OBJECT)
    return CachedScan(
        packs=tuple(start.files.packs),
        loose=tuple(sorted(start.files.loose.difference(damaged))),
        blobs=harvest.blobs,
        bytes=harvest.bytes,
        dirty=tuple(sorted(harvest.occurrences)),
        named=tuple(sorted(harvest.named)),
        skipped=skipped,
        looked=named.pairs,
        dirty_pairs=named.dirty_pairs,
        refs=start.refs,
        events=attribution.kept(told),
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
