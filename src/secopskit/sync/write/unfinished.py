"""What a sync that did not end has left: what is still to be done, what is done, and what stays open."""

from __future__ import annotations

from secopskit.state.published import PublishedName, PublishedValue
from secopskit.sync.compare.records import SyncRecords
from secopskit.sync.model import PENDING, SyncItem, SyncPlan, SyncState
from secopskit.sync.write.journal import REMOVE, JournalEntry, SyncJournal, entry_of
from secopskit.sync.write.writing import name_of


def pending_items(made: SyncPlan, journal: SyncJournal, key: bytes) -> tuple[SyncItem, ...] | None:
    """What of the plan the sync that did not end still has to do.

    None where it would not do what it was to do: a value, or what is declared, is another.
    """
    planned = {name_of(item): item for item in made.items}
    pending = list[SyncItem]()
    for name, entry in journal.open_entries.items():
        item = planned.get(name)
        if item is None:  # nothing is left to do, or the plan does not see it: see `still_open`
            continue
        if _is_another(item, entry, key) or (item.state in PENDING and not made.is_work(item)):
            return None
        if made.is_work(item):
            pending.append(item)
    return tuple(pending)


def still_open(made: SyncPlan, journal: SyncJournal | None) -> tuple[JournalEntry, ...]:
    """What the plan says nothing about: it is narrower, or a sink could not be looked at."""
    judged = {name_of(item) for item in made.items} | made.gone
    open_entries = journal.open_entries if journal else {}
    return tuple(entry for name, entry in open_entries.items() if name not in judged)


def put_down_what_was_done(made: SyncPlan, journal: SyncJournal | None, records: SyncRecords) -> None:
    """Put down what is seen to be done, and a crash has kept from being put down. Raises SecopsError."""
    open_entries = journal.open_entries if journal else {}
    written: dict[PublishedName, PublishedValue] = {}
    readable = list[PublishedName]()
    for item in made.items:
        name = name_of(item)
        if item.value is not None and item.state is SyncState.UNCHANGED and name in open_entries:
            if open_entries[name].fingerprint != entry_of(item, records.key).fingerprint:
                continue  # there by somebody else's doing
            written[name] = PublishedValue(item.value, item.updated_at, records.declaration)
            if item.sink.readable:
                readable.append(name)
    removed = [name for name in made.gone if open_entries[name].fingerprint == REMOVE]
    if written or removed:
        records.put_down(written, removed, readable=readable)


def _is_another(item: SyncItem, entry: JournalEntry, key: bytes) -> bool:
    """Whether the item is not what was agreed to: a removal that is a write now, or another value."""
    removal = entry.fingerprint == REMOVE
    if removal != (item.state is SyncState.UNMANAGED):
        return True
    return item.value is not None and entry_of(item, key).fingerprint != entry.fingerprint
