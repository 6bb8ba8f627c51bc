"""Where a scan of a history begins: what an earlier one knows of it, and what it leaves to the next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial

from secopskit.findings import SkipReason
from secopskit.git.repository import Repository
from secopskit.scan.content.detectors import Detectors
from secopskit.scan.content.occurrence import Occurrence
from secopskit.scan.history.attribution.attribute import Attribution
from secopskit.scan.history.cache import (
    CachedScan,
    HistoryCache,
    every_object,
    has_lost,
    refs_digest,
    unseen_objects,
)
from secopskit.scan.history.memory.commits import tips_of
from secopskit.scan.history.memory.places import Recall, places_of
from secopskit.scan.history.memory.unchanged import read_back, state_of
from secopskit.scan.history.objects.objectfiles import ObjectFiles
from secopskit.scan.history.objects.selection import Selection, range_objects
from secopskit.scan.history.options import HistoryOptions
from secopskit.scan.history.reading.named import NamedScan
from secopskit.scan.history.reading.read import Harvest
from secopskit.scan.history.reading.tasks import history_workers, run_named, run_slice
from secopskit.scan.run import UnsievedScan


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryStart:
    """Where a scan begins: what an earlier one knows, and what is `new` since (None: every object).

    `files` and the digests `refs` and `state` are those that the next scan compares with; none of these two
    without a `cache`.
    """

    cache: HistoryCache | None
    known: CachedScan
    files: ObjectFiles
    refs: str
    new: list[bytes] | None
    state: str
    tips: tuple[str, ...]

    @property
    def unchanged(self) -> bool:
        """Whether neither an object nor a ref is new, and no name has to be found again."""
        return self.new == [] and self.refs == self.known.refs and not self.known.names

    @property
    def goes_on(self) -> bool:
        """Whether only commits that are new have to be told of."""
        return self.new is not None and self.known.goes_on(self.files)


def begin(
    repository: Repository, selection: Selection, options: HistoryOptions, detectors: Detectors
) -> HistoryStart | UnsievedScan:
    """The beginning of a scan, or all of it where nothing has changed since the last one."""
    cache = _cache(repository, selection, options, detectors)
    known, files, refs, state = CachedScan(), ObjectFiles.of(repository), "", ""
    tips: tuple[str, ...] = ()
    if cache:
        refs = refs_digest(repository)
        state = state_of(repository, files, refs)
        kept = None if files.unreadable else cache.load_result()
        recall = Recall(repository, partial(_look, repository, options, detectors, files.loose))
        if kept and (again := read_back(kept, state, recall)):
            return again
        known = cache.load() or known
        known = CachedScan() if has_lost(repository, files, known) else known
        tips = tips_of(repository, selection.revisions)
    if not selection.everything:
        new: list[bytes] | None = list(range_objects(repository, selection.revisions))
    else:
        everything = every_object(repository, files)
        new = unseen_objects(repository, files, known) if known.refs else everything
    return HistoryStart(cache=cache, known=known, files=files, refs=refs, new=new, state=state, tips=tips)


def memory_of(
    start: HistoryStart,
    harvest: Harvest,
    attribution: Attribution,
    named: NamedScan,
    skipped: Mapping[str, SkipReason],
) -> CachedScan:
    """What this scan leaves to the next one."""
    told = named.occurrences.keys() | skipped.keys()
    return CachedScan(
        packs=tuple(start.files.packs),
        loose=tuple(sorted(start.files.loose)),
        blobs=harvest.blobs,
        bytes=harvest.bytes,
        dirty=tuple(sorted(harvest.occurrences)),
        named=tuple(sorted(harvest.named.items())),
        skipped=tuple(skipped.items()),
        unopened=harvest.unopened,
        looked=tuple(dict.fromkeys((*named.pairs, *start.known.looked))) if start.goes_on else named.pairs,
        dirty_pairs=named.dirty_pairs,
        refs=start.refs,
        events=attribution.kept(told),
        places=places_of(harvest.occurrences),
        named_places=places_of(named.found),
        tips=start.tips,
        unnamed=tuple(sorted(attribution.unnamed)),
    )


def _look(
    repository: Repository,
    options: HistoryOptions,
    detectors: Detectors,
    loose: frozenset[str],
    files: Mapping[str, Sequence[str]],
    named: bool,
) -> Iterator[Occurrence]:
    """All that stands in the objects of `files` (paths by object id), judged by those names or without."""
    workers = history_workers(repository, detectors, options.detectors, loose=loose, jobs=1)
    with closing(workers) as pool:
        if named:
            pairs = [(oid, path) for oid, paths in files.items() for path in paths]
            results = pool.map(run_named, [pairs])
        else:
            results = pool.map(run_slice, [list(files)])
        for result in results:
            yield from map(Occurrence.from_wire, result.occurrences)


def _cache(
    repository: Repository, selection: Selection, options: HistoryOptions, detectors: Detectors
) -> HistoryCache | None:
    """The cache, if it was asked for and there is a place of ours for its key."""
    keys = options.detectors.cache
    if not options.cache or not selection.everything or not keys:
        return None
    how = options.detectors
    label = f"{options.limit}/{how.decode_depth}/{','.join(how.plugins)}/{how.archives}/".encode()
    return HistoryCache(repository, keys, label + detectors.ruleset.label)
