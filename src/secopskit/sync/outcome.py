"""The outcome of a sync: what was written and removed, what failed, and what is left."""

from __future__ import annotations

from dataclasses import dataclass

from secopskit.errors import ExitCode, SecopsError
from secopskit.named_tuple import NamedTuple
from secopskit.sync.model import SyncItem, UnreachableSink


class SyncFailure(NamedTuple):
    """An item that is not as it should be, and why."""

    item: SyncItem
    error: SecopsError


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncOutcome:
    """What became of a plan.

    `made` are the addresses of places that were made. `confirmed` counts what was seen to be there
    afterwards, `failures` are what could not be written or is not seen there, `untried` what was not
    tried after them. `left` is what nobody has a value for. `remarks` are sentences. `resumable` tells
    that a journal is left.
    """

    written: tuple[SyncItem, ...] = ()
    removed: tuple[SyncItem, ...] = ()
    made: tuple[str, ...] = ()
    failures: tuple[SyncFailure, ...] = ()
    untried: tuple[SyncItem, ...] = ()
    unreachable: tuple[UnreachableSink, ...] = ()
    left: tuple[SyncItem, ...] = ()
    remarks: tuple[str, ...] = ()
    confirmed: int = 0
    resumable: bool = False

    @property
    def code(self) -> ExitCode:
        """See `conduct.outcome.ChangeOutcome`.

        Where not all was done INCOMPLETE if a journal is left, else OPERATION; FINDINGS where all was done
        that could be, and something that is declared has no value.
        """
        if self.failures or self.untried or self.unreachable:
            return ExitCode.INCOMPLETE if self.resumable else ExitCode.OPERATION
        return ExitCode.FINDINGS if self.left else ExitCode.OK
