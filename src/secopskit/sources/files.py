"""Files by name, directories that are no repository, and standard input."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from io import BytesIO
from typing import BinaryIO, TypeVar

from secopskit.findings import Blob, Skipped, SkipReason
from secopskit.sources.content import as_blob
from secopskit.sources.interface import Piece
from secopskit.sources.windows import read_parts, windows

_Item = TypeVar("_Item", Blob | Skipped, Piece | Skipped)


class FilesSource:
    """The files named, as they are on disk; directories among them are walked.

    What `wants` refuses by its path, within a directory, is not opened: `others`, complete once `blobs` or
    `pieces` is exhausted, has these paths. Without `in_parts`, for readers
    that understand a text as a whole only, one of more than `limit` bytes is skipped, and so are archives and
    keystores, which are given as they are else. A name that is a link to a directory is walked if it
    `follows` them; below it, no link is.
    """

    def __init__(
        self,
        names: Sequence[str],
        *,
        root: str,
        limit: int,
        wants: Callable[[str], bool] | None = None,
        in_parts: bool = True,
        follows: bool = False,
    ) -> None:
        self._follows = follows
        self._names = names
        self._root = root
        self._limit = limit
        self._wants = wants
        self._in_parts = in_parts
        self.others: list[str] = []
        self.limits: tuple[str, ...] = ()

    @property
    def target(self) -> str:
        """See `Source.target`."""
        if len(self._names) > 1:
            return f"{len(self._names)} files"
        return self._names[0] if os.path.normpath(self._names[0]) != "." else os.getcwd()

    def counts(self, path: str, first: int, last: int) -> bool:
        """See `Source.counts`."""
        return True

    def brings_name(self, path: str) -> bool:
        """See `Source.brings_name`."""
        return True

    def blobs(self) -> Iterator[Blob | Skipped]:
        """See `Source.blobs`."""
        for piece in self.pieces():
            if isinstance(piece, Skipped):
                yield piece
            else:
                yield from self.read(piece)

    def pieces(self) -> Iterator[Piece | Skipped]:
        """See `DivisibleSource.pieces`."""
        for name in self._names:
            full = os.path.abspath(name)
            if os.path.isdir(full) and (self._follows or not os.path.islink(full)):
                yield from self._directory(full)
            else:
                yield Piece(full, self._label(full), _size(full), asked=True)

    def _directory(self, top: str) -> Iterator[Piece | Skipped]:
        empty = True
        for item in self._walk(top):
            empty = False
            yield _as_asked(item) if item.path == self._label(top) else item
        if empty and not self.others:
            self.limits += (f"{os.path.basename(top) or top}: no files are in it.",)

    def _walk(self, top: str) -> Iterator[Piece | Skipped]:
        pending = [top]
        while pending:
            directory = pending.pop()
            try:
                entries = sorted(os.scandir(directory), key=lambda entry: entry.name)
            except OSError as error:
                yield Skipped(
                    path=self._label(directory), reason=SkipReason.UNREADABLE, detail=error.strerror or ""
                )
                continue
            for entry in entries:
                if not entry.is_dir(follow_symlinks=False):
                    yield from self._entry(entry.path, self._label(entry.path))
                elif entry.name != ".git":
                    pending.append(entry.path)

    def _entry(self, full: str, label: str) -> Iterator[Piece]:
        if self._wants is None or self._wants(label):
            yield Piece(full, label, _size(full))
        else:
            self.others.append(label)

    def read(self, piece: Piece) -> Iterator[Blob | Skipped]:
        """See `DivisibleSource.read`."""
        for item in read_parts(piece.full, piece.path, self._limit, in_parts=self._in_parts):
            yield _as_asked(item) if piece.asked else item

    def _label(self, full: str) -> str:
        """The name in reports: below the root where it is below it, else as it is."""
        relative = os.path.relpath(full, self._root)
        outside = relative == ".." or relative.startswith(".." + os.sep)
        return (full if outside else relative).replace(os.sep, "/")


def _size(full: str) -> int:
    """How many bytes a file has; 0 where nothing tells."""
    try:
        return os.lstat(full).st_size
    except OSError:
        return 0  # why, reading it will tell


def _as_asked(item: _Item) -> _Item:
    return item._replace(asked=True) if isinstance(item, Skipped) else item


class StdinSource:
    """One blob from standard input; it may be an archive or a keystore."""

    target = "standard input"
    limits: tuple[str, ...] = ()

    def __init__(self, stream: BinaryIO, *, path: str, limit: int) -> None:
        self._stream = stream
        self._path = path
        self._limit = limit

    def counts(self, path: str, first: int, last: int) -> bool:
        """See `Source.counts`."""
        return True

    def brings_name(self, path: str) -> bool:
        """See `Source.brings_name`: somebody gave it, for the sake of the content."""
        return False

    def blobs(self) -> Iterator[Blob | Skipped]:
        """See `Source.blobs`."""
        data = self._stream.read(self._limit + 1)
        if len(data) > self._limit:
            begun = BytesIO(data)
            yield from windows(self._path, lambda size: begun.read(size) or self._stream.read(size))
        else:
            yield as_blob(self._path, data, binaries=True)
