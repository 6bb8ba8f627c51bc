"""The order of a report, and what becomes one line."""

from __future__ import annotations

import random

import pytest

from secopskit.audit.model import Fold
from secopskit.audit.outcome import Priority
from secopskit.audit.rank import each_alone, priority_of, rank
from secopskit.findings import Severity
from support.mismatches import (
    DEFAULT_PASSWORD,
    GOES_NOWHERE,
    NO_HEALTH_CHECK,
    OPEN_PORT,
    UNDOCUMENTED,
    mismatch,
    rule,
)


@pytest.mark.parametrize(
    ("severity", "priority"),
    [
        (Severity.CRITICAL, Priority.P1),
        (Severity.HIGH, Priority.P2),
        (Severity.MEDIUM, Priority.P3),
        (Severity.LOW, Priority.P4),
        (Severity.INFO, Priority.P4),
    ],
)
def test_the_severity_decides_unless_it_is_for_development(severity: Severity, priority: Priority) -> None:
    plain = rule("plain", Severity.LOW)
    assert priority_of(rule("so-bad", severity), mismatch(plain, "X")) is priority
    assert priority_of(plain, mismatch(plain, "X", severity=severity)) is priority
    assert priority_of(plain, mismatch(plain, "X", severity=severity, development=True)) is Priority.P4


def test_the_worst_comes_first_what_stands_alone_before_what_is_folded_development_last() -> None:
    judged = [
        (OPEN_PORT, mismatch(OPEN_PORT, "dev", development=True)),
        *((UNDOCUMENTED, mismatch(UNDOCUMENTED, name)) for name in "AB"),
        (rule("single", Severity.LOW), mismatch(rule("single", Severity.LOW), "S")),
        (GOES_NOWHERE, mismatch(GOES_NOWHERE, "G")),
        (UNDOCUMENTED, mismatch(UNDOCUMENTED, "SECRET", severity=Severity.HIGH, alone=True)),
        (DEFAULT_PASSWORD, mismatch(DEFAULT_PASSWORD, "P")),
    ]
    told = [(line.priority.name, [one.subject for one in line.mismatches]) for line in rank(judged)]
    assert told == [
        ("P1", ["P"]),
        ("P2", ["SECRET"]),
        ("P3", ["G"]),
        ("P4", ["S"]),
        ("P4", ["A", "B"]),
        ("P4", ["dev"]),
    ]


@pytest.mark.parametrize(
    ("fold", "lines"),
    [
        (Fold.EACH, [["a"], ["b"], ["c"], ["d"]]),
        (Fold.STACK, [["a", "c"], ["b"], ["d"]]),
        (Fold.PROJECT, [["a", "b", "c"], ["d"]]),
    ],
)
def test_what_is_told_together(fold: Fold, lines: list[list[str]]) -> None:
    of = rule("of", Severity.LOW, fold)
    judged = [
        (of, mismatch(of, "a", line=1, stack="one")),
        (of, mismatch(of, "b", line=2, stack="two")),
        (of, mismatch(of, "c", line=3, stack="one")),
        (of, mismatch(of, "d", line=4, stack="one", alone=True)),
    ]
    found = rank(judged)
    assert sorted(sorted(one.subject for one in line.mismatches) for line in found) == lines
    assert [line.folded for line in found] == [len(line.mismatches) > 1 for line in found]
    assert [line.mismatches[0].subject for line in each_alone(found)] == [
        one.subject for line in found for one in line.mismatches
    ]


def test_the_order_in_which_rules_speak_changes_nothing() -> None:
    judged = [
        (of, mismatch(of, f"S{number}", f"f{number % 3}", number, stack=f"s{number % 2}"))
        for number in range(12)
        for of in (OPEN_PORT, UNDOCUMENTED, NO_HEALTH_CHECK)
    ]
    expected = rank(judged)
    for seed in range(5):
        random.Random(seed).shuffle(judged)
        assert rank(judged) == expected
