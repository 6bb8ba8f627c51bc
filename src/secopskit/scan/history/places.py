"""The second half of a history scan: names, commits and refs for what the workers found."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import IO, TYPE_CHECKING, Final

from secopskit.findings import Provenance, Skipped
from secopskit.git.history.log import Events, Log, Refs, Wanted, read_events
from secopskit.git.repository import Repository
from secopskit.git.workers import WorkerPool
from secopskit.scan.assemble import Located
from secopskit.scan.detectors import Detectors
from secopskit.scan.history import worker
from secopskit.scan.history.cache import CachedScan
from secopskit.scan.history.provenance import Tips, of_messages, provenance
from secopskit.scan.history.selection import Selection, sizes
from secopskit.scan.history.worker import Worker
from secopskit.scan.run import Tally
from secopskit.scan.sighting import Sighting

if TYPE_CHECKING:
    from secopskit.scan.history.objects import Harvest

_COMMIT_MESSAGE: Final = "<commit message>"
_TAG_MESSAGE: Final = "<tag message>"
_LOG_ENDED: Final = "git log ended early (objects are missing): some commits could not be told."
_MAX_NAMED_SKIPS: Final = 10_000
_BATCH: Final = 500


class Attribution:
    """Turns a harvest into places. `known` is what an earlier scan learnt.

    After `run`: `dirty` objects, the (object id, path) pairs `looked` at by name, and those
    of them with findings.
    """

    def __init__(
        self,
        repository: Repository,
        detectors: Detectors,
        pool: WorkerPool[Worker],
        harvest: Harvest,
        known: CachedScan,
    ) -> None:
        self._repository = repository
        self._detectors = detectors
        self._pool = pool
        self._harvest = harvest
        self._refs = Refs.read(repository)
        self._events = Events()
        self._known = known
        self._oids = set(harvest.sightings)
        self._oids.update(oid for oid, _ in harvest.skipped[:_MAX_NAMED_SKIPS])
        self._unnamed = set(harvest.named)
        self.dirty = sorted(harvest.sightings)
        self.looked: list[tuple[str, str]] = []
        self.dirty_pairs: list[tuple[str, str]] = []

    def run(self, log: Log | None, tally: Tally, selection: Selection) -> None:
        """Fill `tally`. Without a `log` nothing has changed since `known` was learnt."""
        if log:
            if not self._read(log, tally):  # what the messages say does not need the objects that lack
                self._read_also(tally, "-s", *selection.revisions)
            if selection.everything and (self._unnamed or self._untold()):
                self._read_unreachable(tally, selection)
            self._look_by_name(self._pairs())
        else:
            self._events = self._known.events
            self.looked = self._known.looked
            self._look(self._known.dirty_pairs)
        self._locate(tally)

    def events_to_keep(self) -> Events:
        """The events of what was found or skipped: all that an unchanged repository asks for again."""
        kept = self._harvest.sightings.keys() | {oid for oid, _ in self._harvest.skipped}
        by_blob = {oid: found for oid, found in self._events.by_blob.items() if oid in kept}
        return Events(by_blob=by_blob, commits=self._events.commits)

    # --- what the log tells -------------------------------------------------------------------

    def _wanted(self) -> Wanted:
        objects = {oid.encode() for oid in self._oids | self._harvest.named}
        always = lru_cache(maxsize=1 << 16)(lambda path: self._detectors.wants_always(os.fsdecode(path)))
        return Wanted(objects, always, self._concerns)

    def _concerns(self, oid: str, path: str) -> bool:
        self._unnamed.discard(oid)
        if oid in self._oids:
            return True
        by_name = oid in self._harvest.named or self._detectors.wants_always(path)
        return by_name and self._detectors.wants(path)

    def _read(self, log: Log, tally: Tally) -> bool:
        """Take in what a log tells; whether that is all it should."""
        complete = log.wait()
        if not complete and _LOG_ENDED not in tally.limits:
            tally.limits.append(_LOG_ENDED)
        read_events(log, self._refs, self._wanted(), self._events)
        return complete

    def _untold(self) -> bool:
        """Whether there are findings in objects that no commit brought, as far as we know."""
        brought = {oid for oid, found in self._events.by_blob.items() if any(e.brings for e in found)}
        told = brought | self._events.commits.keys() | self._refs.tags.keys()
        return not told.issuperset(self._harvest.sightings)

    def _read_unreachable(self, tally: Tally, selection: Selection) -> None:
        """What is told by commits that no ref reaches any more."""
        with tempfile.TemporaryFile() as tips:
            commits = (oid for oid, kind, _ in sizes(self._repository, None) if kind == b"commit")
            tips.writelines(f"{oid}\n".encode() for oid in commits)
            tips.seek(0)
            self._read_also(tally, "-m", "--stdin", "--not", *selection.revisions, stdin=tips)

    def _read_also(self, tally: Tally, *arguments: str, stdin: IO[bytes] | None = None) -> None:
        log = Log(self._repository, *arguments, stdin=stdin)
        try:
            self._read(log, tally)
        finally:
            log.close()

    # --- a second look, by name ---------------------------------------------------------------

    def _pairs(self) -> list[tuple[str, str]]:
        """The blobs whose name makes a detector or a rule responsible for them."""
        return [
            (oid, path)
            for oid in self._events.by_blob
            for path in self._events.paths(oid)
            if self._detectors.wants(path)
            and (oid in self._harvest.named or self._detectors.wants_always(path))
        ]

    def _look_by_name(self, pairs: list[tuple[str, str]]) -> None:
        """Look at the pairs that no earlier scan has found clean."""
        clean = set(self._known.looked).difference(self._known.dirty_pairs)
        self.looked = pairs
        self._look([pair for pair in pairs if pair not in clean])

    def _look(self, pairs: list[tuple[str, str]]) -> None:
        tasks = (pairs[start : start + _BATCH] for start in range(0, len(pairs), _BATCH))
        found: dict[str, list[Sighting]] = {}
        for result in self._pool.map(worker.run_named, tasks):
            for fields in result.sightings:
                sighting = Sighting.from_wire(fields)
                found.setdefault(sighting.oid or "", []).append(sighting)
        self.dirty_pairs = sorted({(oid, s.path) for oid, sightings in found.items() for s in sightings})
        for oid, sightings in found.items():
            looked_at = {sighting.path for sighting in sightings}
            others = [path for path in self._events.paths(oid) if path not in looked_at]
            unnamed = [s.at(path) for s in self._harvest.sightings.get(oid, ()) for path in others]
            self._harvest.sightings[oid] = [*sightings, *unnamed]

    # --- places ---------------------------------------------------------------------------------

    def _locate(self, tally: Tally) -> None:
        """Every sighting with its path and provenance: one location for a secret in a file."""
        groups: dict[tuple[object, str], list[Sighting]] = {}
        for sighting in self._named_sightings():
            groups.setdefault((sighting.secret or sighting.rule_id, sighting.path), []).append(sighting)
        tips = Tips(self._repository, self._refs, list(dict.fromkeys(path for _, path in groups)))
        tally.located += [self._place(path, group, tips) for (_, path), group in groups.items()]
        tally.skipped += self._skips()

    def _named_sightings(self) -> Iterator[Sighting]:
        """In an order that does not depend on which worker was faster."""
        for oid, found in sorted(self._harvest.sightings.items()):
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
        commits = [self._events.commits[oid] for oid in oids if oid in self._events.commits]
        if commits:
            told = of_messages(commits, self._refs)
            return next(sighting for sighting in group if sighting.oid == told.last_commit), told
        if tag := next((self._refs.tags[oid] for oid in sorted(oids) if oid in self._refs.tags), None):
            return group[0], Provenance(refs=(tag,), present=True)
        events = self._events.by_blob
        found = [(event, oid) for oid in oids for event in events.get(oid, ()) if event.path == path]
        found.sort(key=lambda pair: (*pair[0].commit.age, pair[0].brings, pair[1]))
        newest = next((oid for event, oid in found if event.brings), None)
        shown = next((sighting for sighting in group if sighting.oid == newest), group[0])
        return shown, provenance(oids, path, [event for event, _ in found], self._refs, tips)

    def _skips(self) -> Iterable[Skipped]:
        for oid, reason in sorted(self._harvest.skipped, key=lambda skip: skip[0]):
            name = next(iter(self._events.paths(oid)), f"<object {oid[:12]}>")
            yield Skipped(path=name, reason=reason, detail=oid)
