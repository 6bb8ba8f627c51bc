"""What a source is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol, TypeGuard

from secopskit.findings import Blob, Skipped
from secopskit.named_tuple import NamedTuple


class Source(Protocol):
    """Where content comes from.

    `target` names it in words, for reports. `limits`, complete once `blobs` is exhausted, are
    sentences about what could not be seen at all.
    """

    @property
    def target(self) -> str:
        """What is scanned, in words."""
        ...

    @property
    def limits(self) -> tuple[str, ...]:
        """What could not be seen, a sentence each."""
        ...

    def blobs(self) -> Iterator[Blob | Skipped]:
        """Every piece of content, or why it was passed over. Raises GitError."""
        ...

    def counts(self, path: str, first: int, last: int) -> bool:
        """Whether lines `first` to `last` of `path` are the source's to report.

        The rest of a blob is context: a hook reports only what a commit adds.
        """
        ...

    def brings_name(self, path: str) -> bool:
        """Whether the name `path` itself is the source's to report: a hook reports that of a new file."""
        ...


class Piece(NamedTuple):
    """A file that a source has listed and not read yet: where it is, its name in reports, and its bytes.

    `asked` tells that somebody named it.
    """

    full: str
    path: str
    size: int
    asked: bool = False


class DivisibleSource(Source, Protocol):
    """A source that lists what it has before any of it is read, so that several processes can read it.

    `blobs` gives what `read` gives of all `pieces`, in their order. It can cross a pipe.
    """

    def pieces(self) -> Iterator[Piece | Skipped]:
        """Every file, or why it was passed over. Raises GitError."""
        ...

    def read(self, piece: Piece) -> Iterator[Blob | Skipped]:
        """What is in a file."""
        ...


def is_divisible(source: Source) -> TypeGuard[DivisibleSource]:
    """Whether `source` is one that lists what it has."""
    # Not `isinstance`, which loads `inspect` from Python 3.12 on.
    return hasattr(source, "pieces") and hasattr(source, "read")
