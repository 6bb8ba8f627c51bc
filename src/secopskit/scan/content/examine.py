"""The content of a source through the detectors: piece by piece, on all cores where there is much of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast

from secopskit.findings import Blob, Skipped, SkipReason
from secopskit.progress import NO_PROGRESS, Progress, ProgressStage
from secopskit.scan.content.detectors import DetectorOptions, Detectors
from secopskit.scan.content.occurrence import Occurrence
from secopskit.sources.interface import DivisibleSource, is_divisible

if TYPE_CHECKING:
    from secopskit.sources.interface import Piece, Source

# From so much on, processes bring more than the tenth of a second that they take to start
# (benchmarks/RESULTS.md).
_MANY: Final = 400
_MUCH: Final = 4 * 1024 * 1024
# A task for a process.
_TASK_PIECES: Final = 64
_TASK_BYTES: Final = 1024 * 1024

_Wire: TypeAlias = tuple[Any, ...]
_Items: TypeAlias = "Sequence[Piece | Skipped]"


class Examined:
    """What content came to. `names` are its paths, in order; those that were skipped are among them.

    `blobs` and `bytes` count content once.
    """

    __slots__ = ("blobs", "bytes", "found", "names", "skipped")

    def __init__(self) -> None:  # no dataclass: what makes them takes a commit's hook as long as its git
        self.found = list[Occurrence]()
        self.skipped = list[Skipped]()
        self.names = list[str]()
        self.blobs = self.bytes = 0

    def add(self, other: Examined) -> None:
        """Take in what comes after it."""
        self.found += other.found
        self.skipped += other.skipped
        self.names += other.names
        self.blobs += other.blobs
        self.bytes += other.bytes

    def to_wire(self) -> _Wire:
        """Plain values, to cross a pipe between two processes of ours."""
        found = [one.to_wire() for one in self.found]
        return found, self.skipped, self.names, self.blobs, self.bytes

    @classmethod
    def from_wire(cls, fields: _Wire) -> Examined:
        """The other end of `to_wire`."""
        told = cls()
        found, told.skipped, told.names, told.blobs, told.bytes = fields
        told.found = [Occurrence.from_wire(one) for one in found]
        return told


def examine(examiner: Examiner, *, jobs: int, progress: Progress) -> Examined:
    """All content of the source of `examiner`. `jobs` is a number of processes, 0 for one a core.

    `progress` is told of files. Raises GitError, SecopsError.
    """
    source = examiner.source
    if not is_divisible(source):
        progress.stage(ProgressStage.READING_FILES)
        return examiner.look(source.blobs(), progress)
    progress.stage(ProgressStage.READING_FILES)
    items, begun, size = source.pieces(), list["Piece | Skipped"](), 0
    for item in items:
        begun.append(item)
        size += _size(item)
        if jobs != 1 and (len(begun) >= _MANY or size >= _MUCH):
            return _together(examiner, chain(begun, items), jobs, progress)
    progress.expect(len(begun))
    return examiner.look(chain.from_iterable(map(examiner.content, begun)), progress)


def _together(
    examiner: Examiner, items: Iterable[Piece | Skipped], jobs: int, progress: Progress
) -> Examined:
    """What `items` come to, looked at by several processes while the rest of them is listed."""
    from secopskit.git.workers import WorkerPool  # a commit seldom has so much

    detectors = examiner.detectors
    detectors.ruleset.prefilter.ready()  # the processes are copies of this one
    maker = partial(_opened, examiner.source, detectors.options, examiner.excluded)
    counts, parts = list[int](), dict[int, Examined]()

    def tasks() -> Iterator[tuple[int, _Items]]:
        for task in _tasks(items):
            counts.append(len(task))
            yield len(counts) - 1, task
        progress.expect(sum(counts))

    with closing(WorkerPool(lambda: examiner, lambda: maker, jobs=jobs)) as pool:
        for number, wire in pool.map(_examined, tasks()):
            parts[number] = Examined.from_wire(wire)
            progress.advance(counts[number])
    whole = Examined()
    for number in sorted(parts):
        whole.add(parts[number])
    return whole


def _tasks(items: Iterable[Piece | Skipped]) -> Iterator[_Items]:
    task, size = list["Piece | Skipped"](), 0
    for item in items:
        task.append(item)
        size += _size(item)
        if len(task) >= _TASK_PIECES or size >= _TASK_BYTES:
            yield task
            task, size = [], 0
    if task:
        yield task


def _size(item: Piece | Skipped) -> int:
    return 0 if isinstance(item, Skipped) else item.size


def _examined(examiner: Examiner, task: tuple[int, _Items]) -> tuple[int, _Wire]:
    """What a process does with a task; a function whose name may cross a pipe."""
    number, items = task
    return number, examiner.look(chain.from_iterable(map(examiner.content, items))).to_wire()


def _opened(source: Source, options: DetectorOptions, excluded: Callable[[str], bool]) -> Examiner:
    return Examiner(source, Detectors.open(options), excluded)


class Examiner:
    """Reads a source and looks into what is in it, in one process; `excluded` paths are not looked into.

    `foresee` is told of what is found as soon as it is.
    """

    def __init__(self, source: Source, detectors: Detectors, excluded: Callable[[str], bool]) -> None:
        self.source = source
        self.detectors = detectors
        self.excluded = excluded
        self.foresee: Callable[[Occurrence], None] | None = None

    def content(self, item: Piece | Skipped) -> Iterator[Blob | Skipped]:
        """What is in a piece of a source that can be divided. Raises GitError."""
        return iter((item,)) if isinstance(item, Skipped) else cast(DivisibleSource, self.source).read(item)

    def look(self, content: Iterator[Blob | Skipped], progress: Progress = NO_PROGRESS) -> Examined:
        """What content comes to. `progress` is told of files."""
        told = Examined()
        for item in content:
            if self.source.brings_name(item.path) and item.path not in told.names[-1:]:
                told.names.append(item.path)
            if isinstance(item, Skipped):
                told.skipped.append(item)
            elif self.excluded(item.path):
                told.skipped.append(Skipped(path=item.path, reason=SkipReason.EXCLUDED))
            else:
                self._look_into(item, told)
            progress.advance(isinstance(item, Skipped) or _begins(item))
        return told

    def _look_into(self, blob: Blob, told: Examined) -> None:
        first = _begins(blob)
        told.blobs += first
        told.bytes += _own(blob)
        if first and blob.part and self.detectors.wants(blob.path):
            told.skipped.append(Skipped(path=blob.path, reason=SkipReason.IN_PARTS))
        found, unread = self.detectors.look_into(blob)
        told.found += found
        told.skipped += unread
        if self.foresee:
            for one in found:
                self.foresee(one)

    def close(self) -> None:
        """Nothing has to be ended."""


def _begins(blob: Blob) -> bool:
    """Whether it is not a further part of a file."""
    return blob.part is None or blob.part.start == 0


def _own(blob: Blob) -> int:
    """How many bytes of a blob stand in no other one."""
    return blob.part.end - blob.part.start if blob.part else len(blob.data)
