"""The journal of a sync: which names are to be written and removed, and which of them are done. No value.

It lies in `<git dir>/secops/sync/`, the sync's notebook. A value stands in it as its keyed fingerprint,
so that whoever resumes reads the sources again and sees whether they still say the same.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, Self

from secopskit.named_tuple import NamedTuple
from secopskit.secret import SecretValue
from secopskit.state.notebook import JournalForm, Notebook
from secopskit.state.published import PublishedName
from secopskit.sync.model import SyncItem, SyncState

_VERSION: Final = 1
REMOVE: Final = ""
"""The fingerprint of an entry that is to be removed."""


class SyncStep(Enum):
    """A step that a sync has come to."""

    WRITING = "writing"
    LOOKING = "looking"  # everything that could be was written; the sinks are looked at
    ENDED = "ended"


class JournalEntry(NamedTuple):
    """One name in one sink, by the sink's address. `kind` is that of the value, `fingerprint` is `REMOVE`
    for a removal.
    """

    address: str
    kind: str
    name: str
    fingerprint: str
    done: bool = False

    @property
    def key(self) -> PublishedName:
        """What names it."""
        return self.address, self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncJournal:
    """The journal of one sync. `started` is when it began, by our clock, in ISO 8601."""

    step: SyncStep
    started: str
    declaration: str
    entries: tuple[JournalEntry, ...]

    @property
    def open_entries(self) -> dict[PublishedName, JournalEntry]:
        """What is not known to be done."""
        return {entry.key: entry for entry in self.entries if not entry.done}

    def with_done(self, keys: Iterable[PublishedName]) -> tuple[JournalEntry, ...]:
        """The entries, with these marked as done."""
        done = set(keys)
        return tuple(entry._replace(done=entry.done or entry.key in done) for entry in self.entries)


def entry_of(item: SyncItem, key: bytes) -> JournalEntry:
    """What the journal says of an item that is to be written or removed."""
    removal = item.state is SyncState.UNMANAGED
    return JournalEntry(
        item.sink.address,
        item.kind.value,
        item.sink.canonical(item.name),
        REMOVE if removal else _fingerprint(item.value, key),
    )


def _fingerprint(value: SecretValue | None, key: bytes) -> str:
    return value.fingerprint(key).text if value is not None else ""


def _to_json(journal: SyncJournal) -> dict[str, Any]:
    return {
        "version": _VERSION,
        "step": journal.step.value,
        "started": journal.started,
        "declaration": journal.declaration,
        "entries": [list(entry) for entry in journal.entries],
    }


def _from_json(document: dict[str, Any]) -> SyncJournal:
    if document["version"] != _VERSION:
        raise ValueError
    entries = tuple(JournalEntry(*row) for row in document["entries"])
    texts = (document["started"], document["declaration"], *(text for entry in entries for text in entry[:4]))
    if not all(isinstance(text, str) for text in texts) or not all(
        isinstance(entry.done, bool) for entry in entries
    ):
        raise TypeError
    return SyncJournal(
        step=SyncStep(document["step"]),
        started=document["started"],
        declaration=document["declaration"],
        entries=entries,
    )


_FORM: Final = JournalForm(
    encode=_to_json,
    decode=_from_json,
    of="a sync",
    running="another sync from this repository",
    advice="Give it up with --abort, and run again: what was written is compared anew.",
)


class SyncNotebook(Notebook[SyncJournal]):
    """The directory in which a repository's sync keeps its journal."""

    __slots__ = ()

    @classmethod
    def of(cls, state_dir: str) -> Self:
        """The notebook of a state directory, whether or not there is anything in it."""
        return cls(os.path.join(state_dir, "sync"), _FORM)
