"""How blobs are read to be judged by their names: from their packs again, or by git where they are few."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from typing import Final, TypeAlias

from secopskit.git.repository import Repository
from secopskit.git.workers import WorkerPool
from secopskit.progress import Progress, ProgressStage, still_at_work
from secopskit.scan.content.detectors import Detectors
from secopskit.scan.history.options import HistoryOptions
from secopskit.scan.history.reading import tasks
from secopskit.scan.history.reading.crossing import Called, PackedHits, SliceResult
from secopskit.scan.history.reading.packed import PackedHistory
from secopskit.scan.history.reading.read import batches
from secopskit.scan.history.reading.worker import Worker

NamedBlob: TypeAlias = tuple[str, str]
"""A blob's id, and a path that it has."""

# Of fewer, the families that they belong to would be rebuilt for too little.
_MANY: Final = 200


class SecondLook:
    """A second look at blobs of a repository: by git, in `pool`; if they are many, from what is `packed`."""

    def __init__(
        self,
        repository: Repository,
        pool: WorkerPool[Worker],
        detectors: Detectors,
        options: HistoryOptions,
        *,
        packed: PackedHistory | None,
        progress: Progress,
    ) -> None:
        self._repository = repository
        self._pool = pool
        self._detectors = detectors
        self._options = options
        self._packed = packed
        self._progress = progress

    def results(self, blobs: Sequence[NamedBlob], hits: Mapping[str, PackedHits]) -> Iterator[SliceResult]:
        """What was found in `blobs`, judged by their names. Raises GitError.

        `hits` are those in them, packed, as far as they are known: these need not be searched again.
        """
        self._progress.stage(ProgressStage.LOOKING_BY_NAME, len({oid for oid, _ in blobs}))
        for result in self._results(blobs, hits):
            self._progress.advance(result.looked)
            yield result

    def _results(self, blobs: Sequence[NamedBlob], hits: Mapping[str, PackedHits]) -> Iterator[SliceResult]:
        names: dict[str, list[str]] = {}
        for oid, path in blobs:
            names.setdefault(oid, []).append(path)
        left = set(names)
        if self._packed and len(names) >= _MANY:
            packed = self._packed.narrowed(names)
            left.difference_update(packed.oids())
            left.update(packed.doubtful())
            still_at_work()
            for result in self._from_packs(packed, Called(names, hits)):
                left.update(result.doubtful)
                yield result
        rest = [blob for blob in blobs if blob[0] in left]
        yield from self._pool.map(tasks.run_named, batches(rest))

    def _from_packs(self, packed: PackedHistory, called: Called) -> Iterator[SliceResult]:
        """Other processes do this, which begin with the names in their memory."""
        self._pool.close()
        still_at_work()
        workers = tasks.history_workers(
            self._repository,
            self._detectors,
            self._options.detectors,
            packed=packed,
            called=called,
            jobs=self._options.jobs,
        )
        with closing(workers):
            portions = packed.named_portions(workers.jobs)
            still_at_work()
            yield from workers.map(tasks.run_named_portions, portions)
