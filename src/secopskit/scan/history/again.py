"""What the last scan of a repository came to, for one in which nothing has changed since.

Whoever scans again and again asks for little else, so this needs none of what a scan needs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from functools import partial

from secopskit.git.repository import Repository
from secopskit.named_tuple import NamedTuple
from secopskit.scan.content.detectors import Detectors
from secopskit.scan.content.occurrence import Occurrence
from secopskit.scan.history.cache import HistoryCache, asked_refs
from secopskit.scan.history.memory.places import Recall
from secopskit.scan.history.memory.unchanged import read_back, state_of
from secopskit.scan.history.objects.objectfiles import ObjectFiles
from secopskit.scan.history.objects.selection import Selection
from secopskit.scan.history.options import HistoryOptions
from secopskit.scan.run import UnsievedScan


class Present(NamedTuple):
    """What is there now.

    The digests `refs` and `state` are those that the next scan compares with; empty without a `cache`.
    """

    cache: HistoryCache | None
    files: ObjectFiles
    refs: str
    state: str


def present(
    repository: Repository, selection: Selection, options: HistoryOptions, detectors: Detectors
) -> Present:
    """What is there, and the cache, if it was asked for. Raises GitError."""
    asked = asked_refs(repository) if _may_keep(selection, options) else None
    cache = _cache(repository, options, detectors) if asked else None
    files = ObjectFiles.of(repository)
    refs = asked() if asked else ""
    return Present(cache, files, refs, state_of(repository, files, refs) if asked else "")


def told_again(
    now: Present, repository: Repository, options: HistoryOptions, detectors: Detectors
) -> UnsievedScan | None:
    """What the last scan came to, if it saw just what is there now. Raises GitError."""
    kept = now.cache.load_result() if now.cache and not now.files.unreadable else None
    if not kept:
        return None
    return read_back(
        kept, now.state, Recall(repository, partial(_look, repository, options, detectors, now.files.loose))
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
    from secopskit.scan.history.reading.tasks import history_workers, run_named, run_slice

    workers = history_workers(repository, detectors, options.detectors, loose=loose, jobs=1)
    with closing(workers) as pool:
        if named:
            pairs = [(oid, path) for oid, paths in files.items() for path in paths]
            results = pool.map(run_named, [pairs])
        else:
            results = pool.map(run_slice, [list(files)])
        for result in results:
            yield from map(Occurrence.from_wire, result.occurrences)


def _may_keep(selection: Selection, options: HistoryOptions) -> bool:
    """Whether a cache was asked for, and there is a place of ours for its key."""
    return options.cache and selection.everything and bool(options.detectors.cache)


def _cache(repository: Repository, options: HistoryOptions, detectors: Detectors) -> HistoryCache:
    how = options.detectors
    label = f"{options.limit}/{how.decode_depth}/{','.join(how.plugins)}/{how.archives}/".encode()
    return HistoryCache(repository, how.cache or "", label + detectors.ruleset.label)
