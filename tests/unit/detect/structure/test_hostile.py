"""Hostile content: no exception, bounded time, spans inside the blob."""

from __future__ import annotations

from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secopskit.detect.structure import DETECTORS, MAX_SIZE
from secopskit.findings import Blob, Match
from secopskit.rules.load import load_builtin
from support.effort import costs_little
from support.hostile import COMPOSE, HOSTILE, texts
from support.values import alnum

OTHER_PATHS = (
    "k8s/secret.yml",
    ".github/workflows/ci.yml",
    ".docker/config.json",
    ".bashrc",
    "settings.py",
    "notes.md",
    "Procfile",
    "login.robot",
)
PATHS = sorted(
    {*OTHER_PATHS}
    | {rule.example_path for rule in load_builtin() if any(d.wants(rule.example_path) for d in DETECTORS)}
)

# Of paths that the same rows want, one tells what a bomb costs; YAML is read in several ways, by the path.
BOMBED = sorted(
    set({frozenset(d.name for d in DETECTORS if d.wants(path)): path for path in PATHS}.values())
    | {*OTHER_PATHS, "compose.yaml"}
)


def scan(path: str, data: bytes) -> list[Match]:
    return [
        match for each in DETECTORS if each.wants(path) for match in each.detect(Blob(path=path, data=data))
    ]


_MOST = 8  # seconds


def check(path: str, data: bytes) -> None:
    for match in scan(path, data):
        assert 0 <= match.span.start < match.span.end <= len(data), (path, match.rule_id)


@settings(max_examples=60, deadline=None)
@given(data=st.binary(max_size=400))
def test_random_bytes(data: bytes) -> None:
    for path in PATHS:
        check(path, data)


@settings(max_examples=120, deadline=None)
@given(data=texts())
def test_pieces_of_every_grammar(data: bytes) -> None:
    for path in PATHS:
        check(path, data)


@pytest.mark.parametrize("cut", range(0, len(COMPOSE), 7))
def test_a_truncated_file(cut: int) -> None:
    check("compose.yaml", COMPOSE[:cut])


@pytest.mark.parametrize("name", HOSTILE)
def test_a_bomb_costs_little(name: str) -> None:
    data = HOSTILE[name]
    for path in BOMBED:
        costs_little(partial(check, path, data), _MOST, what=path)


def test_a_file_over_the_limit_is_left_to_the_patterns() -> None:
    data = f"[db]\npassword = {alnum(20)}\n".encode()
    assert scan("a.ini", data)
    assert not scan("a.ini", data + b"#" * MAX_SIZE)


def test_of_a_file_over_the_limit_that_counts_by_its_name_the_beginning_is_read() -> None:
    data = b"API_KEY=" + b"a1B2c3D4" * 5 + b"\n"
    assert len(scan(".env", data + b"# x\n" * (MAX_SIZE // 4) + data)) == 1
    assert not scan(".env", b"#" * MAX_SIZE + data)


def test_every_detector_is_met_here() -> None:
    for detector in DETECTORS:
        assert any(detector.wants(path) for path in PATHS), detector.name
