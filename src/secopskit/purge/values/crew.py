"""All cores at work on objects of a repository, with the values of a purge."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from typing import TypeVar

from secopskit.git.objects.lasting import reading
from secopskit.git.repository import Repository
from secopskit.git.workers import WorkerPool
from secopskit.purge.values.matcher import ValueMatcher


class ObjectWorker:
    """What works in one process: it reads objects of the repository by a git of its own."""

    def __init__(self, repository: Repository, matcher: ValueMatcher) -> None:
        self._stack = ExitStack()
        self._reader = self._stack.enter_context(reading(repository))
        self._matcher = matcher

    def close(self) -> None:
        """End the git process behind it."""
        self._stack.close()


_Worker = TypeVar("_Worker", bound=ObjectWorker)


def crew(worker: type[_Worker], repository: Repository, matcher: ValueMatcher) -> WorkerPool[_Worker]:
    """A pool of such workers, to be closed."""

    def maker() -> Callable[[], _Worker]:
        return partial(_from_wire, worker, repository, matcher.to_wire())

    return WorkerPool(partial(worker, repository, matcher), maker)


def _from_wire(worker: type[_Worker], repository: Repository, wire: bytes) -> _Worker:
    return worker(repository, ValueMatcher.from_wire(wire))
