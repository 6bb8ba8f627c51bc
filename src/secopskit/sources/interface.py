"""What a source is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from secopskit.findings import Blob, Skipped


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

    @property
    def expected(self) -> int | None:
        """About how many files there are, known once `blobs` has begun; None where nobody has counted."""
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
