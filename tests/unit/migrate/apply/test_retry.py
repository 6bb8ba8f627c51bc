"""How long we go on trying."""

from __future__ import annotations

import time

import pytest

from secopskit.migrate.apply.retry import Patience, is_transient


def test_waits_grow_with_some_chance_in_them() -> None:
    waits = [next(iter_) for iter_ in [Patience(first=0.1, longest=0.4, total=60).waits()] for _ in range(6)]
    for wait, size in zip(waits, (0.1, 0.2, 0.4, 0.4, 0.4, 0.4), strict=True):
        assert size / 2 <= wait <= size
    again = [next(iter_) for iter_ in [Patience(first=0.1, longest=0.4, total=60).waits()] for _ in range(6)]
    assert waits != again


def test_patience_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = 0.0
    monkeypatch.setattr(time, "monotonic", lambda: clock)
    total = 0.0
    for wait in Patience(first=1, longest=4, total=10).waits():
        clock += wait
        total += wait
    assert total == pytest.approx(10)


def test_no_patience() -> None:
    assert list(Patience(total=0).waits()) == []


@pytest.mark.parametrize(
    ("state", "passes"), [("55P03", True), ("40P01", True), ("40001", True), ("23505", False), (None, False)]
)
def test_what_passes_by_itself(state: str | None, passes: bool) -> None:
    assert is_transient(state) is passes
