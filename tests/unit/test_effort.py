"""Bounds on effort: what costs little passes where others took the processor, and nothing else does."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from support import effort
from support.effort import costs_little


@pytest.fixture
def takes(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Callable[[], int]]:
    """Work that takes so many seconds of the processor at each try, on a machine of the ordinary kind."""
    now = 0.0
    monkeypatch.setattr(time, "process_time", lambda: now)
    monkeypatch.setattr(effort, "_slowness", lambda: 1.0)

    def work(*seconds: float) -> Callable[[], int]:
        left, tries = iter(seconds), 0

        def once() -> int:
            nonlocal now, tries
            now += next(left)
            tries += 1
            return tries

        return once

    return work


def test_what_costs_little_gives_its_result() -> None:
    assert costs_little(lambda: "done", 5) == "done"


def test_what_always_costs_more_is_told() -> None:
    with pytest.raises(AssertionError, match=r"^a sum costs too much: \d"):
        costs_little(lambda: sum(range(1_000_000)), 0.0001, what="a sum")


def test_what_was_slow_is_tried_again(takes: Callable[..., Callable[[], int]]) -> None:
    assert costs_little(takes(2, 2, 1), 1) == 3
    with pytest.raises(AssertionError, match=r"^it costs too much: 2\.00 s .*, 3\.00 s .*, 2\.00 s "):
        costs_little(takes(2, 3, 2, 1), 1)


def test_what_is_hopeless_is_tried_once(takes: Callable[..., Callable[[], int]]) -> None:
    with pytest.raises(AssertionError, match=r": 5\.00 s where 1\.00 s are allowed$"):
        costs_little(takes(5, 1), 1)


def test_a_slow_machine_has_a_wider_bound(
    takes: Callable[..., Callable[[], int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    slow: Iterator[float] = iter([1.0, 3.0])
    monkeypatch.setattr(effort, "_slowness", slow.__next__)
    assert costs_little(takes(3, 3), 1) == 2
