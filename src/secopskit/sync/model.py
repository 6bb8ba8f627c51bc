"""The nouns of a sync: what is declared, what a sink holds, and what has to be done about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from secopskit.secret import SecretValue
from secopskit.sink.interface import EntryKind, Sink


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

    `environment` is the declared one, empty without a declaration. `value` is what the source has,
    `place` where that stands in words. `owned` tells whether our record says that we wrote it.
    `reason` is a sentence.
    """

    environment: str
    sink: Sink
    name: str
    kind: EntryKind
    state: SyncState
    reason: str = ""
    place: str = ""
    value: SecretValue | None = None
    updated_at: datetime | None = None
    scope: str = ""
    owned: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncPlan:
    """What has to be done. `makes` are sinks whose place is made first; `limits` say what is not known."""

    items: tuple[SyncItem, ...]
    makes: tuple[Sink, ...] = ()
    limits: tuple[str, ...] = ()
    prune: bool = False

    @property
    def empty(self) -> bool:
        """See `conduct.plan.ChangePlan`."""
        return not self.makes and not any(self.is_work(item) for item in self.items)

    def is_work(self, item: SyncItem) -> bool:
        """Whether applying the plan writes or removes the item."""
        match item.state:
            case (
                SyncState.CREATE | SyncState.UPDATE | SyncState.DRIFTED | SyncState.STALE | SyncState.UNKNOWN
            ):
                return item.value is not None
            case SyncState.UNMANAGED:
                return self.prune and item.owned
            case SyncState.UNCHANGED | SyncState.MISSING:
                return False
