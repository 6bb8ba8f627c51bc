"""Threads for what blocks: a few of them, with a short queue before them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from secopskit.migrate.server.api.problems import problem
from secopskit.migrate.server.settings import Limits

_Answer = TypeVar("_Answer")


class Workers:
    """Runs functions in threads, from one event loop. `slots` counts what may still be asked for."""

    def __init__(self, limits: Limits) -> None:
        self._slots = limits.workers + limits.queue
        self._threads = ThreadPoolExecutor(limits.workers, thread_name_prefix="secops-api")
        # What is recorded does not wait behind what is asked.
        self._clerk = ThreadPoolExecutor(1, thread_name_prefix="secops-audit")

    async def run(self, function: Callable[[], _Answer]) -> _Answer:
        """The result of a function. Raises what it raises, and ProblemError if too much is asked for."""
        if self._slots <= 0:
            raise problem(503, "overloaded", "too many calls at once", retry_after="5")
        self._slots -= 1
        future = asyncio.get_running_loop().run_in_executor(self._threads, function)
        future.add_done_callback(self._free)  # a client that went away leaves its thread busy
        return await asyncio.shield(future)

    async def record(self, function: Callable[[], None]) -> None:
        """Run a function that records something; it is done even if nobody waits for it any longer."""
        await asyncio.shield(asyncio.get_running_loop().run_in_executor(self._clerk, function))

    def close(self) -> None:
        """Wait for all that was begun."""
        self._threads.shutdown()
        self._clerk.shutdown()

    def _free(self, future: asyncio.Future[_Answer]) -> None:
        self._slots += 1
        if not future.cancelled():
            future.exception()  # whoever asked may be gone: then nobody is to be told
