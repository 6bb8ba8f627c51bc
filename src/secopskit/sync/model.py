"""The nouns of a sync: what is declared, what a sink holds, and what has to be done about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Final

from secopskit.errors import SecopsError
from secopskit.secret import SecretValue
from secopskit.sink.interface import EntryKind, Sink, SinkEntry
from secopskit.state.published import PublishedName


class SyncState(Enum):
    """How a name in a sink stands to what is declared. The value is what reports print."""

    CREATE = "create"
    """Declared, and not in the sink."""
    UPDATE = "update"
    """In the sink as we wrote it, and the source has another value now."""
    UNCHANGED = "unchanged"
    """In the sink as we wrote it, and that is what the source has; or read there and equal."""
    DRIFTED = "drifted"
    """Written there by somebody else since we did."""
    STALE = "stale"
    """Not written since its value was rotated."""
    MISSING = "missing"
    """Declared, and its source has no value for it."""
    UNMANAGED = "unmanaged"
    """In the sink, and not declared."""
    UNKNOWN = "unknown"
    """In the sink and declared, but we did not write it, or not on record here: nobody can compare."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncItem:
    """One name in one sink, and what is to be done about it.

    `environment` is the declared one, `repository` the one as whose sink it was declared; both may be
    empty. `value` is what is to be written, `place` where that stands in words. `entry` is what the sink
    told of the name, None where it is not there. `owned` tells whether our record, and not one that
    anybody can commit, says that we wrote it. `reason` is a sentence.
    """

    environment: str
    sink: Sink
    name: str
    kind: EntryKind
    state: SyncState
    repository: str = ""
    reason: str = ""
    place: str = ""
    value: SecretValue | None = None
    entry: SinkEntry | None = None
    owned: bool = False

    @property
    def updated_at(self) -> datetime | None:
        """When the sink says that it was last written, with its zone."""
        return self.entry.updated_at if self.entry else None

    @property
    def scope(self) -> str:
        """Who may use it, in words."""
        return self.entry.scope if self.entry else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreachableSink:
    """A sink that could not be looked at: nothing is planned for it."""

    address: str
    repository: str
    error: SecopsError


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncPlan:
    """What has to be done.

    `makes` are sinks whose place is made first; `limits` say what is not known. `prune` tells that what
    we own and nobody declares is removed. `gone` are names of a run that did not end which are declared
    nowhere any more, and are not there: nothing is to be done about them.
    """

    items: tuple[SyncItem, ...]
    makes: tuple[Sink, ...] = ()
    limits: tuple[str, ...] = ()
    unreachable: tuple[UnreachableSink, ...] = ()
    prune: bool = False
    gone: frozenset[PublishedName] = frozenset()

    @property
    def empty(self) -> bool:
        """See `conduct.plan.ChangePlan`."""
        return not self.work

    @property
    def work(self) -> tuple[SyncItem, ...]:
        """What applying the plan writes or removes."""
        return tuple(item for item in self.items if self.is_work(item))

    @property
    def writes(self) -> tuple[SyncItem, ...]:
        """What applying the plan writes."""
        return tuple(item for item in self.work if item.state is not SyncState.UNMANAGED)

    @property
    def removals(self) -> tuple[SyncItem, ...]:
        """What applying the plan removes."""
        return tuple(item for item in self.work if item.state is SyncState.UNMANAGED)

    @property
    def left(self) -> tuple[SyncItem, ...]:
        """What is not as declared and stays so when the plan is applied: nobody has a value for it."""
        return tuple(item for item in self.items if item.state in PENDING and item.value is None)

    def is_work(self, item: SyncItem) -> bool:
        """Whether applying the plan writes or removes the item."""
        if item.state is SyncState.UNMANAGED:
            return self.prune and item.owned
        return item.value is not None and item.state not in {SyncState.UNCHANGED, SyncState.MISSING}


PENDING: Final = frozenset(
    {SyncState.CREATE, SyncState.UPDATE, SyncState.DRIFTED, SyncState.STALE, SyncState.MISSING}
)
"""The states in which a sink is not known to be as declared."""
