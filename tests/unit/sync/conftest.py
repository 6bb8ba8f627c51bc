"""A repository with a declaration, and a host that is a dictionary."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from secopskit.origin import ORIGINS
from secopskit.sink import SINKS
from support.sync import HOSTS, FakeHost


@pytest.fixture(autouse=True)
def _registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ORIGINS, "shelf", "support.sync:FakeOrigin")
    monkeypatch.setitem(SINKS, "locker", "support.sync:locker")
    monkeypatch.setitem(SINKS, "board", "support.sync:board")


@pytest.fixture
def host(tmp_path: Path) -> Iterator[FakeHost]:
    HOSTS[str(tmp_path)] = host = FakeHost()
    yield host
    del HOSTS[str(tmp_path)]
