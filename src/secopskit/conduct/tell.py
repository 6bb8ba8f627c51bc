"""What a use case tells while it works, and to whom: the seam between it and whoever shows it."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Final, Protocol

from secopskit.progress import NO_PROGRESS, Progress


class Tell(Protocol):
    """A listener of work in progress. What it is told holds no secret value."""

    def phase(self, name: str) -> None:
        """A phase of the work begins."""

    def note(self, text: str) -> None:
        """Something that the user should know, though the work goes on."""

    def progress(self) -> AbstractContextManager[Progress]:
        """A listener to be told how far the work is while the block lasts. Nobody is asked in it."""


class Silence:
    """A listener that shows nothing."""

    def phase(self, name: str) -> None:
        """See `Tell.phase`."""

    def note(self, text: str) -> None:
        """See `Tell.note`."""

    def progress(self) -> AbstractContextManager[Progress]:
        """See `Tell.progress`."""
        return nullcontext(NO_PROGRESS)


SILENCE: Final = Silence()
