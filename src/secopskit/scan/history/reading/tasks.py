"""Workers on all cores, and what they are given to do: functions whose names may cross a pipe."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from secopskit.git.repository import Repository
from secopskit.git.workers import WorkerPool
from secopskit.scan.content.detectors import DetectorOptions, Detectors
from secopskit.scan.history.reading.crossing import Called, SliceResult
from secopskit.scan.history.reading.packed import PackedHistory, open_packed
from secopskit.scan.history.reading.worker import Worker

if TYPE_CHECKING:
    from secopskit.git.packs.portions import Portion


def history_workers(
    repository: Repository,
    detectors: Detectors,
    options: DetectorOptions,
    *,
    loose: frozenset[str] = frozenset(),
    packed: PackedHistory | None = None,
    called: Called | None = None,
    jobs: int,
) -> WorkerPool[Worker]:
    """Workers on all cores; a process that is not forked from this one loads its own rules. See `Worker`.

    If `packed` is open for some objects alone, these are `called` something.
    """
    return WorkerPool(
        partial(Worker, repository, detectors, loose, packed, called),
        lambda: partial(_opened, repository, options, loose, packed.limit if packed else None, called),
        jobs=jobs,
    )


def run_portions(worker: Worker, portions: Sequence[Portion]) -> SliceResult:
    """`Worker.scan_portions`, as a function whose name may cross a pipe."""
    return worker.scan_portions(portions)


def run_named_portions(worker: Worker, portions: Sequence[Portion]) -> SliceResult:
    """`Worker.scan_named_portions`, likewise."""
    return worker.scan_named_portions(portions)


def run_slice(worker: Worker, oids: Sequence[str]) -> SliceResult:
    """`Worker.scan`, as a function whose name may cross a pipe."""
    return worker.scan(oids)


def run_named(worker: Worker, pairs: Sequence[tuple[str, str]]) -> SliceResult:
    """`Worker.scan_named`, likewise."""
    return worker.scan_named(pairs)


def _opened(
    repository: Repository,
    options: DetectorOptions,
    loose: frozenset[str],
    limit: int | None,
    called: Called | None,
) -> Worker:
    detectors = Detectors.open(options)
    packed = None if limit is None else open_packed(repository, detectors, limit)
    packed = packed.narrowed(called.names) if packed and called else packed
    return Worker(repository, detectors, loose, packed, called)
