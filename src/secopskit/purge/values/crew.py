"""All cores at work on objects of a repository, with the values of a purge."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, ExitStack
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

from secopskit.git.packs.available import open_sources
from secopskit.git.packs.lookup import reading_from
from secopskit.git.repository import Repository
from secopskit.git.workers import WorkerPool, worked_ahead
from secopskit.purge.values.matcher import ValueMatcher

if TYPE_CHECKING:
    from secopskit.git.packs.sources import ObjectSources

_MANY: Final = 1000
"""Commits that are worth a process for what is done with all of them."""


class ObjectWorker:
    """What works in one process: it reads objects from the `sources`, or else by a git of its own."""

    def __init__(
        self, repository: Repository, matcher: ValueMatcher, sources: ObjectSources | None = None
    ) -> None:
        self._stack = ExitStack()
        self._reader = self._stack.enter_context(reading_from(repository, sources))
        self._matcher = matcher

    def close(self) -> None:
        """End the git process behind it, if there is one."""
        self._stack.close()


_Worker = TypeVar("_Worker", bound=ObjectWorker)
_Item = TypeVar("_Item")


def crew(
    worker: type[_Worker],
    repository: Repository,
    matcher: ValueMatcher,
    sources: ObjectSources | None,
    *,
    jobs: int = 0,
) -> WorkerPool[_Worker]:
    """A pool of such workers, to be closed. `jobs` is a number of processes, 0 for one a core."""

    def maker() -> Callable[[], _Worker]:
        return partial(_from_wire, worker, repository, matcher.to_wire(), sources is not None)

    return WorkerPool(partial(worker, repository, matcher, sources), maker, jobs=jobs)


def for_commits(
    make: Callable[[], Generator[_Item]], commits: int, jobs: int
) -> AbstractContextManager[Iterator[_Item]]:
    """What `make` makes for so many commits: beside this process, where these are many and it may be so.

    `jobs` is as in `crew`.
    """
    return worked_ahead(make, beside=jobs != 1 and commits >= _MANY)


def _from_wire(worker: type[_Worker], repository: Repository, wire: bytes, from_packs: bool) -> _Worker:
    sources = open_sources(repository) if from_packs else None
    return worker(repository, ValueMatcher.from_wire(wire), sources)
