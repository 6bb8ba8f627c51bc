"""The first stage of a history scan, objects to occurrences: the new are read, the known remembered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeVar

from secopskit.findings import SkipReason
from secopskit.git.repository import Repository
from secopskit.git.workers import WorkerPool
from secopskit.progress import Progress, ProgressStage
from secopskit.scan.content.occurrence import Occurrence
from secopskit.scan.history.memory.cached_scan import CachedScan
from secopskit.scan.history.memory.places import plain_occurrences
from secopskit.scan.history.objects.selection import sizes, slices
from secopskit.scan.history.reading import tasks
from secopskit.scan.history.reading.crossing import PackedHits, SliceResult
from secopskit.scan.history.reading.packed import PackedHistory
from secopskit.scan.history.reading.worker import Worker

_BATCH: Final = 500
_Task = TypeVar("_Task")


@dataclass(frozen=True, slots=True, kw_only=True)
class Harvest:
    """What the objects hold, judged without their names.

    `occurrences` stand by object id. `named` are the blobs that need a look once their names are
    known, with the kinds of signs in them, `hits` the hits that count at it, packed, of those that were read
    now, from packs. `skipped` pairs of an object id and a reason. `cached_objects` were not read again.
    `unopened` has what was not looked into of archives: object id, path, and reason.
    """

    blobs: int
    bytes: int
    cached_objects: int
    occurrences: Mapping[str, Sequence[Occurrence]]
    named: Mapping[str, int]
    hits: dict[str, PackedHits] = field(default_factory=dict)
    skipped: tuple[tuple[str, SkipReason], ...]
    unopened: tuple[tuple[str, str, str], ...] = ()

    def give_hits(self, oids: Iterable[str]) -> dict[str, PackedHits]:
        """The hits in `oids`. All others are forgotten: processes that start now need no copy of them."""
        given = {oid: self.hits[oid] for oid in oids if oid in self.hits}
        self.hits.clear()
        return given


def read(
    repository: Repository,
    pool: WorkerPool[Worker],
    new: Sequence[bytes] | None,
    known: CachedScan,
    *,
    limit: int,
    packed: PackedHistory | None = None,
    progress: Progress,
) -> Harvest:
    """The harvest of the objects `new` (None: all) and of what an earlier scan knows. Raises GitError.

    An object of more than `limit` bytes is skipped. All objects are read from `packed`, if it is there.
    `progress` is told of bytes: of packs, those that are inflated. Known objects with findings are read
    again: no value is ever kept.
    """
    occurrences: dict[str, list[Occurrence]] = {}
    named, skipped = dict(known.named), list[tuple[str, SkipReason]]()
    unopened = list[tuple[str, str, str]]()
    hits: dict[str, PackedHits] = {}
    blobs, size = known.blobs, known.bytes
    for result in _results(repository, pool, new, limit, skipped, packed, progress):
        add_occurrences(occurrences, result)
        named.update(result.named)
        hits.update(result.hits)
        skipped += result.skipped
        unopened += result.unopened
        blobs, size = blobs + result.blobs, size + result.bytes
    fresh = occurrences.keys() | {oid for oid, _ in skipped} | {oid.decode() for oid in new or ()}
    dirty = [oid for oid in known.dirty if oid not in fresh]
    remembered = plain_occurrences(repository, known.places, dirty)
    occurrences.update(remembered)
    unplaced = [oid for oid in dirty if oid not in remembered]
    for result in pool.map(tasks.run_slice, batches(unplaced)):
        add_occurrences(occurrences, result)
        skipped += result.skipped  # it may have been damaged since
    return Harvest(
        blobs=blobs,
        bytes=size,
        cached_objects=known.blobs - len(dirty) if known.refs else 0,
        occurrences=occurrences,
        named=named,
        hits=hits,
        skipped=(*skipped, *(pair for pair in known.skipped if pair[0] not in fresh)),
        unopened=(*unopened, *(one for one in known.unopened if one[0] not in fresh)),
    )


def _results(
    repository: Repository,
    pool: WorkerPool[Worker],
    new: Sequence[bytes] | None,
    limit: int,
    skipped: list[tuple[str, SkipReason]],
    packed: PackedHistory | None,
    progress: Progress,
) -> Iterator[SliceResult]:
    """What the workers make of the objects `new`; they read the packs themselves where it is all there is."""
    if new is None and packed:
        doubtful, portions = list(packed.doubtful()), packed.portions(pool.jobs)
        progress.stage(ProgressStage.READING_OBJECTS, sum(one.weight for task in portions for one in task))
        for result in pool.map(tasks.run_portions, portions):
            doubtful += result.doubtful
            progress.advance(result.weight)
            yield result
        new = [oid.encode() for oid in doubtful]
    if new != []:
        progress.stage(ProgressStage.READING_OBJECTS)
        for result in pool.map(tasks.run_slice, slices(sizes(repository, new), limit, skipped)):
            progress.advance(result.weight)
            yield result


def add_occurrences(into: dict[str, list[Occurrence]], result: SliceResult) -> None:
    """Add the occurrences that a worker sent, by object id."""
    for fields in result.occurrences:
        occurrence = Occurrence.from_wire(fields)
        into.setdefault(occurrence.oid or "", []).append(occurrence)


def batches(items: Sequence[_Task]) -> Iterator[Sequence[_Task]]:
    """Tasks of a size that is worth sending to a worker."""
    return (items[start : start + _BATCH] for start in range(0, len(items), _BATCH))
