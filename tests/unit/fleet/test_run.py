"""A run: who is given what and when, and what is taken of what comes back."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from secopskit.errors import SecopsError, UsageError
from secopskit.fleet.executor.interface import Deliver, Executor
from secopskit.fleet.model import FleetRepository, Outcome, OutcomeKind, RepositoryKind, WorkUnit
from secopskit.fleet.run import RunSummary, RunWish, Watcher, run_fleet
from secopskit.fleet.select.selection import FleetSelection
from secopskit.fleet.store.runs import RunStore, UnitState
from secopskit.fleet.store.schema import opened

_DOCUMENT = zlib.compress(json.dumps({"findings": []}).encode())


def _scanned(unit: WorkUnit) -> Outcome:
    return Outcome(unit.number, OutcomeKind.SCANNED, document=_DOCUMENT, key_mark="ours")


class Hand:
    """An executor that answers at once; `does` says what, one answer or several."""

    def __init__(self, deliver: Deliver, does: Callable[[WorkUnit], list[Outcome]], slots: int = 1) -> None:
        self._deliver, self._does, self._slots = deliver, does, slots
        self.given: list[str] = []
        self.closed = False

    @property
    def slots(self) -> int:
        return self._slots

    def submit(self, unit: WorkUnit) -> None:
        self.given.append(unit.repository.name)
        for outcome in self._does(unit):
            self._deliver(outcome)

    def close(self) -> None:
        self.closed = True


class Run:
    """A run over repositories of some sizes."""

    def __init__(self, directory: Path) -> None:
        self._store = RunStore(opened(str(directory), create=True))
        self.ended: list[tuple[str, UnitState, str]] = []
        self.hand: Hand | None = None

    def __call__(
        self,
        sizes: dict[str, int],
        does: Callable[[WorkUnit], list[Outcome]] = lambda unit: [_scanned(unit)],
        error: SecopsError | None = None,
    ) -> RunSummary:
        def listing() -> Iterator[tuple[FleetRepository, str]]:
            for name, size in sizes.items():
                yield FleetRepository(name, RepositoryKind.DIRECTORY, name, size=size), ""
            if error:
                raise error

        def make(deliver: Deliver) -> Executor:
            self.hand = Hand(deliver, does)
            return self.hand

        watcher = Watcher(
            lambda _: None,
            lambda name, state, outcome: self.ended.append((name, state, outcome.reason)),
            lambda _: None,
        )
        selection = FleetSelection(words=("x",), listings=(listing,))
        return run_fleet(selection, self._store, make, RunWish(key_mark="ours"), watcher)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(tmp_path / "fleet")


def test_the_largest_come_first(run: Run) -> None:
    run({"small": 1, "large": 100, "middle": 10})
    assert run.hand
    assert run.hand.given == ["large", "middle", "small"]
    assert run.hand.closed


def test_who_kills_its_worker_comes_last_and_no_third_time(run: Run) -> None:
    def does(unit: WorkUnit) -> list[Outcome]:
        deadly = unit.repository.name == "deadly"
        return [Outcome(unit.number, OutcomeKind.KILLED, "killed") if deadly else _scanned(unit)]

    summary = run({"deadly": 100, "a": 2, "b": 1}, does)
    assert run.hand
    assert run.hand.given == ["deadly", "a", "b", "deadly"]
    assert summary.states == {UnitState.SCANNED: 2, UnitState.SET_ASIDE: 1}


def test_a_result_under_another_key_is_none(run: Run) -> None:
    run({"a": 1}, lambda unit: [_scanned(unit)._replace(key_mark="theirs")])
    assert run.ended == [("a", UnitState.FAILED, "its worker has the key of another fleet")]


def test_a_second_answer_changes_nothing(run: Run) -> None:
    summary = run({"a": 2, "b": 1}, lambda unit: [_scanned(unit), _scanned(unit)])
    assert summary.states == {UnitState.SCANNED: 2}
    assert [name for name, _, _ in run.ended] == ["a", "b"]


def test_an_answer_that_is_none_is_a_failure(run: Run) -> None:
    run({"a": 1}, lambda unit: [_scanned(unit)._replace(document=b"no")])
    assert run.ended == [("a", UnitState.FAILED, "the result of a repository is damaged")]


def test_a_list_that_breaks_off_leaves_what_it_has_told(run: Run) -> None:
    summary = run({"a": 1}, error=SecopsError("the network is gone"))
    assert summary.states == {UnitState.SCANNED: 1}
    assert [str(one) for one in summary.listing_errors] == ["the network is gone"]


def test_a_list_that_tells_nothing_is_an_error(run: Run) -> None:
    with pytest.raises(SecopsError, match="the network is gone"):
        run({}, error=SecopsError("the network is gone"))
    with pytest.raises(UsageError, match="no repository to scan"):
        run({})
