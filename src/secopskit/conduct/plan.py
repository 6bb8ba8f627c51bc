"""The plan of a change: what every command that changes something makes before it does."""

from __future__ import annotations

from typing import Protocol


class ChangePlan(Protocol):
    """A plan: a frozen value, made by reading only. It can be printed, serialised and compared."""

    @property
    def empty(self) -> bool:
        """Whether there is nothing to do."""
