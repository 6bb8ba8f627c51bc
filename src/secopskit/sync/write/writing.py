"""The writing of a sync: a plan is carried out, and each thing that was done is put down."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from threading import Event, Lock
from typing import Final

from secopskit.conduct.tell import Tell
from secopskit.errors import SecopsError
from secopskit.github.errors import GitHubError
from secopskit.named_tuple import NamedTuple
from secopskit.progress import Progress, ProgressStage
from secopskit.sink.interface import Sink
from secopskit.state.published import PublishedName, PublishedValue
from secopskit.sync.compare.records import SyncRecords
from secopskit.sync.compare.targets import SinkKey
from secopskit.sync.fanout import each_repository
from secopskit.sync.model import SyncItem, SyncPlan, SyncState
from secopskit.sync.outcome import SyncFailure
from secopskit.sync.write.journal import SyncJournal, SyncNotebook, SyncStep

_BATCH: Final = 20
_SECONDS: Final = 2.0
_PATIENCE: Final = 2  # failures in a row, after which a sink is left alone
_UNAUTHORISED: Final = 401


class WrittenItem(NamedTuple):
    """An item that is written or removed. `at` is when the host says that was, None where it does not."""

    item: SyncItem
    at: datetime | None


@dataclass(slots=True)
class WriteLog:
    """What was done: kept in the journal and the records, a few at a time, never before it is done.

    Used by several threads. What a crash keeps from being put down is written again, which is the same.
    """

    records: SyncRecords
    notebook: SyncNotebook | None
    journal: SyncJournal
    done: list[WrittenItem] = field(default_factory=list)
    _pending: list[WrittenItem] = field(default_factory=list)
    _flushed: float = field(default_factory=time.monotonic)
    _lock: Lock = field(default_factory=Lock)

    def add(self, written: WrittenItem) -> None:
        """Note what is done. Raises SecopsError where it cannot be put down."""
        with self._lock:
            self.done.append(written)
            self._pending.append(written)
            if len(self._pending) >= _BATCH or time.monotonic() - self._flushed >= _SECONDS:
                self._flush()

    def flush(self) -> None:
        """See all that is done on the disk. Raises SecopsError."""
        with self._lock:
            self._flush()

    def step(self, step: SyncStep) -> None:
        """Note that the sync has come to a step. Raises SecopsError."""
        if self.notebook is not None:
            self.journal = self.notebook.advance(self.journal, step)

    def put_down(self, entries: Mapping[PublishedName, PublishedValue], items: list[SyncItem]) -> None:
        """Correct what the records say of items. Raises SecopsError."""
        self.records.put_down(entries, (), readable=_readable(items))

    def _flush(self) -> None:
        self._flushed = time.monotonic()
        if not self._pending:
            return
        written = {
            name_of(item): PublishedValue(item.value, at, self.records.declaration)
            for item, at in self._pending
            if item.value is not None
        }
        removed = [name_of(item) for item, _ in self._pending if item.value is None]
        items = [one.item for one in self._pending]
        self.records.put_down(written, removed, readable=_readable(items))
        if self.notebook is not None:
            entries = self.journal.with_done(map(name_of, items))
            self.journal = self.notebook.advance(self.journal, SyncStep.WRITING, entries=entries)
        self._pending.clear()


def name_of(item: SyncItem) -> PublishedName:
    """Under what an item is on record."""
    return item.sink.address, item.sink.canonical(item.name)


def _readable(items: list[SyncItem]) -> list[PublishedName]:
    return [name_of(item) for item in items if item.sink.readable]


# --- doing it ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _SinkJob:
    """What is done in one sink: the place is made if that is missing, then names are written and removed."""

    sink: Sink
    make: bool
    items: tuple[SyncItem, ...]


@dataclass(slots=True)
class WriteResult:
    """What became of the writing, collected from several threads.

    `locked_out` tells that the host does not know us, `stopped` that nothing more is to be begun.
    """

    made: list[str] = field(default_factory=list)
    failures: list[SyncFailure] = field(default_factory=list)
    untried: list[SyncItem] = field(default_factory=list)
    locked_out: bool = False
    stopped: Event = field(default_factory=Event)

    @property
    def uncertain(self) -> bool:
        """Whether something that failed may have been done all the same."""
        return not all(_is_refusal(failure.error) for failure in self.failures)


def write_all(plan: SyncPlan, log: WriteLog, tell: Tell) -> WriteResult:
    """Write and remove what the plan says. What a host refuses is a value, and the rest goes on.

    Raises SecopsError where what is done cannot be put down; what was done by then is.
    """
    result = WriteResult()
    try:
        with tell.progress() as progress:
            progress.stage(ProgressStage.WRITING_NAMES, len(plan.work))
            each_repository(_jobs(plan), lambda job: _do(job, log, result, progress), result.stopped)
    finally:
        log.flush()
    return result


def _jobs(plan: SyncPlan) -> dict[str, list[_SinkJob]]:
    """The jobs of each repository. A sink that several repositories share belongs to one of them."""
    items: dict[SinkKey, list[SyncItem]] = {}
    for item in (*plan.writes, *plan.removals):
        items.setdefault(item.sink.address, []).append(item)
    makes = {sink.address for sink in plan.makes}
    groups: dict[str, list[_SinkJob]] = {}
    for key, ones in items.items():
        job = _SinkJob(sink=ones[0].sink, make=key in makes, items=tuple(ones))
        groups.setdefault(ones[0].repository, []).append(job)
    return groups


def _do(job: _SinkJob, log: WriteLog, result: WriteResult, progress: Progress) -> None:
    todo = iter(job.items)
    if not result.locked_out and _made(job, result, todo):
        _write(todo, log, result, progress)
    result.untried += todo


def _made(job: _SinkJob, result: WriteResult, todo: Iterator[SyncItem]) -> bool:
    """Whether the place is there, made if need be. If it cannot be, the first item tells why."""
    if not job.make:
        return True
    try:
        job.sink.make()
    except SecopsError as error:
        result.failures.append(SyncFailure(next(todo), error))
        return False
    result.made.append(job.sink.address)
    return True


def _write(todo: Iterator[SyncItem], log: WriteLog, result: WriteResult, progress: Progress) -> None:
    """Write one after another; a sink that refuses several in a row will refuse the rest."""
    failed = 0
    for item in todo:
        try:
            at = _put(item)
        except SecopsError as error:
            result.failures.append(SyncFailure(item, error))
            result.locked_out |= isinstance(error, GitHubError) and error.status == _UNAUTHORISED
            failed += 1
        else:
            log.add(WrittenItem(item, at))
            failed = 0
        progress.advance(1)
        if failed >= _PATIENCE or result.locked_out or result.stopped.is_set():
            return


def _put(item: SyncItem) -> datetime | None:
    if item.state is SyncState.UNMANAGED or item.value is None:
        item.sink.remove(item.name)
        return None
    return item.sink.put(item.sink.canonical(item.name), item.value)


def _is_refusal(error: SecopsError) -> bool:
    """Whether the host has said no: then it has done nothing."""
    return isinstance(error, GitHubError) and 400 <= error.status < 500
