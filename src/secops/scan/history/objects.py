"""The scan of a repository's objects: slices to the pool, names from the log, places to the tally."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from secops.findings import Provenance, ScanResult, Skipped, SkipReason
from secops.git import Repository
from secops.scan.assemble import Located
from secops.scan.detectors import DetectorOptions, Detectors
from secops.scan.history import worker
from secops.scan.history.attribution import Events, Log, Refs, read_events
from secops.scan.history.pool import Pool
from secops.scan.history.provenance import Tips, provenance
from secops.scan.history.selection import Selection, Slicer, range_objects, sizes
from secops.scan.history.worker import SliceResult
from secops.scan.run import Tally, conclude
from secops.scan.sieve import Sieve
from secops.scan.sighting import Sighting

_COMMIT_MESSAGE = "<commit message>"
_TAG_MESSAGE = "<tag message>"
_MAX_NAMED_SKIPS = 10_000


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
        for fields in result.sightings:
            sighting = Sighting.from_wire(fields)
            self.sightings.setdefault(sighting.oid or "", []).append(sighting)


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryOptions:
    """How to scan objects. `limit` is the largest blob read, in bytes; `jobs` 0 means all cores."""

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
) -> ScanResult:
    """Scan the selected objects, each once. Raises GitError, ConfigError."""
    started = time.perf_counter()
    detectors = Detectors.open(options.detectors)  # compiles the rules, if need be, before workers start
    pool = Pool(repository, options.detectors, jobs=options.jobs)
    log = Log(repository, *selection.revisions)
    try:
        harvest = _harvest(repository, selection, options, pool, progress)
        tally = Tally(blobs=harvest.blobs, bytes=harvest.bytes, limits=_limits(repository))
        _Attribution(repository, detectors, pool, harvest, tally).run(log)
    finally:
        log.close()
    return conclude(f"{selection.words} of {repository.root}", tally, detectors, sieve, key=key, started=started)


def _harvest(
    repository: Repository,
    selection: Selection,
    options: HistoryOptions,
    pool: Pool,
    progress: Callable[[int], None] | None,
) -> Harvest:
    harvest = Harvest()
    slicer = Slicer(options.limit, harvest.skipped)
    wanted = None if selection.everything else range_objects(repository, selection.revisions)
    for result in pool.map(worker.run_slice, slicer.slices(sizes(repository, wanted))):
        harvest.add(result)
        if progress:
            progress(result.bytes)
    return harvest


def _limits(repository: Repository) -> list[str]:
    limits = []
    if repository.shallow:
        limits.append("This is a shallow clone: commits before its boundary were not seen (git fetch --unshallow).")
    if repository.partial:
        limits.append("This is a partial clone: objects that were not fetched were not seen.")
    return limits


class _Attribution:
    """The second half: names, commits and refs for what the workers found."""

    def __init__(self, repository: Repository, detectors: Detectors, pool: Pool, harvest: Harvest, tally: Tally) -> None:
        self._repository = repository
        self._detectors = detectors
        self._pool = pool
        self._harvest = harvest
        self._tally = tally
        self._refs = Refs.read(repository)
        self._events = Events()
        self._oids = set(harvest.sightings)
        self._oids.update(oid for oid, _ in harvest.skipped[:_MAX_NAMED_SKIPS])

    def run(self, log: Log) -> None:
        """Fill the tally."""
        self._read(log)
        lost = self._oids - self._events.by_blob.keys() - self._events.commits.keys() - self._refs.tags.keys()
        if lost:
            self._read_more()
        self._look_by_name()
        self._locate()

    def _wanted(self, oid: str, path: str) -> bool:
        if oid in self._oids:
            return True
        by_name = oid in self._harvest.named or self._detectors.wants_always(path)
        return by_name and self._detectors.wants(path)

    def _read(self, log: Log) -> None:
        if not log.wait():
            self._tally.limits.append("git log ended early (objects are missing): some commits could not be told.")
        read_events(log, self._refs, self._wanted, self._oids.__contains__, self._events)

    def _read_more(self) -> None:
        """What only merges brought, and what no ref reaches any more."""
        with tempfile.TemporaryFile() as tips:
            commits = (oid for oid, kind, _ in sizes(self._repository, None) if kind == b"commit")
            tips.writelines(f"{oid}\n".encode() for oid in commits)
            for arguments in (("-c", "--merges", "--all", "--reflog"), ("-m", "--stdin", "--not", "--all", "--reflog")):
                tips.seek(0)
                log = Log(self._repository, *arguments, stdin=tips if "--stdin" in arguments else None)
                try:
                    self._read(log)
                finally:
                    log.close()

    def _look_by_name(self) -> None:
        """A second look at blobs whose name makes a detector or a rule responsible for them."""
        pairs = [
            (oid, path)
            for oid in self._events.by_blob
            for path in self._events.paths(oid)
            if self._detectors.wants(path) and (oid in self._harvest.named or self._detectors.wants_always(path))
        ]
        tasks = (pairs[start : start + 500] for start in range(0, len(pairs), 500))
        named = Harvest()
        for result in self._pool.map(worker.run_named, tasks):
            named.add(result)
        for oid, found in named.sightings.items():
            looked_at = {sighting.path for sighting in found}
            paths = [path for path in self._events.paths(oid) if path not in looked_at]
            unnamed = [s.at(path) for s in self._harvest.sightings.get(oid, ()) for path in paths]
            self._harvest.sightings[oid] = [*found, *unnamed]

    def _locate(self) -> None:
        """Every sighting with its path and provenance: one location for a secret in a file."""
        groups: dict[tuple[object, str], list[Sighting]] = {}
        for sighting in self._named_sightings():
            identity = sighting.secret or sighting.rule_id
            groups.setdefault((identity, sighting.path), []).append(sighting)
        tips = Tips(self._repository, self._refs, list(dict.fromkeys(path for _, path in groups)))
        for (_, path), group in groups.items():
            self._tally.located.append(self._place(path, group, tips))
        self._tally.skipped += self._skips()

    def _named_sightings(self) -> Iterator[Sighting]:
        for oid, found in self._harvest.sightings.items():
            for sighting in found:
                if sighting.path:
                    yield sighting
                else:
                    yield from (sighting.at(path) for path in self._paths(oid))

    def _paths(self, oid: str) -> list[str]:
        if oid in self._events.commits:
            return [_COMMIT_MESSAGE]
        if oid in self._refs.tags:
            return [f"{_TAG_MESSAGE} {self._refs.tags[oid]}"]
        return self._events.paths(oid) or [f"<unreachable object {oid[:12]}>"]

    def _place(self, path: str, group: Sequence[Sighting], tips: Tips) -> Located:
        """The sightings of one secret in one file's versions, as one: where it stood last."""
        oids = frozenset(s.oid for s in group if s.oid)
        if commit := next((self._events.commits[oid] for oid in oids if oid in self._events.commits), None):
            told = Provenance(
                commit=commit.oid, first_commit=commit.oid, last_commit=commit.oid, author=commit.author,
                date=commit.date, last_date=commit.date, refs=self._refs.reached(commit.refs), present=bool(commit.refs),
            )  # fmt: skip
            return group[0], told
        events = sorted(
            (event for oid in oids for event in self._events.by_blob.get(oid, ())),
            key=lambda event: -event.commit.time,
        )
        newest = next((e for e in events if e.brings and e.path == path), None)
        newest_oids = {oid for oid in oids if newest and newest in self._events.by_blob.get(oid, ())}
        shown = next((s for s in group if s.oid in newest_oids), group[0])
        return shown, provenance(oids, path, events, self._refs, tips)

    def _skips(self) -> Iterable[Skipped]:
        for oid, reason in self._harvest.skipped:
            name = next(iter(self._events.paths(oid)), f"<object {oid[:12]}>")
            yield Skipped(path=name, reason=reason, detail=oid)
