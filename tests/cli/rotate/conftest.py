"""The fake vendor's providers and sink, known to the registries while a test runs."""

from __future__ import annotations

import pytest

from secopskit.provider import PROVIDERS
from secopskit.sink import SINKS
from support.rotating import registered


@pytest.fixture(autouse=True)
def fakes(monkeypatch: pytest.MonkeyPatch) -> None:
    providers, sinks = registered()
    for name, entry in providers.items():
        monkeypatch.setitem(PROVIDERS, name, entry)
    for name, target in sinks.items():
        monkeypatch.setitem(SINKS, name, target)
