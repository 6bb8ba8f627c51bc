"""A cluster, as the executor sees it: who cannot work is told, and that nobody is there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from secopskit.errors import ConfigError, SecopsError
from secopskit.fleet.executor import cluster
from secopskit.fleet.executor.cluster import ClusterExecutor
from secopskit.fleet.model import FleetRepository, Outcome, OutcomeKind, RepositoryKind, WorkUnit

_MARK = "ours"
_UNIT = WorkUnit(1, FleetRepository("/srv/app", RepositoryKind.DIRECTORY, "/srv/app"))


class Work:
    """A future that has ended with an error."""

    status = "error"

    def __init__(self, error: Exception) -> None:
        self._error = error

    def result(self) -> str:
        raise self._error

    def add_done_callback(self, call: Callable[[Work], None]) -> None:
        call(self)


class Dask:
    """A client of a cluster with one worker. `says` is its introduction, `fails` the end of all work."""

    status = "running"

    def __init__(self, says: object = _MARK, fails: Exception | None = None) -> None:
        self._says, self._fails = says, fails
        self.threads = {"tcp://worker": 1}

    def wait_for_workers(self, number: int, timeout: int) -> None:
        """It is there."""

    def run(self, *_: object, on_error: str) -> dict[str, object]:
        assert on_error == "return"
        return {"tcp://worker": self._says}

    def nthreads(self) -> dict[str, int]:
        return self.threads

    def submit(self, *_: object, **__: object) -> Work:
        assert self._fails
        return Work(self._fails)


def _executor(client: Any, told: list[Outcome] | None = None) -> ClusterExecutor:
    deliver = (told if told is not None else []).append
    return ClusterExecutor(client, deliver, mark=_MARK, shelf_bound=0)


def test_a_worker_without_secops_is_told_before_anything_is_done() -> None:
    with pytest.raises(ConfigError, match="a worker cannot run secops") as caught:
        _executor(Dask(Exception("ModuleNotFoundError")))
    assert "secopskit[fleet]" in caught.value.advice


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (RuntimeError("Error during deserialization"), "a worker cannot run secops"),
        (ModuleNotFoundError("secopskit"), "a worker cannot run secops"),
        (OSError("gone"), "the worker was killed"),
    ],
)
def test_one_that_comes_later_is_told_with_the_unit(error: Exception, reason: str) -> None:
    told: list[Outcome] = []
    _executor(Dask(fails=error), told).submit(_UNIT)
    assert [(one.kind, one.reason.startswith(reason)) for one in told] == [(OutcomeKind.KILLED, True)]


def test_where_nobody_works_any_more_the_run_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "_FRESH", -1.0)
    client = Dask()
    executor = _executor(client)
    client.threads = {}
    assert executor.slots == 1, "they come and go"
    monkeypatch.setattr(cluster, "_ALONE", -1.0)
    with pytest.raises(SecopsError, match="no workers") as caught:
        assert executor.slots
    assert "goes on where it was" in caught.value.advice
