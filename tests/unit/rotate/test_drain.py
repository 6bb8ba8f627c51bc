"""The drain gate: which workflow runs are waited for, and what could not be looked at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from secopskit.rotate.act.drain import usage, wait_until_idle
from secopskit.rotate.request import RotationContext
from support.workshop import Clock, Notes, Workshop, context_for

PUBLISHED = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Runs:
    """A client of GitHub that knows workflow runs; each look takes one of `until` away."""

    host = "github.com"

    def __init__(self, *created: datetime, gone_after: int = 10**6) -> None:
        self.created = created
        self.looks = 0
        self.gone_after = gone_after

    def listed(
        self, path: str, key: str = "", query: Mapping[str, str] | None = None
    ) -> Iterator[dict[str, Any]]:
        assert (path, key) == ("/repos/acme/shop/actions/runs", "workflow_runs")
        assert query
        if query["status"] != "queued":
            return
        self.looks += 1
        if self.looks > self.gone_after:
            return
        for number, when in enumerate(self.created, 1):
            yield {"id": number, "name": "deploy", "status": "queued", "created_at": when.isoformat()}

    def get(self, path: str, query: Mapping[str, str] | None = None) -> Any:
        raise AssertionError(path)

    def send(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, *, again: bool = False
    ) -> Any:
        raise AssertionError(path)


class Session:
    """A provider that sees sessions until it has looked so often."""

    def __init__(self, looks: int = 0) -> None:
        self.left = looks

    def in_use(self, _: object) -> str:
        self.left -= 1
        return "2 sessions of the role shop_a" if self.left >= 0 else ""


@pytest.fixture
def shop(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path / "shop")


def context(
    shop: Workshop, runs: Runs, clock: Clock | None = None, tell: Notes | None = None
) -> RotationContext:
    return context_for(shop, github=lambda: runs, clock=clock, tell=tell)


def test_runs_that_began_before_are_told_and_later_ones_are_not(shop: Workshop) -> None:
    runs = Runs(PUBLISHED - timedelta(hours=1), PUBLISHED + timedelta(hours=1))
    seen = usage(context(shop, runs), ["acme/shop"], PUBLISHED, None, None)
    (sentence,) = seen.busy
    assert "1 workflow run of acme/shop" in sentence
    assert "deploy (queued" in sentence
    assert seen.unknown == ()


def test_clocks_may_differ_a_little(shop: Workshop) -> None:
    runs = Runs(PUBLISHED + timedelta(seconds=90))
    assert usage(context(shop, runs), ["acme/shop"], PUBLISHED, None, None).busy


def test_without_a_token_it_says_so(shop: Workshop) -> None:
    seen = usage(context_for(shop), ["acme/shop"], PUBLISHED, None, None)
    assert seen.busy == ()
    assert seen.unknown == ("Workflow runs of acme/shop could not be looked at: there is no token",)


def test_it_waits_until_they_are_gone(shop: Workshop) -> None:
    clock, tell = Clock(), Notes()
    runs = Runs(PUBLISHED, gone_after=3)
    provider: Any = Session(looks=5)
    new: Any = object()
    seen = wait_until_idle(
        context(shop, runs, clock, tell), ["acme/shop"], PUBLISHED, provider, new, timeout=600
    )
    assert seen.busy == ()
    assert clock.seconds == 50
    assert len(tell.notes) == 2  # both, then the sessions alone: what stays the same is told once
    assert "sessions of the role" in tell.notes[1]


def test_and_not_longer_than_it_may(shop: Workshop) -> None:
    clock = Clock()
    provider: Any = Session(looks=10**6)
    new: Any = object()
    seen = wait_until_idle(context(shop, Runs(), clock), [], PUBLISHED, provider, new, timeout=25)
    assert seen.busy == ("2 sessions of the role shop_a",)
    assert clock.seconds == 25
    looked = wait_until_idle(context(shop, Runs(), clock), [], PUBLISHED, provider, new, timeout=0)
    assert looked.busy
    assert clock.seconds == 25
