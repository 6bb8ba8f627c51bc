"""What a look at an incident may use, as values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from secopskit.conduct.tell import Tell
from secopskit.git.repository import Repository
from secopskit.scan.session import ScanSession
from secopskit.settings.sync import SyncConfig

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentContext:
    """The repository that is looked at, what is declared there, and a clock, which is always handed in.

    `shared` is the record that may be committed, whether or not there is one. `actor` is who runs this.
    """

    session: ScanSession
    sync: SyncConfig
    clock: Callable[[], datetime]
    shared: Path
    actor: str
    tell: Tell

    @property
    def repository(self) -> Repository:
        """The repository. Raises UsageError where there is none."""
        return self.session.require_repository("looking at an incident")

    @property
    def now(self) -> datetime:
        """The time, with its zone."""
        return self.clock()

    @property
    def moment(self) -> str:
        """Now, as records have it."""
        return self.now.isoformat(timespec="seconds")
