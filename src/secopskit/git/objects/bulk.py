"""Git objects in bulk, for a history: git writes a slice of them into memory that we then look at.

No pipe has to be filled and emptied, nothing is copied, and a prefilter is run over many
objects at once, which costs far less than one call an object.
"""

from __future__ import annotations

import mmap
import os
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import IO, Final, NamedTuple

from secopskit.errors import GitError
from secopskit.git.repository import Repository

CHUNK: Final = 4 * 1024 * 1024


class Entry(NamedTuple):
    """One object inside a chunk: `data[start:end]` is its content. `kind` is git's word for it."""

    oid: str
    kind: str
    start: int
    end: int


class Chunk(NamedTuple):
    """Some whole objects: `memory` from offset `base` on. Valid until the next chunk is asked for."""

    memory: mmap.mmap
    base: int
    data: memoryview
    entries: list[Entry]
    starts: list[int]

    def entry_at(self, offset: int) -> Entry | None:
        """The object that the byte before `offset` belongs to; None on a header between two."""
        index = bisect_right(self.starts, offset - 1) - 1
        if index < 0 or offset - 1 >= self.entries[index].end:
            return None
        return self.entries[index]

    def has_nul(self, start: int, end: int) -> bool:
        """Whether a byte of `data[start:end]` is zero."""
        return self.memory.find(b"\0", self.base + start, self.base + end) >= 0


class BulkReader:
    """Reads slices of objects, over and over into the same memory."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._wanted = _scratch_file()
        self._content = _scratch_file()
        self._memory: mmap.mmap | None = None

    def chunks(self, oids: Iterable[str], missing: list[str]) -> Iterator[Chunk]:
        """The content of `oids`, in their order. Ids the repository lacks are added to `missing`.

        Takes as much memory as the slice, so callers keep slices small. Raises GitError.
        """
        self._wanted.seek(0)
        self._wanted.truncate()
        self._wanted.write("".join(f"{oid}\n" for oid in oids).encode())
        self._wanted.seek(0)
        # What stands behind the new content is never read, so its pages are kept.
        self._content.seek(0)
        process = self._repository.start(
            "cat-file", "--batch", "--buffer", stdin=self._wanted, stdout=self._content
        )
        if process.wait() != 0:
            raise GitError("git cat-file failed", advice="Is the repository whole? Try `git fsck`.")
        length = os.lseek(self._content.fileno(), 0, os.SEEK_CUR)  # git wrote through the same file position
        if length:
            yield from _chunks(self._mapped(length), length, missing)

    def close(self) -> None:
        """Give the memory back."""
        self._wanted.close()
        self._content.close()

    def _mapped(self, length: int) -> mmap.mmap:
        """The content as memory; mapped anew only where it has outgrown the last mapping."""
        if self._memory is None or len(self._memory) < length:
            if self._memory is not None:
                self._memory.close()
            self._memory = mmap.mmap(self._content.fileno(), 0, access=mmap.ACCESS_READ)
        return self._memory


def _scratch_file() -> IO[bytes]:
    """A nameless file: in memory where the system can, else an unlinked temporary one."""
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("secops"), "w+b", buffering=0)
    import tempfile

    return tempfile.TemporaryFile(buffering=0)


def _chunks(memory: mmap.mmap, length: int, missing: list[str]) -> Iterator[Chunk]:
    base = 0
    while base < length:
        entries, end = _parse(memory, base, length, missing)
        if entries:
            with memoryview(memory) as view, view[base:end] as data:
                yield Chunk(memory, base, data, entries, [entry.start for entry in entries])
        base = end


def _parse(memory: mmap.mmap, base: int, length: int, missing: list[str]) -> tuple[list[Entry], int]:
    """The objects from offset `base` on, about a chunk of them, and where the next one begins."""
    entries: list[Entry] = []
    position = base
    while position < min(length, base + CHUNK):
        newline = memory.find(b"\n", position, length)
        if newline < 0:
            return entries, length
        words = memory[position:newline].split(b" ")
        position = newline + 1
        if len(words) != 3:
            missing.append(words[0].decode("ascii", "replace"))
            continue
        end = position + int(words[2])
        entries.append(Entry(words[0].decode(), words[1].decode(), position - base, end - base))
        position = end + 1
    return entries, position
