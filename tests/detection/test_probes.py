"""What people write is found, and what is no secret is left alone: in probes written for this, drawn anew.

`python -m benchmarks.detection --misses` shows what is behind a figure here, with more draws.
"""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Final, NamedTuple

import pytest

from support.cli import rules_cache
from support.framework_keys import FORMS, draw_keys
from support.probe_scan import Verdict, judge
from support.probes import DECLARATIONS, INNOCENT, draw, load


class _Floor(NamedTuple):
    """What holds today, and what is wanted."""

    holds: float
    goal: float


DECLARATIONS_FOUND: Final = _Floor(holds=0.96, goal=0.97)  # share of the values
FALSE_ABOVE_LOW: Final = _Floor(holds=4, goal=2)  # findings in all innocent files together
KEYS_FOUND: Final = _Floor(holds=0.98, goal=0.99)  # share of the keys of all frameworks

_DRAWS: Final = 20  # of each form of key


@pytest.fixture(autouse=True)
def _compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rules as another test process has compiled them."""
    monkeypatch.setenv("SECOPS_CACHE_DIR", str(rules_cache()))


@pytest.fixture
def seed() -> str:
    """Another one at every run; a failure shows it, and `--seed` of the benchmark draws the same."""
    return secrets.token_hex(4)


def _misses(verdicts: list[Verdict]) -> list[str]:
    return [f"{one.drawn.kind} {one.drawn.path}" for one in verdicts if not all(one.found)]


def _share(verdicts: list[Verdict]) -> float:
    found = [each for one in verdicts for each in one.found]
    return sum(found) / len(found)


def test_ordinary_declarations_are_found(tmp_path: Path, seed: str) -> None:
    probes = load(DECLARATIONS)
    assert len(probes) >= 150
    assert len({probe.kind for probe in probes}) >= 25
    verdicts = judge(draw(probes, seed), tmp_path)
    assert _share(verdicts) >= DECLARATIONS_FOUND.holds, (seed, _misses(verdicts))


def test_files_without_a_secret_are_left_alone(tmp_path: Path, seed: str) -> None:
    probes = load(INNOCENT)
    assert len(probes) >= 50
    false = [shown for one in judge(draw(probes, seed), tmp_path) for shown in one.shown if shown.above_low]
    assert len(false) <= FALSE_ABOVE_LOW.holds, (seed, [(one.path, one.rule) for one in false])


def test_keys_of_frameworks_are_found(tmp_path: Path, seed: str) -> None:
    verdicts = judge(list(draw_keys(_DRAWS, seed)), tmp_path)
    assert len(verdicts) == _DRAWS * len(FORMS)
    assert _share(verdicts) >= KEYS_FOUND.holds, (seed, _misses(verdicts))
