"""What a use case tells while it works, and to whom: the seam between it and whoever shows it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Final, Protocol


class Tell(Protocol):
    """A listener of work in progress. What it is told holds no secret value."""

    def phase(self, name: str) -> None:
        """A phase of the work begins."""

    def note(self, text: str) -> None:
        """Something that the user should know, though the work goes on."""

    def progress(self, what: str = "", total: int = 0) -> AbstractContextManager[Callable[[int], None]]:
        """A function to be told of bytes read while the block lasts, or of `what`: of `total` of them."""


class Silence:
    """A listener that shows nothing."""

    def phase(self, name: str) -> None:
        """See `Tell.phase`."""

    def note(self, text: str) -> None:
        """See `Tell.note`."""

    def progress(self, what: str = "", total: int = 0) -> AbstractContextManager[Callable[[int], None]]:
        """See `Tell.progress`."""
        return nullcontext(_ignore)


def _ignore(_: int) -> None:
    pass


SILENCE: Final = Silence()
