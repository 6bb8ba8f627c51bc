"""What holds for all tests."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from support.cli import UNMEASURED, home

pytest_plugins = ["support.coverage_floor"]

# The machines that run this are slow and shared: a deadline would measure them, not us.
_COMMON = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
settings.register_profile("dev", _COMMON, max_examples=60)
settings.register_profile("ci", _COMMON, max_examples=60, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "dev")

# What the tests themselves, and the commands that they start, make fingerprints with: not the developer's.
os.environ["SECOPS_STATE_DIR"] = str(home() / "state")

# A shell that starts the tests in the background lets them ignore Ctrl-C, and what they start inherits that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


# What is quick to tell comes first: whole programs and servers last.
_ORDER = ("unit", "docs", "detection", "github", "git", "cli", "postgres")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the quick tests first."""
    top = Path(__file__).parent
    places = {name: number for number, name in enumerate(_ORDER)}

    def place(item: pytest.Item) -> int:
        return places.get(item.path.relative_to(top).parts[0], len(places))

    items.sort(key=place)


@pytest.fixture
def unmeasured(monkeypatch: pytest.MonkeyPatch) -> None:
    """No coverage of what the test starts: of what is tried whole, and measured where its parts are tested.

    Coverage would take as long as the command itself.
    """
    for name, value in UNMEASURED.items():
        monkeypatch.setenv(name, value)
