"""A run of a fleet: list, give out, take in, until every repository has one outcome.

Everything that a kill may interrupt is in the store before it is done, or after it is whole: who runs it
again goes on where it was.
"""

from __future__ import annotations

import heapq
import queue
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from secopskit.errors import SecopsError, UsageError
from secopskit.fleet.executor.interface import Deliver, Executor
from secopskit.fleet.model import FleetRepository, Outcome, OutcomeKind, UnitLimits
from secopskit.fleet.select.selection import FleetSelection
from secopskit.fleet.store.runs import Run, RunStore, UnitState, WaitingUnit
from secopskit.named_tuple import NamedTuple
from secopskit.report.text import count

_BATCH: Final = 100
_WAIT: Final = 0.5  # seconds
_OTHER_KEY: Final = (
    "its worker has the key of another fleet",
    "Give all workers a copy of this fleet's key: see docs/FLEET.md.",
)


class _Listed(NamedTuple):
    """A batch of repositories; the last one is empty, and says why not all could be listed."""

    repositories: tuple[FleetRepository, ...]
    errors: tuple[SecopsError, ...] = ()


_Event: TypeAlias = _Listed | Outcome


class RunWish(NamedTuple):
    """How to run. `again`: scan what has not changed, too. `fresh`: go on with no earlier run.

    `key_mark` is that of the fleet's key: results with fingerprints under another one are refused.
    """

    limits: UnitLimits = UnitLimits()
    again: bool = False
    fresh: bool = False
    judged: bool = True
    api: str = ""
    key_mark: str = ""


class RunProgress(NamedTuple):
    """How far a run is: `done` of the `known` units; more may come unless the list is `complete`."""

    done: int
    known: int
    complete: bool


class Watcher(NamedTuple):
    """Who is told: that a run begins, of a unit's end (repository, state, reason), how far the run is."""

    begun: Callable[[Run], None]
    ended: Callable[[str, UnitState, Outcome], None]
    progress: Callable[[RunProgress], None]


@dataclass(slots=True)
class RunSummary:
    """What a run came to: how many units ended how. `listing_errors` are why the list is not complete."""

    number: int
    resumed: bool
    states: Counter[UnitState] = field(default_factory=Counter)
    listing_errors: tuple[SecopsError, ...] = ()


def run_fleet(
    selection: FleetSelection,
    store: RunStore,
    make_executor: Callable[[Deliver], Executor],
    wish: RunWish,
    watcher: Watcher,
) -> RunSummary:
    """Scan all of a selection. Raises SecopsError where it cannot be begun or gone on with."""
    events: queue.Queue[_Event] = queue.Queue()
    run = store.begin(selection.label, fresh=wish.fresh)
    watcher.begun(run)
    executor = make_executor(events.put)
    try:
        threading.Thread(target=_list, args=(selection, events), daemon=True).start()
        return _Conductor(run, store, executor, wish, watcher).conduct(events, selection)
    finally:
        executor.close()


def _list(selection: FleetSelection, events: queue.Queue[_Event]) -> None:
    """Tell of the repositories as they are listed; the first ones are worked at while others are listed."""
    batch: list[FleetRepository] = []
    try:
        for repository in selection.repositories():
            batch.append(repository)
            if len(batch) == _BATCH:
                events.put(_Listed(tuple(batch)))
                batch = []
    except Exception as raised:  # noqa: BLE001 - who waits for the end of the list must hear of it
        selection.errors.append(
            SecopsError(f"the list of repositories broke off: a bug in secops: {type(raised).__name__}")
        )
    if batch:
        events.put(_Listed(tuple(batch)))
    events.put(_Listed((), tuple(selection.errors)))


