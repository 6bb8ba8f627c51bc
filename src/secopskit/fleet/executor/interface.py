"""What an executor is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeAlias

from secopskit.fleet.model import Outcome, WorkUnit

Deliver: TypeAlias = Callable[[Outcome], None]
"""Takes an outcome, from whatever thread."""


class Executor(Protocol):
    """Does units, several at a time. Each one submitted is answered by one outcome, in whatever order."""

    @property
    def slots(self) -> int:
        """How many units are worth having submitted at a time; it may change."""

    def submit(self, unit: WorkUnit) -> None:
        """Take a unit. Raises SecopsError where there is nobody to do it any more."""

    def close(self) -> None:
        """End all that is being done, and what does it."""
