"""The state that evidence proves: the table of the document, and what holds for all evidence."""

from __future__ import annotations

import itertools
import re
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secopskit.incident.model import IncidentEvidence, IncidentState, SinkState
from secopskit.incident.states import state_of
from support.cli import ROOT

FLAGS = [one.name for one in fields(IncidentEvidence) if one.name not in ("value", "sinks")]
EVERY = [
    IncidentEvidence(value=value, sinks=sinks, **dict(zip(FLAGS, flags, strict=True)))
    for value in (True, False)
    for sinks in SinkState
    for flags in itertools.product((True, False), repeat=len(FLAGS))
]
FOLLOWED = {SinkState.NONE, SinkState.FOLLOWED}
BEST = IncidentEvidence(
    found=False, complete=True, dead=True, sinks=SinkState.FOLLOWED, purged=True, proved=True, unpushed=False
)


@pytest.mark.parametrize(
    ("evidence", "state"),
    [
        (IncidentEvidence(), "found"),
        (IncidentEvidence(accepted=True), "accepted"),
        (IncidentEvidence(dead=True, sinks=SinkState.BEHIND), "rotated"),
        (IncidentEvidence(dead=True, sinks=SinkState.UNKNOWN), "rotated"),
        (IncidentEvidence(dead=True, sinks=SinkState.NONE), "synced"),
        (IncidentEvidence(dead=True, sinks=SinkState.FOLLOWED, purged=True), "synced"),
        (IncidentEvidence(dead=True, sinks=SinkState.FOLLOWED, found=False), "synced"),
        (replace(BEST, proved=False), "purged"),
        (replace(BEST, complete=False), "purged"),
        (replace(BEST, returned=True), "purged"),
        (replace(BEST, unpushed=True), "verified"),
        (BEST, "closed"),
        (replace(BEST, found=True), "synced"),
        (replace(BEST, dead=False), "found"),
        (replace(BEST, found=True, purged=False, proved=False, accepted=True), "closed"),
        (IncidentEvidence(value=False), "found"),
        (IncidentEvidence(value=False, accepted=True), "accepted"),
        (replace(BEST, value=False, dead=False, sinks=SinkState.UNKNOWN), "closed"),
    ],
)
def test_the_table(evidence: IncidentEvidence, state: str) -> None:
    assert state_of(evidence).value == state


def test_nothing_is_closed_without_all_that_it_takes() -> None:
    for one in EVERY:
        if state_of(one) is not IncidentState.CLOSED:
            continue
        assert one.complete, "nothing is closed by a look that has not seen everything"
        if one.value:
            assert one.dead
            assert one.sinks in FOLLOWED
        stays = one.value and one.accepted
        gone = one.purged and not one.found and one.proved and not one.unpushed and not one.returned
        assert stays or gone


def test_a_secret_that_may_work_is_never_more_than_accepted() -> None:
    for one in EVERY:
        if one.value and not one.dead:
            assert state_of(one) is (IncidentState.ACCEPTED if one.accepted else IncidentState.FOUND)


GOOD: dict[str, Any] = {
    "complete": True, "accepted": True, "dead": True, "purged": True, "proved": True,
    "found": False, "unpushed": False, "returned": False, "sinks": SinkState.FOLLOWED,
}  # fmt: skip


@given(st.sampled_from(EVERY), st.sets(st.sampled_from(sorted(GOOD))))
def test_more_evidence_never_takes_back(one: IncidentEvidence, learnt: set[str]) -> None:
    if one.sinks is SinkState.NONE:
        learnt -= {"sinks"}
    more = replace(one, **{name: GOOD[name] for name in learnt})
    assert state_of(more).rank >= state_of(one).rank


def test_what_comes_back_is_open_again() -> None:
    for one in EVERY:
        if state_of(one) is IncidentState.CLOSED and not one.found and not one.accepted:
            assert state_of(replace(one, found=True)).rank <= IncidentState.SYNCED.rank


def test_the_document_has_every_state_and_kind_of_evidence() -> None:
    text = (ROOT / "docs" / "INCIDENT.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)
    assert [name for name in rows if name in {state.value for state in IncidentState}] == [
        state.value for state in IncidentState
    ]
