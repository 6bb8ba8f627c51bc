"""Work on all cores, with a bounded queue: memory does not grow with the amount of work."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from typing import TYPE_CHECKING, TypeVar

from secopskit.errors import SecopsError
from secopskit.git.repository import Repository
from secopskit.scan.detectors import DetectorOptions, Detectors
from secopskit.scan.history import worker

if TYPE_CHECKING:
    from concurrent.futures import Future, ProcessPoolExecutor

_Task = TypeVar("_Task")
_Result = TypeVar("_Result")


class Pool:
    """Worker processes, or this one alone where a process would cost more than it brings.

    Processes are started for the first `map` that needs them and stay until `close`.
    """

    def __init__(
        self, repository: Repository, detectors: Detectors, options: DetectorOptions, *, jobs: int
    ) -> None:
        self._repository = repository
        self._detectors = detectors
        self._options = options
        self._jobs = jobs or os.cpu_count() or 1
        self._executor: ProcessPoolExecutor | None = None

    def map(self, function: Callable[[_Task], _Result], tasks: Iterable[_Task]) -> Iterator[_Result]:
        """The results of `function` (of the worker module) for all `tasks`, as they come.

        Raises what a worker raised; SecopsError if a worker died.
        """
        tasks = iter(tasks)
        first = list(islice(tasks, 2))
        if len(first) > 1 and self._jobs > 1:
            yield from self._parallel(function, chain(first, tasks))
        elif first:
            worker.start_process(self._repository, self._detectors)
            yield from map(function, chain(first, tasks))

    def close(self) -> None:
        """End the processes, whatever they are doing."""
        if self._executor:
            self._executor.shutdown(wait=True, cancel_futures=True)
            self._executor = None

    def _parallel(self, function: Callable[[_Task], _Result], tasks: Iterable[_Task]) -> Iterator[_Result]:
        from concurrent.futures import FIRST_COMPLETED, wait
        from concurrent.futures.process import BrokenProcessPool

        executor = self._executor = self._executor or self._start()
        pending: set[Future[_Result]] = set()
        try:
            for task in tasks:
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

    def _start(self) -> ProcessPoolExecutor:
        from concurrent.futures import ProcessPoolExecutor
        from multiprocessing import get_context

        # A forked process has the rules already; where fork is unsafe or missing, a new one loads them.
        forked = sys.platform == "linux"
        return ProcessPoolExecutor(
            self._jobs,
            mp_context=get_context("fork" if forked else "spawn"),
            initializer=_begin,
            initargs=(self._repository, self._detectors if forked else self._options),
        )


def _begin(repository: Repository, detectors: Detectors | DetectorOptions) -> None:
    """Make a worker of a new process. On Ctrl-C it ends without a word."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_DFL)
    worker.start_process(repository, detectors)
