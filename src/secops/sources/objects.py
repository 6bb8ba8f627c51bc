"""Git objects: in bulk for a history, one by one for a commit.

In bulk, git writes a slice of objects into memory that we then read in large chunks. A
prefilter is run over a whole chunk at once, which costs far less than one call an object, and
no pipe has to be filled and emptied. `Chunk.entry_at` tells which object a hit belongs to.
"""

from __future__ import annotations

import os
import subprocess
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import IO, Final, NamedTuple

from secops.errors import GitError
from secops.git import Repository, start

CHUNK: Final = 4 * 1024 * 1024
_DISCARD: Final = 1024 * 1024


class Entry(NamedTuple):
    """One object inside a chunk: `data[start:end]` is its content. `kind` is git's word for it."""

    oid: str
    kind: str
    start: int
    end: int


class Chunk(NamedTuple):
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


class BulkReader:
    """Reads slices of objects, over and over into the same memory."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._wanted = _scratch_file()
        self._content = _scratch_file()

    def chunks(self, oids: Iterable[str], missing: list[str]) -> Iterator[Chunk]:
        """The content of `oids`, in their order. Ids the repository lacks are added to `missing`.

        Takes as much memory as the slice, so callers keep slices small. Raises GitError.
        """
        _rewind(self._wanted)
        self._wanted.writelines(f"{oid}\n".encode() for oid in oids)
        self._wanted.truncate()
        self._wanted.seek(0)
        _rewind(self._content)
        process = start(
            self._repository, "cat-file", "--batch", "--buffer", stdin=self._wanted, stdout=self._content
        )
        if process.wait() != 0:
            raise GitError("git cat-file failed", advice="Is the repository whole? Try `git fsck`.")
        length = os.lseek(self._content.fileno(), 0, os.SEEK_CUR)  # git wrote through the same file position
        self._content.seek(0)
        yield from _chunks(self._content, length, missing)


def _scratch_file() -> IO[bytes]:
    """A nameless file: in memory where the system can, else an unlinked temporary one."""
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("secops"), "w+b", buffering=0)
    import tempfile

    return tempfile.TemporaryFile(buffering=0)


def _rewind(file: IO[bytes]) -> None:
    """Begin anew. What stands behind the new content is never read, so its pages are kept."""
    file.seek(0)


def _chunks(content: IO[bytes], length: int, missing: list[str]) -> Iterator[Chunk]:
    buffer, filled, left = bytearray(min(CHUNK, length) + 1), 0, length
    while left:
        if filled == len(buffer):  # not even one object fits
            buffer.extend(bytes(len(buffer)))
        with memoryview(buffer) as view, view[filled : filled + left] as free:
            count = content.readinto(free)  # type: ignore[attr-defined]  # a raw file has it
        if not count:
            return
        filled, left = filled + count, left - count
        entries, end = _parse(buffer, filled, missing)
        if entries:
            with memoryview(buffer) as view, view[:end] as part:
                yield Chunk(part, entries, [entry.start for entry in entries])
        buffer[: filled - end] = buffer[end:filled]
        filled -= end


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
        start_of_content = newline + 1
        end = start_of_content + int(words[2])
        if end >= filled:
            break
        entries.append(Entry(words[0].decode(), words[1].decode(), start_of_content, end))
        position = end + 1
    return entries, position


class Content(NamedTuple):
    """One object read alone. `data` is None where the repository lacks it, or it is too large."""

    oid: str
    size: int | None
    data: bytes | None


def read_each(repository: Repository, oids: Sequence[str], *, limit: int) -> Iterator[Content]:
    """Objects one by one, each only if it has at most `limit` bytes. Raises GitError."""
    with repository.talk("cat-file", "--batch") as process:
        for oid in oids:
            yield _ask(process, oid, limit)


def _ask(process: subprocess.Popen[bytes], oid: str, limit: int) -> Content:
    assert process.stdin and process.stdout  # noqa: S101, PT018 - `talk` opens both
    try:
        process.stdin.write(f"{oid}\n".encode())
        process.stdin.flush()
    except BrokenPipeError:  # git has gone; its silence below says so
        pass
    words = process.stdout.readline().split()
    if not words:
        raise GitError("git cat-file ended early", advice="Is the repository whole? Try `git fsck`.")
    if len(words) != 3:
        return Content(oid, None, None)
    size = int(words[2])
    if size <= limit:
        return Content(oid, size, process.stdout.read(size + 1)[:-1])
    left = size + 1
    while left:
        left -= len(process.stdout.read(min(left, _DISCARD))) or left
    return Content(oid, size, None)
