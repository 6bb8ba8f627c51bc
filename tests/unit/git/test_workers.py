"""What a copy of this process makes ahead comes in its order, with its errors, while it is wanted."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Iterator

import pytest

from secopskit.errors import RefusedError, SecopsError
from secopskit.git.workers import Ahead, may_copy

pytestmark = pytest.mark.skipif(not may_copy(), reason="no copies of processes here")


def test_items_come_in_their_order_from_another_process() -> None:
    with Ahead(lambda: [(number, os.getpid()) for number in range(1000)]) as items:
        found = list(items)
    assert [number for number, _ in found] == list(range(1000))
    assert {process for _, process in found}.isdisjoint({os.getpid()})
    assert not multiprocessing.active_children()


def test_nothing_is_an_item_like_any_other() -> None:
    with Ahead(lambda: [None, 0, None]) as items:
        assert list(items) == [None, 0, None]


def test_an_error_comes_behind_the_items_before_it() -> None:
    def make() -> Iterator[int]:
        yield 1
        raise RefusedError("the disk is full", advice="Make room.")

    with Ahead(make) as items:
        assert next(items) == 1
        with pytest.raises(RefusedError, match="the disk is full") as caught:
            next(items)
    assert caught.value.advice == "Make room."


def test_a_killed_process_is_told_of() -> None:
    def make() -> Iterator[int]:
        yield 1
        os.kill(os.getpid(), signal.SIGKILL)

    with Ahead(make) as items, pytest.raises(SecopsError, match="was killed"):
        list(items)


def test_who_leaves_early_ends_it() -> None:
    def make() -> Iterator[int]:
        yield 1
        time.sleep(60)  # it sends nothing, and so does not notice that nobody reads

    with Ahead(make) as items:
        assert next(items) == 1
        (process,) = multiprocessing.active_children()
    assert not process.is_alive()
