from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secopskit.web.pace import Pace
from support.loopback import Clock


def test_a_burst_then_one_a_second() -> None:
    clock = Clock()
    pace = Pace(burst=3, per_second=1.0, sleep=clock.sleep, now=clock.now)
    times = []
    for _ in range(6):
        pace.turn(write=True)
        times.append(clock.now() - 1_700_000_000)
    assert times == pytest.approx([0, 0, 0, 1, 2, 3])


def test_reading_takes_no_turn() -> None:
    clock = Clock()
    pace = Pace(burst=1, per_second=1.0, sleep=clock.sleep, now=clock.now)
    for _ in range(100):
        pace.turn(write=False)
    assert not clock.slept


def test_a_rest_fills_the_bucket_but_not_beyond_the_burst() -> None:
    clock = Clock()
    pace = Pace(burst=2, per_second=1.0, sleep=clock.sleep, now=clock.now)
    for _ in range(2):
        pace.turn(write=True)
    clock.time += 1000
    for _ in range(3):
        pace.turn(write=True)
    assert clock.slept == pytest.approx([1.0])


@given(st.lists(st.floats(0, 5), min_size=1, max_size=80), st.integers(1, 10), st.floats(0.2, 10))
def test_never_more_than_burst_and_rate(rests: list[float], burst: int, per_second: float) -> None:
    clock = Clock(0.0)
    pace = Pace(burst=burst, per_second=per_second, sleep=clock.sleep, now=clock.now)
    times = []
    for rest in rests:
        clock.time += rest
        pace.turn(write=True)
        times.append(clock.now())
    for first in range(len(times)):
        for last in range(first, len(times)):
            span = times[last] - times[first]
            assert last - first + 1 <= burst + span * per_second + 1e-6


def test_threads_share_it() -> None:
    pace = Pace(burst=5, per_second=None)
    clock = Clock(0.0)
    shared = Pace(burst=5, per_second=1.0, sleep=clock.sleep, now=lambda: 0.0)
    threads = [threading.Thread(target=shared.turn, kwargs={"write": True}) for _ in range(25)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(clock.slept) == pytest.approx([float(number) for number in range(1, 21)])
    pace.turn(write=True)