class _Conductor:
    """The one thread that knows the store."""

    def __init__(
        self, run: Run, store: RunStore, executor: Executor, wish: RunWish, watcher: Watcher
    ) -> None:
        self._run, self._store, self._executor = run, store, executor
        self._wish, self._watcher = wish, watcher
        self._summary = RunSummary(run.number, run.resumed)
        self._waiting: list[tuple[int, int]] = []
        self._names: dict[int, str] = {}
        self._complete = False
        self._summary.states.update(store.states(run))
        self._known = self._summary.states.total()
        self._listed = set[int]()  # units of repositories that are meant now

    def conduct(self, events: queue.Queue[_Event], selection: FleetSelection) -> RunSummary:
        while not self._complete or self._waiting or self._names:
            self._give_out()
            self._watcher.progress(self._progress())
            try:
                event = events.get(timeout=_WAIT)
            except queue.Empty:
                continue
            if isinstance(event, Outcome):
                self._take(event)
            else:
                self._hear(event, selection)
        self._store.end(self._run)
        return self._summary

    def _push(self, units: Iterable[WaitingUnit]) -> None:
        for unit in units:
            self._known += 1
            heapq.heappush(self._waiting, (-unit.size, unit.number))

    def _give_out(self) -> None:
        """Keep everybody busy, the largest repositories first."""
        wish = self._wish
        slots = self._executor.slots
        while self._waiting and len(self._names) < slots:
            _, number = heapq.heappop(self._waiting)
            unit = self._store.unit(number, wish.limits, again=wish.again, judged=wish.judged, api=wish.api)
            self._names[number] = unit.repository.name
            self._executor.submit(unit)

    def _take(self, outcome: Outcome) -> None:
        name = self._names.pop(outcome.number, None)
        if name is None:  # a second answer about one unit
            return
        if outcome.kind is OutcomeKind.SCANNED and outcome.key_mark != self._wish.key_mark:
            outcome = Outcome(outcome.number, OutcomeKind.FAILED, *_OTHER_KEY)
        try:
            state = self._store.take(self._run, outcome)
        except SecopsError as error:  # a worker's answer that is none
            outcome = Outcome(outcome.number, OutcomeKind.FAILED, str(error), error.advice)
            state = self._store.take(self._run, outcome)
        if state is UnitState.WAITING:
            heapq.heappush(self._waiting, (0, outcome.number))  # what kills workers comes last
            return
        self._summary.states[state] += 1
        self._watcher.ended(name, state, outcome)

    def _hear(self, event: _Listed, selection: FleetSelection) -> None:
        if event.repositories:
            added = self._store.add(self._run, event.repositories)
            self._listed.update(added.units)
            self._push(added.waiting)
            return
        self._complete = True
        self._summary.listing_errors = event.errors
        notes = selection.notes()
        if not self._listed and not (self._run.resumed and event.errors):
            if not self._run.resumed:
                self._store.drop(self._run)  # it would stand before the last one that has something to tell
            raise next(iter(event.errors), None) or _nothing(notes)
        if self._run.resumed:
            notes += self._settle_others(whole=not event.errors)
        notes += [f"The list of repositories is not complete: {error}." for error in event.errors]
        self._store.listed(self._run, notes)

    def _settle_others(self, *, whole: bool) -> list[str]:
        """What becomes of the units of a resumed run that were not listed again, in sentences.

        Where the list is `whole`, they are not meant any more; else they may be.
        """
        if not whole:
            self._push(one for one in self._store.waiting(self._run) if one.number not in self._listed)
            return []
        dropped = self._store.keep_only(self._run, self._listed)
        if not dropped:
            return []
        self._summary.states = Counter(self._store.states(self._run))
        self._known = len(self._listed)
        return [f"{count(dropped, 'repository', 'repositories')} no longer listed since the run was begun."]

    def _progress(self) -> RunProgress:
        return RunProgress(sum(self._summary.states.values()), self._known, self._complete)


def _nothing(notes: list[str]) -> UsageError:
    """The error for a selection without a repository: a scan of nothing is not clean."""
    return UsageError(
        " ".join(("there is no repository to scan.", *notes)),
        advice="Is the name right, may the token see its repositories, and do the filters leave any?",
    )
