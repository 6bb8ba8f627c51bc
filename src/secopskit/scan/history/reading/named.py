"""The third stage of a history scan: a second look at blobs whose names call for one.

The first look judges a blob without its name, since one blob may have many. Detectors of formats,
and rules for certain files, need the name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace

from secopskit.findings import SkipReason
from secopskit.formats.archives.member_paths import file_of, placed
from secopskit.git.history.events import Events
from secopskit.git.repository import Repository
from secopskit.progress import still_at_work
from secopskit.scan.content.detectors import Detectors
from secopskit.scan.content.occurrence import Occurrence
from secopskit.scan.history.memory.cached_scan import CachedScan
from secopskit.scan.history.memory.places import plain_occurrences
from secopskit.scan.history.reading.read import Harvest, add_occurrences
from secopskit.scan.history.reading.second_look import NamedBlob, SecondLook


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedScan:
    """All occurrences by object id, those of the first look included.

    `pairs` (object id, path) called for the second look; `dirty_pairs` are those with findings.
    `found` is what that look found.
    An occurrence without a path stands at every path of its object. `skipped` are objects that are not
    there to be looked at.
    """

    occurrences: Mapping[str, Sequence[Occurrence]]
    pairs: tuple[NamedBlob, ...]
    dirty_pairs: tuple[NamedBlob, ...]
    found: Mapping[str, Sequence[Occurrence]]
    skipped: tuple[tuple[str, SkipReason], ...] = ()


def scan_named(
    repository: Repository,
    look: SecondLook,
    detectors: Detectors,
    harvest: Harvest,
    events: Events,
    known: CachedScan,
    *,
    there: Set[str] | None,
) -> NamedScan:
    """Look at the pairs that no earlier scan has found clean.

    `there` are the objects that may be asked for (None: all): where git may not fetch what a partial clone
    lacks, it gives up at the first such object instead of telling that it is missing.
    """
    pairs = _pairs(detectors, harvest, events)
    lacking = sorted({oid for oid, _ in pairs if there is not None and oid not in there})
    pairs = [pair for pair in pairs if pair[0] not in set(lacking)] if lacking else pairs
    dirty = set(known.dirty_pairs)
    clean = set(known.looked).difference(dirty)
    remembered = _remembered(repository, dirty.intersection(pairs), known)
    chosen = [
        pair for pair in pairs if pair not in clean and (pair[0] not in remembered or pair not in dirty)
    ]
    named = _scanned(look, harvest, events, pairs, chosen, remembered)
    skipped = ((oid, SkipReason.MISSING_OBJECT) for oid in lacking)
    return replace(named, skipped=(*named.skipped, *skipped))


def scan_named_again(
    repository: Repository, look: SecondLook, harvest: Harvest, events: Events, known: CachedScan
) -> NamedScan:
    """Look at the pairs that had findings, where nothing has changed since: no value is ever kept."""
    remembered = _remembered(repository, set(known.dirty_pairs), known)
    chosen = [pair for pair in known.dirty_pairs if pair[0] not in remembered]
    return _scanned(look, harvest, events, known.looked, chosen, remembered)


def _remembered(
    repository: Repository, asked: Set[NamedBlob], known: CachedScan
) -> dict[str, list[Occurrence]]:
    """What an earlier scan has found in objects that are `asked` for by all of their names of then."""
    lost = {pair[0] for pair in known.dirty_pairs if pair not in asked}
    return plain_occurrences(repository, known.named_places, sorted(known.named_places.keys() - lost))


def _pairs(detectors: Detectors, harvest: Harvest, events: Events) -> list[NamedBlob]:
    """The blobs whose name makes a detector or a rule responsible for them."""
    found = list[NamedBlob]()
    for oid in events.by_blob:
        still_at_work()
        found += (
            (oid, path)
            for path in events.paths(oid)
            if detectors.wants_always(path)
            or ((signs := harvest.named.get(oid)) is not None and detectors.wants(path, signs))
        )
    return found


def _scanned(
    look: SecondLook,
    harvest: Harvest,
    events: Events,
    pairs: Sequence[NamedBlob],
    chosen: Sequence[NamedBlob],
    remembered: Mapping[str, Sequence[Occurrence]],
) -> NamedScan:
    found, skipped = {oid: list(ones) for oid, ones in remembered.items()}, list[tuple[str, SkipReason]]()
    for result in look.results(chosen, harvest.give_hits(oid for oid, _ in chosen)):
        add_occurrences(found, result)
        skipped += result.skipped
    occurrences, dirty = dict(harvest.occurrences), set[NamedBlob]()
    for oid, named in found.items():
        paths = events.paths(oid)
        covered = {file_of(occurrence.path, paths) for occurrence in named}
        others = [path for path in paths if path not in covered]
        unnamed = [s.at(placed(s.path, path)) for s in harvest.occurrences.get(oid, ()) for path in others]
        occurrences[oid] = [*named, *unnamed]
        dirty |= {(oid, path) for path in covered}
    return NamedScan(
        occurrences=occurrences,
        pairs=tuple(pairs),
        dirty_pairs=tuple(sorted(dirty)),
        found=found,
        skipped=tuple(dict.fromkeys(skipped)),
    )
