"""The table of an incident: what it leaves out for its length, it counts."""

from __future__ import annotations

from secopskit.incident.tell.facts import IncidentFacts, TaskFacts
from secopskit.incident.tell.table import _below
from secopskit.report.page import unpainted


def test_tasks_that_are_left_out_are_counted() -> None:
    tasks = tuple(TaskFacts(who="you", what=f"do {number}", command="") for number in range(15))
    facts = IncidentFacts(
        repository="r", looked_at="r", complete=True, limits=(), counts={}, gating=0, secrets=(), tasks=tasks
    )
    few, everything = (list(_below(facts, 100, unpainted, everything=each)) for each in (False, True))
    assert "you: do 11" in few
    assert "you: do 12" not in few
    assert "and 3 more tasks: -v lists all." in few
    assert "you: do 14" in everything
    assert "and 3 more tasks: -v lists all." not in everything
