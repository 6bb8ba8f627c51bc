"""What a sync tells: pages that a person reads, annotations that nothing can break out of, and no value."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from secopskit.errors import SecopsError
from secopskit.report.page import as_markdown, as_text
from secopskit.sync import run
from secopskit.sync.model import SyncPlan, UnreachableSink
from secopskit.sync.outcome import SyncFailure, SyncOutcome
from secopskit.sync.tell.annotations import plan_annotations
from secopskit.sync.tell.facts import outcome_facts, plan_facts
from secopskit.sync.tell.story import outcome_story, plan_story
from support.sync import FakeHost, request_for, surroundings_of

DECLARED = """
sync:
  repositories: [acme/shop]
  environments:
    production: {source: {shelf: one}, sinks: [locker], secrets: [A, B, C, D]}
    local: {source: {shelf: one}, secrets: [E, F]}
"""
LOCKER = "fake acme/shop production secret"
BREAKING = "gone\n::error::forged %0A ::warning::"


@pytest.fixture
def plan(tmp_path: Path, host: FakeHost) -> SyncPlan:
    """One name in each of several states."""
    host.sources["one"] = {"A": b"swordfish one", "B": b"swordfish two", "D": b"swordfish four"}
    request = request_for(tmp_path, DECLARED, names=("A",))
    run.apply(run.plan(request, sinks=surroundings_of(tmp_path)), request, consented=True)
    host.write(LOCKER, "D", b"x")
    for number in range(12):
        host.write(LOCKER, f"THEIRS_{number}", b"x")
    made = run.plan(request_for(tmp_path, DECLARED), sinks=surroundings_of(tmp_path))
    gone = UnreachableSink(
        address="else\u202ewhere", repository="", error=SecopsError(BREAKING, advice="Look.")
    )
    return replace(made, unreachable=(gone,))


def test_a_plan_is_a_page_by_environment_and_sink(plan: SyncPlan) -> None:
    text = as_text(plan_story(plan_facts(plan)), width=400)
    assert text.startswith(f"production: {LOCKER}\n")
    for words in (
        "create     B from one:B: not there",
        "missing    C: one has no C",
        "unknown    D from one:D: there, and no record here",
        "unchanged  A\n",
        "THEIRS_7 and 4 more",
        "else\\u202ewhere: gone\\n::error::forged",
        "local: E, F: declared without `sinks`, so brought nowhere.",
        "1 create, 1 unchanged, 1 missing, 12 unmanaged, 1 unknown.",
    ):
        assert words in text, words
    everything = as_text(plan_story(plan_facts(plan), everything=True), width=400)
    assert "THEIRS_11: not declared" in everything
    assert as_markdown(plan_story(plan_facts(plan))).startswith("# production")


def test_nothing_declared_is_said_so() -> None:
    assert "Nothing is declared here" in as_text(plan_story(plan_facts(SyncPlan(items=()))))


def test_facts_hold_no_value(plan: SyncPlan) -> None:
    assert "swordfish" not in json.dumps(asdict(plan_facts(plan))) + repr(plan) + str(plan)


def test_an_annotation_is_one_command_a_line(plan: SyncPlan) -> None:
    lines = list(plan_annotations(plan_facts(plan)))
    assert not [line for line in lines if "\n" in line or "\r" in line]
    assert [line.split("::")[1].split(" ")[0] for line in lines[:5]] == [
        "error",
        "warning",
        "error",
        "warning",
        "notice",
    ]
    assert lines[0].startswith("::error title=secops%3A not looked at::else\\u202ewhere: gone\\n")
    assert "THEIRS_11" in "".join(lines)
    assert list(plan_annotations(plan_facts(SyncPlan(items=())))) == ["secops sync-secrets: nothing declared"]


def test_an_outcome_is_a_page(plan: SyncPlan) -> None:
    first, second, *_ = plan.items
    whole = SyncOutcome(
        written=(first,),
        removed=(second,),
        made=(LOCKER,),
        failures=(SyncFailure(second, SecopsError("no", advice="Ask.")),),
        untried=(first,),
        unreachable=plan.unreachable,
        left=plan.left,
        remarks=("It is late.",),
        confirmed=1,
        resumable=True,
    )
    text = as_text(outcome_story(outcome_facts(whole)))
    for words in (
        f"made        {LOCKER}",
        f"written     A in {LOCKER}",
        "seen there  1 of 2",
        f"B in {LOCKER}: no. Ask.",
        f"C in {LOCKER}: missing, one has no C",
        "It is late.",
        "--resume",
    ):
        assert words in text, words
    endings = {
        SyncOutcome(): "There was nothing to do.",
        SyncOutcome(written=(first,), confirmed=1): "Done.",
        SyncOutcome(written=(first,)): "not all of it was seen there",
        SyncOutcome(written=(first,), left=plan.left): "Done, but for 1 name that no source",
        SyncOutcome(untried=(first,)): "Not all was done. Run it again.",
    }
    for outcome, words in endings.items():
        assert words in as_text(outcome_story(outcome_facts(outcome)))
