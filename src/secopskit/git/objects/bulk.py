"""Objects in bulk, from one git that answers into memory slice after slice.

No pipe has to be filled and emptied, nothing is copied, and a search is run over many objects at
once, which costs far less than one call an object. Git keeps what it has unpacked for the next
slice: with slices of a few megabytes that spares a third of its work, with large ones a little.
"""

from __future__ import annotations

import mmap
import os
import secrets
import time
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from typing import IO, Final, NamedTuple

from secopskit.errors import GitError
from secopskit.git.bounded import GitChild, Watch
from secopskit.git.repository import Repository

# How often to look whether git has finished; a slice takes it a hundred times as long.
_PAUSE: Final = 0.0005
_LONGEST_HEADER: Final = 128


class Entry(NamedTuple):
    """One object of a batch: `data[start:end]` is its content. `kind` is git's word for it."""

    oid: str
    kind: str
    start: int
    end: int


class Batch(NamedTuple):
    """The content of some objects. Valid until the next batch is read; release `data` before.

    `starts` and `ends` are the offsets of the objects' contents in `data`, which lies in `memory`
    from offset `base` on.
    """

    memory: mmap.mmap
    base: int
    data: memoryview
    starts: list[int]
    ends: list[int]
    missing: list[str]

    def entry_at(self, start: int, end: int) -> Entry | None:
        """The object in whose content `[start, end)` lies."""
        index = bisect_right(self.starts, start) - 1
        return self.entry(index) if index >= 0 and end <= self.ends[index] else None

    def entry(self, index: int) -> Entry:
        """The object number `index` of the batch."""
        start = self.starts[index]
        header = bytes(self.data[max(start - _LONGEST_HEADER, 0) : start - 1]).rpartition(b"\n")[2]
        oid, kind, _ = header.decode().split(" ")
        return Entry(oid, kind, start, self.ends[index])

    def entries(self) -> Iterator[Entry]:
        """All objects of the batch, in order."""
        return map(self.entry, range(len(self.starts)))

    def has_nul(self, start: int, end: int) -> bool:
        """Whether a byte of `data[start:end]` is zero."""
        return self.memory.find(b"\0", self.base + start, self.base + end) >= 0

    def parts(self, size: int) -> Iterator[Batch]:
        """The batch in pieces of about `size` bytes, whole objects each; each is released before the next.

        So small a piece stays in the processor's cache while it is looked at again and again.
        """
        first, position = 0, 0
        while first < len(self.starts):
            last = max(bisect_left(self.starts, position + size, first), first + 1)
            end = self.ends[last - 1]
            with self.data[position : end + 1] as data:
                starts = [start - position for start in self.starts[first:last]]
                ends = [end - position for end in self.ends[first:last]]
                yield Batch(self.memory, self.base + position, data, starts, ends, [])
            first, position = last, end + 1  # behind each object stands a newline


class BulkReader:
    """Reads objects of one repository, over and over into the same memory. Belongs to one process."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._content = _scratch_file()
        self._memory: mmap.mmap | None = None
        self._process: GitChild | None = None
        self._questions: IO[bytes] | None = None

    def read(self, oids: bytes) -> Batch:
        """The objects `oids` (hexadecimal, each followed by a newline), in their order.

        Takes as much memory as they have. Raises GitError if git gives up at one of them; others can
        be read afterwards.
        """
        mark = b"?%s" % secrets.token_hex(16).encode()  # that no content can foresee
        end = b"%s missing\n" % mark
        # What stands behind the new content is never read, so its pages are kept.
        os.lseek(self._content.fileno(), 0, os.SEEK_SET)
        try:
            self._ask(oids + mark + b"\n")
            length = self._wait(end)
        except (OSError, GitError):
            self.close()
            raise GitError("git cat-file failed", advice="Is the repository whole? Try `git fsck`.") from None
        return self._batch(length - len(end), oids.count(b"\n"))

    def close(self) -> None:
        """End git. The next read starts it anew."""
        if self._questions:
            self._questions.close()
        if self._process:
            self._process.kill()
            self._process.wait()
        self._questions = self._process = None

    def _ask(self, questions: bytes) -> None:
        if self._questions is None:
            theirs, ours = os.pipe()
            self._questions = os.fdopen(ours, "wb", buffering=0)
            with os.fdopen(theirs, "rb") as stdin:
                self._process = self._repository.start(
                    "cat-file", "--batch", stdin=stdin, stdout=self._content
                )
        rest = memoryview(questions)
        while rest:
            rest = rest[self._questions.write(rest) :]

    def _wait(self, end: bytes) -> int:
        """How much git has written, once it has written `end`."""
        assert self._process  # noqa: S101 - `_ask` has started it
        descriptor, watch = self._content.fileno(), Watch(self._process)
        while True:
            over = self._process.poll() is not None
            length = os.lseek(descriptor, 0, os.SEEK_CUR)  # git writes through the same file position
            if length >= len(end) and os.pread(descriptor, len(end), length - len(end)) == end:
                return length
            if over:
                raise GitError("git cat-file ended early")
            watch.look()
            time.sleep(_PAUSE)

    def _batch(self, length: int, wanted: int) -> Batch:
        memory = self._mapped(length)
        starts, ends, missing = list[int](), list[int](), list[str]()
        position = 0
        while position < length:
            newline = memory.find(b"\n", position, length)
            size = memory[memory.rfind(b" ", position, newline) + 1 : newline]
            if size == b"missing":
                missing.append(memory[position:newline].split(b" ")[0].decode("ascii", "replace"))
                position = newline + 1
                continue
            starts.append(newline + 1)
            ends.append(newline + 1 + int(size))
            position = newline + 2 + int(size)
        if len(starts) + len(missing) != wanted:
            raise GitError("git cat-file left out objects", advice="Is the repository whole? Try `git fsck`.")
        return Batch(memory, 0, memoryview(memory)[:length], starts, ends, missing)

    def _mapped(self, length: int) -> mmap.mmap:
        """The content as memory; mapped anew only where it has outgrown the last mapping."""
        if self._memory is None or len(self._memory) < length:
            self._memory = mmap.mmap(self._content.fileno(), 0, access=mmap.ACCESS_READ)
        return self._memory


def _scratch_file() -> IO[bytes]:
    """A nameless file: in memory where the system can, else an unlinked temporary one."""
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("secops"), "w+b", buffering=0)
    import tempfile

    return tempfile.TemporaryFile(buffering=0)
