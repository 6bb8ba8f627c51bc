"""The limits of a plan: what is to be known before, and what it cannot know, in sentences."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import Enum

from secopskit.git.tracked import how_to_untrack
from secopskit.origin.interface import OriginSurroundings
from secopskit.report.text import count, listed
from secopskit.sync.compare.owners import strange_owners
from secopskit.sync.compare.records import SyncRecords
from secopskit.sync.compare.targets import SyncTarget, is_named, is_wanted
from secopskit.sync.compare.tracked import tracked_sinks
from secopskit.sync.compare.values import SyncValues
from secopskit.sync.model import SyncItem, SyncState
from secopskit.sync.request import SyncRequest

_FEW = 6


class JournalState(Enum):
    """Whether there is the journal of a sync: none, that of one at work, or one that was left."""

    NONE = "none"
    BEING_WRITTEN = "being written"
    LEFT = "left"


def limits_of(
    items: tuple[SyncItem, ...],
    values: SyncValues,
    records: SyncRecords,
    declared: tuple[SyncTarget, ...],
    *,
    request: SyncRequest,
    journal: JournalState,
) -> tuple[str, ...]:
    """What is to be known of what the request asks for, the most important first."""
    return tuple(
        text
        for text in (
            *_strange(request.origins, items),
            *_tracked(request, items),
            *_interrupted(journal),
            *_unavailable(values),
            *_unseen(items),
            *_unknown(items),
            *_sinkless(request),
            *_unrecorded(records),
            *_forgotten_sinks(request, records, declared),
        )
    )


def _strange(origins: OriginSurroundings, items: Iterable[SyncItem]) -> Iterator[str]:
    for owner in strange_owners(origins, [item.sink for item in items if item.value is not None]):
        yield (
            f"{owner} OWNS NO REMOTE of this repository: what is written there is theirs to use. You will be "
            "asked about it; --yes is no answer to that."
        )


def _tracked(request: SyncRequest, items: Iterable[SyncItem]) -> Iterator[str]:
    if found := tracked_sinks(request, items):
        yield (
            f"git tracks {listed(found, _FEW)}: a commit would publish what is there. "
            f"{how_to_untrack(found)}."
        )


def _interrupted(journal: JournalState) -> Iterator[str]:
    if journal is JournalState.BEING_WRITTEN:
        yield "Another run is at work: what it has not come to yet is told as it still is. Let it finish."
    elif journal is JournalState.LEFT:
        yield (
            "A run did not end: of some names it is not known whether they were written. "
            "--resume and the options that it had finish it, --abort forgets it."
        )


def _unavailable(values: SyncValues) -> Iterator[str]:
    reasons: dict[str, int] = {}
    for reason in values.unavailable.values():
        reasons[reason] = reasons.get(reason, 0) + 1
    for reason, number in reasons.items():
        yield f"{count(number, 'value')} compared by names and times only: {reason}."


def _unseen(items: Iterable[SyncItem]) -> Iterator[str]:
    unseen = [item for item in items if not item.sink.readable and item.updated_at is not None]
    if unseen:
        yield (
            f"{count(len(unseen), 'secret')} cannot be read where they are kept: they are judged by what we "
            "have on record and by the times that the host tells."
        )


def _unknown(items: Iterable[SyncItem]) -> Iterator[str]:
    unknown = [item for item in items if item.state is SyncState.UNKNOWN]
    if unknown:
        yield (
            f"{count(len(unknown), 'name')} there, but not on record here: they may or may not be what the "
            "source has. Writing them once makes them known."
        )


def _sinkless(request: SyncRequest) -> Iterator[str]:
    for environment in request.config.environments:
        wanted = (value for value in environment.values if is_wanted(request, environment.name, value.name))
        names = [value.name for value in wanted if not value.sinks and not value.settled]
        if names:
            where = f"{environment.name}: " if environment.name else ""
            yield f"{where}{listed(names, _FEW)}: declared without `sinks`, so brought nowhere."


def _unrecorded(records: SyncRecords) -> Iterator[str]:
    if not records.kept:
        yield "This is no repository: nothing is on record, and nothing will be."
    elif records.file is not None and records.file_facts and not records.clone_facts:
        yield (
            "Compared with the committed record only: what was rotated is on record in the git directory "
            "of whoever did it, and is not seen here."
        )


def _forgotten_sinks(
    request: SyncRequest, records: SyncRecords, declared: Iterable[SyncTarget]
) -> Iterator[str]:
    if not request.as_declared:  # each run says for itself where it writes
        return
    if request.environments:  # which of them wrote there is not on record
        return
    known = {target.sink.address for target in declared}
    left: dict[str, int] = {}
    for (address, name), fact in records.clone_facts.items():
        if fact.by == records.declaration and address not in known and is_named(request, name):
            left[address] = left.get(address, 0) + 1
    for address, number in left.items():
        yield (
            f"{address}: {count(number, 'name')} of ours, and no declared sink. If nobody reads them there, "
            "remove them there."
        )
