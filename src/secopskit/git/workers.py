"""Work on all cores, with a bounded queue: memory does not grow with the amount of work."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing, contextmanager
from itertools import chain, islice
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from secopskit.errors import SecopsError
from secopskit.git.child import ENDED_BY_SIGNAL, signal_when_closed
from secopskit.progress import BEAT, still_at_work

if TYPE_CHECKING:
    from concurrent.futures import Future, ProcessPoolExecutor
    from multiprocessing.connection import Connection


class _Closeable(Protocol):
    """What works in one process."""

    def close(self) -> None:
        """End what it has started."""
        ...


_Worker = TypeVar("_Worker", bound=_Closeable)
_Item = TypeVar("_Item")
_Task = TypeVar("_Task")
_Result = TypeVar("_Result")


class WorkerPool(Generic[_Worker]):
    """Worker processes, or this one alone where a process would cost more than it brings.

    `make` makes what works, in this process or one forked from it. `maker` gives what does so in a
    process that shares nothing with this one: it crosses a pipe, so it must have all it needs.
    Processes are started for the first `map` that needs them and stay until `close`.
    """

    def __init__(
        self, make: Callable[[], _Worker], maker: Callable[[], Callable[[], _Worker]], *, jobs: int = 0
    ) -> None:
        self._make = make
        self._maker = maker
        self._jobs = jobs or os.cpu_count() or 1
        self._executor: ProcessPoolExecutor | None = None
        self._here: _Worker | None = None

    @property
    def jobs(self) -> int:
        """How many processes work at most."""
        return self._jobs

    def map(self, function: Callable[[_Worker, _Task], _Result], tasks: Iterable[_Task]) -> Iterator[_Result]:
        """The results of `function` (of a module) for all `tasks`, as they come.

        Raises what a worker raised; SecopsError if one was killed.
        """
        tasks = iter(tasks)
        first = list(islice(tasks, 2))
        if len(first) > 1 and self._jobs > 1:
            yield from self._together(function, chain(first, tasks))
        elif first:
            if self._here is None:
                self._here = self._make()
            for task in chain(first, tasks):
                yield function(self._here, task)

    def close(self) -> None:
        """End the processes, whatever they are doing."""
        if self._executor:
            self._executor.shutdown(wait=True, cancel_futures=True)
            self._executor = None
        if self._here is not None:
            self._here.close()
            self._here = None

    def _together(
        self, function: Callable[[_Worker, _Task], _Result], tasks: Iterable[_Task]
    ) -> Iterator[_Result]:
        from concurrent.futures.process import BrokenProcessPool

        executor = self._executor = self._executor or self._start()
        pending: set[Future[_Result]] = set()
        try:
            for task in tasks:
                pending.add(executor.submit(_work, function, task))
                if len(pending) > 2 * self._jobs:
                    done, pending = _first_of(pending)
                    yield from (future.result() for future in done)
            while pending:
                done, pending = _first_of(pending)
                yield from (future.result() for future in done)
        except BrokenProcessPool:
            raise _killed() from None

    def _start(self) -> ProcessPoolExecutor:
        from concurrent.futures import ProcessPoolExecutor
        from multiprocessing import get_context

        forked = may_copy()
        return ProcessPoolExecutor(
            self._jobs,
            mp_context=get_context("fork" if forked else "spawn"),
            initializer=_begin,
            initargs=(self._make if forked else self._maker(),),
        )


class Beside:
    """A function that works in a copy of this process, beside it.

    It does so where a process may be copied, as `may_copy` says; what it has done is in files that both have
    open.
    """

    def __init__(self, function: Callable[[], None]) -> None:
        from multiprocessing import get_context

        self._process = get_context("fork").Process(target=_work_beside, args=(function,), daemon=True)
        self._process.start()

    def wait(self) -> bool:
        """Wait for it to end; whether it came to its end, and did not give up with `SystemExit`."""
        while self._process.exitcode is None:
            self._process.join(BEAT)
            still_at_work()
        return self._process.exitcode == 0

    def close(self) -> None:
        """End it, whatever it is doing."""
        if self._process.exitcode is None:
            self._process.kill()
            self._process.join()


class Ahead(Generic[_Item]):
    """The items of an iterable, made by a copy of this process that works ahead, as far as a pipe holds.

    It does so where a process may be copied, as `may_copy` says. Used as a context; leaving it ends the copy.
    """

    def __init__(self, make: Callable[[], Iterable[_Item]]) -> None:
        from multiprocessing import get_context

        context = get_context("fork")
        self._items, items = context.Pipe(duplex=False)
        self._process = context.Process(target=_work_ahead, args=(make, self._items, items), daemon=True)
        self._process.start()
        items.close()

    def __enter__(self) -> Iterator[_Item]:
        return self._each()

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.join()
        self._items.close()

    def _each(self) -> Iterator[_Item]:
        """The items in their order. Raises what was raised there; SecopsError if the process was killed."""
        while True:
            while not self._items.poll(BEAT):
                still_at_work()
            try:
                item, error = self._items.recv()
            except EOFError:
                raise _killed() from None
            if error is not None:
                raise error
            if item is None:
                return
            yield item[0]


@contextmanager
def worked_ahead(make: Callable[[], Generator[_Item]], *, beside: bool) -> Iterator[Iterator[_Item]]:
    """The items of a generator: made `Ahead` if that is wanted and a process may be copied, or else here."""
    if beside and may_copy():
        with Ahead(make) as items:
            yield items
    else:
        with closing(make()) as items:
            yield items


def may_copy() -> bool:
    """Whether this process may be copied; elsewhere `fork` is unsafe or missing."""
    return sys.platform == "linux"


def _first_of(pending: set[Future[_Result]]) -> tuple[set[Future[_Result]], set[Future[_Result]]]:
    """Wait for one to be done; those that are, and those that are not."""
    from concurrent.futures import FIRST_COMPLETED, wait

    while True:
        done, rest = wait(pending, timeout=BEAT, return_when=FIRST_COMPLETED)
        still_at_work()
        if done:
            return done, rest


_worker: list[object] = []


def _begin(make: Callable[[], object]) -> None:
    """Make the worker of a new process."""
    _end_with_parent()
    _worker[:] = [make()]


def _work_beside(function: Callable[[], None]) -> None:
    _end_with_parent()
    function()


def _work_ahead(make: Callable[[], Iterable[_Item]], other_end: Connection, items: Connection) -> None:
    """Send each item in a tuple, and None behind the last; or the error with which it ends."""
    _end_with_parent()
    other_end.close()  # else nobody would notice that the reader has gone
    try:
        for item in make():
            items.send(((item,), None))
        items.send((None, None))
    except Exception as error:  # noqa: BLE001 - whatever it is, the reader raises it
        items.send((None, error))


def _killed() -> SecopsError:
    return SecopsError("a worker process was killed", advice="Is memory short? Try SECOPS_SCAN_JOBS=1.")


def _work(function: Callable[[_Worker, _Task], _Result], task: _Task) -> _Result:
    """What a worker process does with a task."""
    (worker,) = _worker
    return function(worker, task)  # type: ignore[arg-type]  # `_begin` has made it, by the pool's own maker


def _end_with_parent() -> None:
    """Have this process end without a word on Ctrl-C, and with its parent.

    A killed one could not tell us, and we would hold its locks for ever.
    """
    import threading
    from multiprocessing import parent_process

    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if (parent := parent_process()) is None:
        return
    # A thread may have to wait long for its turn, a signal does not.
    if ENDED_BY_SIGNAL and isinstance(parent.sentinel, int):
        signal_when_closed(parent.sentinel, os.getpid(), signal.SIGKILL)
    threading.Thread(target=_await_end, args=(parent.sentinel,), daemon=True).start()


def _await_end(sentinel: int) -> None:
    from multiprocessing.connection import wait

    wait([sentinel])
    os._exit(1)
