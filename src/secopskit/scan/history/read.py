"""The first stage of a history scan: objects to sightings. What is new is read, what is known remembered."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from secopskit.findings import SkipReason
from secopskit.git.repository import Repository
from secopskit.scan.history import worker
from secopskit.scan.history.cache import CachedScan
from secopskit.scan.history.pool import Pool
from secopskit.scan.history.selection import sizes, slices
from secopskit.scan.history.worker import SliceResult
from secopskit.scan.sighting import Sighting

_BATCH: Final = 500
_Task = TypeVar("_Task")


@dataclass(frozen=True, slots=True, kw_only=True)
class Harvest:
    """What the objects hold, judged without their names.

    `sightings` stand by object id. `named` are the blobs that need a look once their names are
    known, `skipped` pairs of an object id and a reason. `cached_objects` were not read again.
    """

    blobs: int
    bytes: int
    cached_objects: int
    sightings: Mapping[str, Sequence[Sighting]]
    named: frozenset[str]
    skipped: tuple[tuple[str, SkipReason], ...]


def read(
    repository: Repository,
    pool: Pool,
    new: Sequence[bytes] | None,
    known: CachedScan,
    *,
    limit: int,
    progress: Callable[[int], None],
) -> Harvest:
    """The harvest of the objects `new` (None: all) and of what an earlier scan knows. Raises GitError.

    An object of more than `limit` bytes is skipped. `progress` is told of bytes read. Known objects
    with findings are read again: no value is ever kept.
    """
    sightings: dict[str, list[Sighting]] = {}
    named, skipped = set(known.named), list[tuple[str, SkipReason]]()
    blobs, size = known.blobs, known.bytes
    work = slices(sizes(repository, new), limit, skipped) if new != [] else ()
    for result in pool.map(worker.run_slice, work):
        add_sightings(sightings, result)
        named.update(result.named)
        skipped += result.skipped
        blobs, size = blobs + result.blobs, size + result.bytes
        progress(result.bytes)
    fresh = sightings.keys() | {oid for oid, _ in skipped}
    dirty = [oid for oid in known.dirty if oid not in fresh]
    for result in pool.map(worker.run_slice, batches(dirty)):
        add_sightings(sightings, result)
    return Harvest(
        blobs=blobs,
        bytes=size,
        cached_objects=known.blobs - len(dirty) if known.refs else 0,
        sightings=sightings,
        named=frozenset(named),
        skipped=(*skipped, *(pair for pair in known.skipped if pair[0] not in fresh)),
    )


def add_sightings(into: dict[str, list[Sighting]], result: SliceResult) -> None:
    """Add the sightings that a worker sent, by object id."""
    for fields in result.sightings:
        sighting = Sighting.from_wire(fields)
        into.setdefault(sighting.oid or "", []).append(sighting)


def batches(items: Sequence[_Task]) -> Iterator[Sequence[_Task]]:
    """Tasks of a size that is worth sending to a worker."""
    return (items[start : start + _BATCH] for start in range(0, len(items), _BATCH))
