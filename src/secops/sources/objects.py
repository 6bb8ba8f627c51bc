"""Git objects in bulk: one `git cat-file --batch`, read in large chunks.

A prefilter is run over a whole chunk at once, which costs far less than one call an object;
`Chunk.entries` then tells which object each hit belongs to.
"""

from __future__ import annotations

import tempfile
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO, Final

from secops.git import Repository

CHUNK: Final = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Entry:
    """One object inside a chunk: `data[start:end]` is its content. `kind` is git's word for it."""

    oid: str
    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some whole objects. `data` is valid until the next chunk is asked for."""

    data: memoryview
    entries: list[Entry]
    starts: list[int]

    def entry_at(self, offset: int) -> Entry | None:
        """The object that the byte before `offset` belongs to; None on a header between two."""
        index = bisect_right(self.starts, offset - 1) - 1
        if index < 0 or offset - 1 >= self.entries[index].end:
            return None
        return self.entries[index]


def read_chunks(repository: Repository, oids: Iterable[str], missing: list[str]) -> Iterator[Chunk]:
    """The content of `oids`, in their order. Ids the repository lacks are added to `missing`.

    Memory: one chunk, or the largest object. Raises GitError.
    """
    with tempfile.TemporaryFile() as wanted:
        wanted.writelines(f"{oid}\n".encode() for oid in oids)
        wanted.seek(0)
        with repository.stream("cat-file", "--batch", "--buffer", stdin=wanted) as output:
            yield from _chunks(output, missing)


def _chunks(output: IO[bytes], missing: list[str]) -> Iterator[Chunk]:
    buffer, filled = bytearray(CHUNK), 0
    while True:
        if filled == len(buffer):  # not even one object fits
            buffer.extend(bytes(len(buffer)))
        with memoryview(buffer) as view:
            count = output.readinto(view[filled:])  # type: ignore[attr-defined]  # a raw pipe has it
        filled += count
        if not count or filled == len(buffer):
            entries, end = _parse(buffer, filled, missing)
            if entries:
                with memoryview(buffer) as view, view[:end] as part:
                    yield Chunk(part, entries, [entry.start for entry in entries])
            buffer[: filled - end] = buffer[end:filled]
            filled -= end
            if not count:
                return


def _parse(buffer: bytearray, filled: int, missing: list[str]) -> tuple[list[Entry], int]:
    """The whole objects in `buffer[:filled]` and where the first incomplete one begins."""
    entries: list[Entry] = []
    position = 0
    while (newline := buffer.find(b"\n", position, filled)) >= 0:
        words = buffer[position:newline].split(b" ")
        if len(words) != 3:
            missing.append(words[0].decode("ascii", "replace"))
            position = newline + 1
            continue
        start = newline + 1
        end = start + int(words[2])
        if end >= filled:
            break
        entries.append(Entry(words[0].decode(), words[1].decode(), start, end))
        position = end + 1
    return entries, position
