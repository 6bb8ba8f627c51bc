"""Objects in bulk, from one git that answers into memory slice after slice.

No pipe has to be filled and emptied, nothing is copied, and a search is run over many objects at
once, which costs far less than one call an object. Git keeps what it has unpacked for the next
slice: with slices of a few megabytes that spares a third of its work, with large ones a little.
"""

from __future__ import annotations

import mmap
import os
import signal
import time
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from typing import IO, Final

from secopskit.errors import GitError
from secopskit.git.bounded import GitChild, Watch
from secopskit.git.repository import Repository
from secopskit.named_tuple import NamedTuple

# How often to look whether git has finished; a slice takes it a hundred times as long.
_PAUSE: Final = 0.0005
_LONGEST_HEADER: Final = 128
_NEWLINE: Final = 0x0A
# By whom it was not the object's fault: an interrupt, a person, or a system that is out of memory.
_KILLED: Final = (-signal.SIGINT, -signal.SIGTERM, -9)


class Entry(NamedTuple):
    """One object of a batch: `data[start:end]` is its content. `kind` is git's word for it."""

    oid: str
    kind: str
    start: int
    end: int


class Batch(NamedTuple):
    """The content of some objects. Valid until the next batch is read; release `data` before.

    `starts` and `ends` are the offsets of the objects' contents in `data`, which lies in `memory`
    from offset `base` on. Of the objects asked for, git knows nothing of those that are `missing`, and
    has failed to read those that are `damaged`.
    """

    memory: mmap.mmap
    base: int
    data: memoryview
    starts: list[int]
    ends: list[int]
    missing: list[str]
    damaged: tuple[str, ...] = ()

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
        batch, rest = self._read_on(oids)
        if batch.damaged or rest:
            batch.data.release()
            raise _failed()
        return batch

    def each(self, oids: bytes) -> Iterator[Batch]:
        """The objects `oids` in their order, past every one that git gives up at: such are `damaged`.

        As one batch, where all can be read; each is valid until the next. Raises GitError if git can read
        nothing at all.
        """
        while oids:
            batch, oids = self._read_on(oids)
            yield batch

    def close(self) -> None:
        """End git. The next read starts it anew."""
        if self._questions:
            self._questions.close()
        if self._process:
            self._process.kill()
            self._process.wait()
        self._questions = self._process = None

    def _read_on(self, oids: bytes) -> tuple[Batch, bytes]:
        """The objects `oids` up to the first that cannot be read, and those that stand behind it."""
        width = oids.find(b"\n") + 1
        length, complaint = self._answered(oids)
        batch, answered = self._batch(length, oids, width)
        if answered * width == len(oids):
            return batch, b""
        self.close()  # what it would say next answers no question of ours
        if complaint and not answered and not self._is_alive():
            batch.data.release()
            raise complaint
        culprit = oids[answered * width : (answered + 1) * width - 1].decode()
        return batch._replace(damaged=(culprit,)), oids[(answered + 1) * width :]

    def _answered(self, oids: bytes) -> tuple[int, GitError | None]:
        """How much git has written of `oids`, and why it is not all. Raises GitError if it was killed."""
        mark = b"?%s" % os.urandom(16).hex().encode()  # that no content can foresee
        end = b"%s missing\n" % mark
        # What stands behind the new content is never read, so its pages are kept.
        os.lseek(self._content.fileno(), 0, os.SEEK_SET)
        try:
            self._ask(oids + mark + b"\n")
            return self._wait(end) - len(end), None
        except (OSError, GitError):
            length = os.lseek(self._content.fileno(), 0, os.SEEK_CUR)
            killed = self._process is not None and self._process.poll() in _KILLED
            self.close()
            if killed:
                raise _failed() from None
            return length, _failed()

    def _is_alive(self) -> bool:
        """Whether a new git answers at all: then it was the object that the last one failed at."""
        length, complaint = self._answered(b"")
        return complaint is None and length == 0

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

    def _batch(self, length: int, oids: bytes, width: int) -> tuple[Batch, int]:
        """What git has written as a batch, and the number of `oids` that it has answered in full.

        A damaged object may have more or less content than git says first: every answer has to begin with
        the id that was asked for, and end where its size says.
        """
        memory = self._mapped(length)
        starts, ends, missing = list[int](), list[int](), list[str]()
        position, asked = 0, 0
        while position < length and asked < len(oids):
            newline = memory.find(b"\n", position, min(length, position + _LONGEST_HEADER))
            oid, _, words = memory[position : max(newline, position)].partition(b" ")
            if oid != oids[asked : asked + width - 1]:
                break
            if words == b"missing":
                missing.append(oid.decode("ascii"))
                position = newline + 1
            else:
                end = newline + 1 + int(words.rpartition(b" ")[2])
                if end >= length or memory[end] != _NEWLINE:
                    break
                starts.append(newline + 1)
                ends.append(end)
                position = end + 1
            asked += width
        return Batch(memory, 0, memoryview(memory)[:length], starts, ends, missing), asked // (width or 1)

    def _mapped(self, length: int) -> mmap.mmap:
        """The content as memory; mapped anew only where it has outgrown the last mapping."""
        if self._memory is None or len(self._memory) < length:
            if not length and not os.fstat(self._content.fileno()).st_size:
                os.ftruncate(self._content.fileno(), 1)  # nothing cannot be mapped
            self._memory = mmap.mmap(self._content.fileno(), 0, access=mmap.ACCESS_READ)
        return self._memory


def _failed() -> GitError:
    return GitError("git cat-file failed", advice="Is the repository whole? Try `git fsck`.")


def _scratch_file() -> IO[bytes]:
    """A nameless file: in memory where the system can, else an unlinked temporary one."""
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("secops"), "w+b", buffering=0)
    import tempfile

    return tempfile.TemporaryFile(buffering=0)
