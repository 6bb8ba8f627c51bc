"""Work on all cores, with a bounded queue: memory does not grow with the amount of work."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from secops.errors import SecopsError
from secops.git import Repository
from secops.scan.detectors import DetectorOptions
from secops.scan.history import worker

_Task = TypeVar("_Task")
_Result = TypeVar("_Result")


class Pool:
    """Worker processes, or this one alone where a pool would cost more than it brings."""

    def __init__(self, repository: Repository, options: DetectorOptions, *, jobs: int) -> None:
        self._repository = repository
        self._options = options
        self._jobs = jobs or os.cpu_count() or 1

    def map(self, function: Callable[[_Task], _Result], tasks: Iterable[_Task]) -> Iterator[_Result]:
        """The results of `function` (of the worker module) for all `tasks`, as they come.

        Raises what a worker raised; SecopsError if a worker died.
        """
        tasks = iter(tasks)
        first = [task for task, _ in zip(tasks, range(2), strict=False)]
        if len(first) < 2 or self._jobs == 1:
            if first:
                worker.start_process(self._repository, self._options)
            yield from map(function, first)
            yield from map(function, tasks)
            return
        yield from self._parallel(function, [*first], tasks)

    def _parallel(
        self, function: Callable[[_Task], _Result], first: list[_Task], rest: Iterator[_Task]
    ) -> Iterator[_Result]:
        from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
        from concurrent.futures.process import BrokenProcessPool
        from multiprocessing import get_context

        # fork starts at once and shares what is loaded; elsewhere it is unsafe or missing.
        context = get_context("fork" if sys.platform == "linux" else "spawn")
        executor = ProcessPoolExecutor(
            self._jobs, mp_context=context, initializer=_begin, initargs=(self._repository, self._options)
        )
        pending: set[Future[_Result]] = set()
        try:
            for task in _chain(first, rest):
                pending.add(executor.submit(function, task))
                if len(pending) > 2 * self._jobs:
                    done, pending = wait(pending, return_when=FIRST_COMPLETED)
                    yield from (future.result() for future in done)
            for future in pending:
                yield future.result()
        except BrokenProcessPool:
            raise SecopsError(
                "a worker process was killed", advice="Is memory short? Try SECOPS_SCAN_JOBS=1."
            ) from None
        finally:
            executor.shutdown(wait=True, cancel_futures=True)


def _begin(repository: Repository, options: DetectorOptions) -> None:
    """Make a worker of a new process. Ctrl-C is for the one that started it."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    worker.start_process(repository, options)


def _chain(first: list[_Task], rest: Iterator[_Task]) -> Iterator[_Task]:
    yield from first
    yield from rest
