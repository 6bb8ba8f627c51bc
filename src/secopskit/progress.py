"""Progress of long work, told in stages: by whom it is done, to whoever shows it.

What is shown are the words of `ProgressStage` and numbers, so that neither a name from a repository nor a
value can get there.

A function that works for long takes a `Progress`. What waits or loops far below it, perhaps in a process of
its own, takes none: it calls `still_at_work` at least twice a second.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum
from typing import Final, Protocol

BEAT: Final = 0.4
"""Seconds after which a wait calls `still_at_work`."""

BYTES: Final = "bytes"


class ProgressStage(Enum):
    """A stage of long work: its words, and what is counted in it: `BYTES`, or the word for several."""

    LISTING_OBJECTS = ("listing objects", "objects")
    READING_OBJECTS = ("reading objects", BYTES)
    ATTRIBUTING = ("attributing to commits", "commits")
    LOOKING_BY_NAME = ("looking by name", "blobs")
    READING_LARGE = ("reading large blobs", BYTES)
    LOCATING = ("locating findings", "findings")
    JUDGING = ("judging findings", "findings")
    KEEPING = ("keeping what was learnt", "objects")
    READING_FILES = ("reading files", "files")
    LOOKING_FOR_VALUES = ("looking for the values", BYTES)
    FINDING_EXTENT = ("finding the commits to change", "commits")
    LOOKING_OUTSIDE = ("looking outside of the objects", "places")
    CHECKING_PLAN = ("checking the plan", "places")
    BACKING_UP = ("backing up", "files")
    REWRITING_FILES = ("rewriting files", "blobs")
    REWRITING_COMMITS = ("rewriting commits", "commits")
    CHECKING_REWRITE = ("checking the rewritten history", "objects")
    CHECKING_DIRECTORIES = ("checking the new directories", "directories")
    PACKING = ("packing", "objects")
    SWAPPING = ("swapping refs", "refs")
    CLEANING_UP = ("cleaning up", "files")
    RESTORING = ("restoring from the backup", "files")
    PROVING = ("proving that nothing is left", "objects")
    LISTING_SINKS = ("listing sinks", "sinks")
    WRITING_NAMES = ("writing names", "names")
    SCANNING_REPOSITORIES = ("scanning repositories", "repositories")

    def __init__(self, words: str, unit: str) -> None:
        self.words = words
        self.unit = unit


class Progress(Protocol):
    """A listener of how far work is. It may be told by several threads."""

    def stage(self, stage: ProgressStage, total: int | None = None) -> None:
        """A stage begins, and the one before is over. `total` counts in its unit; None: nobody knows."""

    def expect(self, total: int | None) -> None:
        """The total of the stage, as far as it is known by now."""

    def advance(self, count: int) -> None:
        """So much more of the stage is done."""


class NoProgress:
    """A listener that shows nothing."""

    def stage(self, stage: ProgressStage, total: int | None = None) -> None:
        """See `Progress.stage`."""

    def expect(self, total: int | None) -> None:
        """See `Progress.expect`."""

    def advance(self, count: int) -> None:
        """See `Progress.advance`."""


NO_PROGRESS: Final = NoProgress()

_listeners: list[Callable[[int], None]] = []


def still_at_work(done: int = 0) -> int:
    """Tell whoever shows progress in this process that work goes on, and that so much more is done.

    Returns what nobody has heard: in a worker process all of it, for its result to tell. Costs next to
    nothing where nobody listens.
    """
    if not _listeners:
        return done
    _listeners[-1](done)
    return 0


@contextmanager
def heard_by(listener: Callable[[int], None]) -> Iterator[None]:
    """While the block lasts, `still_at_work` calls `listener`, in this process and not in its forks."""
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.remove(listener)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_listeners.clear)
