"""The countdown: every second is told, and it can be stopped at each."""

from __future__ import annotations

import pytest

from secopskit.conduct.countdown import count_down


def test_every_second_is_told_before_it_passes() -> None:
    seen: list[object] = []
    count_down(3, seen.append, sleep=lambda seconds: seen.append(f"{seconds} s"))
    assert seen == [3, "1 s", 2, "1 s", 1, "1 s"]


def test_none_is_none() -> None:
    seen: list[int] = []
    count_down(0, seen.append, sleep=lambda seconds: pytest.fail(f"slept {seconds} s"))
    assert seen == []


def test_it_can_be_stopped() -> None:
    def stop(left: int) -> None:
        if left == 2:
            raise KeyboardInterrupt

    slept: list[float] = []
    with pytest.raises(KeyboardInterrupt):
        count_down(5, stop, sleep=slept.append)
    assert len(slept) == 3
