"""Inspectors on all cores, or in this process alone where others would cost more than they bring."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import TYPE_CHECKING

from secopskit.errors import SecopsError
from secopskit.git.repository import Repository
from secopskit.purge.find.inspector import InspectionResult, Inspector
from secopskit.purge.values.matcher import ValueMatcher

if TYPE_CHECKING:
    from concurrent.futures import Future, ProcessPoolExecutor


class Crew:
    """Inspects slices. Processes are started when there is more than one, and stay until `close`."""

    def __init__(self, repository: Repository, matcher: ValueMatcher, *, jobs: int = 0) -> None:
        self._repository = repository
        self._matcher = matcher
        self._jobs = jobs or os.cpu_count() or 1
        self._executor: ProcessPoolExecutor | None = None

    def inspect(self, slices: Iterable[bytes], *, bound: bool = False) -> Iterator[InspectionResult]:
        """What stands in the slices, as it is found. With `bound`, see `Inspector.inspect_bound`.

        The queue is short: memory does not grow with the repository. Raises what an inspector
        raised; SecopsError if one was killed.
        """
        slices = iter(slices)
        first = list(islice(slices, 2))
        if len(first) > 1 and self._jobs > 1:
            yield from self._together(chain(first, slices), bound)
        elif first:
            begin(self._repository, self._matcher)
            try:
                yield from (work(oids, bound) for oids in chain(first, slices))
            finally:
                _inspector.pop().close()

    def close(self) -> None:
        """End the processes."""
        if self._executor:
            self._executor.shutdown(wait=True, cancel_futures=True)
            self._executor = None

    def _together(self, slices: Iterable[bytes], bound: bool) -> Iterator[InspectionResult]:
        from concurrent.futures import FIRST_COMPLETED, wait
        from concurrent.futures.process import BrokenProcessPool

        executor = self._executor = self._executor or self._start()
        pending: set[Future[InspectionResult]] = set()
        try:
            for oids in slices:
                pending.add(executor.submit(work, oids, bound))
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

        # A forked process has the needles already; where fork is unsafe or missing they cross a pipe.
        forked = sys.platform == "linux"
        return ProcessPoolExecutor(
            self._jobs,
            mp_context=get_context("fork" if forked else "spawn"),
            initializer=_begin_process,
            initargs=(self._repository, self._matcher if forked else self._matcher.to_wire()),
        )


_inspector: list[Inspector] = []


def begin(repository: Repository, matcher: ValueMatcher | bytes) -> None:
    """Make this process's inspector; `matcher` may be in the form of `ValueMatcher.to_wire`."""
    if isinstance(matcher, bytes):
        matcher = ValueMatcher.from_wire(matcher)
    _inspector[:] = [Inspector(repository, matcher)]


def work(oids: bytes, bound: bool) -> InspectionResult:
    """Inspect a slice in this process."""
    return _inspector[0].inspect_bound(oids) if bound else _inspector[0].inspect(oids)


def _begin_process(repository: Repository, matcher: ValueMatcher | bytes) -> None:
    """Make an inspector of a new process. On Ctrl-C it ends without a word."""
    import signal
    import threading

    signal.signal(signal.SIGINT, signal.SIG_DFL)
    threading.Thread(target=_follow_parent, daemon=True).start()
    begin(repository, matcher)


def _follow_parent() -> None:
    """End with the parent: a killed one could not tell us, and we would hold its locks for ever."""
    from multiprocessing import parent_process
    from multiprocessing.connection import wait

    if parent := parent_process():
        wait([parent.sentinel])
        os._exit(1)
