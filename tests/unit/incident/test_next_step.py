"""The next step: the exact command for each state, and what has stopped half-way comes first."""

from __future__ import annotations

from dataclasses import replace

import pytest

from secopskit.incident.model import (
    Acceptance,
    ExposedSecret,
    IncidentEvidence,
    IncidentState,
    SinkState,
    UnfinishedWork,
)
from secopskit.incident.next_step import next_step

SECRET = ExposedSecret(
    fingerprint="0123456789abcdef" * 2,
    rule_id="dotenv-secret",
    title="Secret in a dotenv file",
    severity="high",
    place=".env.production:2",
    paths=("a b/.env.production",),
)
ID = "0123456789ab"
GONE = IncidentEvidence(found=False, complete=True)


@pytest.mark.parametrize(
    ("state", "evidence", "command"),
    [
        ("found", IncidentEvidence(), f"secops remediate --only {ID}"),
        ("accepted", IncidentEvidence(), ""),
        ("rotated", IncidentEvidence(sinks=SinkState.BEHIND), "secops sync-secrets"),
        ("rotated", IncidentEvidence(sinks=SinkState.UNKNOWN), f"secops remediate --only {ID}"),
        ("synced", IncidentEvidence(), f"secops purge-history --finding {ID} --apply"),
        ("synced", GONE, f"secops remediate --only {ID}"),
        ("purged", GONE, f"secops remediate --only {ID}"),
        ("purged", replace(GONE, returned=True), "secops purge-history --verify"),
        ("verified", GONE, "secops purge-history --push"),
        ("closed", GONE, ""),
    ],
)
def test_each_state_has_its_command(state: str, evidence: IncidentEvidence, command: str) -> None:
    assert next_step(SECRET, evidence, IncidentState(state)).command == command


def test_a_clone_that_lacks_history_is_made_whole_first() -> None:
    lacking = replace(GONE, complete=False)
    step = next_step(SECRET, lacking, IncidentState.PURGED, cure="git fetch --unshallow")
    assert step.command == "git fetch --unshallow"
    back = replace(lacking, returned=True)
    step = next_step(SECRET, back, IncidentState.PURGED, cure="git fetch --unshallow")
    assert step.command == "secops purge-history --verify"


def test_what_is_held_back_has_to_be_seen_first() -> None:
    step = next_step(SECRET, IncidentEvidence(), IncidentState.FOUND, held=True)
    assert step.command == f"secops remediate --only {ID}"
    assert "no secret" in step.words
    for state, secret in (("synced", SECRET), ("found", replace(SECRET, value=False))):
        step = next_step(secret, IncidentEvidence(), IncidentState(state), held=True)
        assert (step.command, "take that out" in step.words) == ("", True)


def test_a_file_waits_for_the_secrets_in_it() -> None:
    step = next_step(replace(SECRET, value=False), IncidentEvidence(value=False), IncidentState.FOUND)
    assert step.words.startswith("once the secrets in it are dead")
    assert step.command == f"secops remediate --only {ID}"


def test_what_has_stopped_half_way_is_finished_first() -> None:
    stopped = UnfinishedWork("rotation", False, "secops rotate apply --resume")
    step = next_step(SECRET, IncidentEvidence(), IncidentState.FOUND, unfinished=[stopped])
    assert step.command == "secops rotate apply --resume"
    running = stopped._replace(running=True)
    step = next_step(SECRET, IncidentEvidence(), IncidentState.FOUND, unfinished=[running])
    assert (step.words, step.command) == ("the rotation is running", "")
    step = next_step(SECRET, IncidentEvidence(), IncidentState.SYNCED, unfinished=[stopped])
    assert step.command.startswith("secops purge-history")


def test_an_acceptance_says_until_when() -> None:
    accepted = Acceptance("a test account", "ada", "2030-01-01", expired=False)
    step = next_step(SECRET, IncidentEvidence(), IncidentState.ACCEPTED, acceptance=accepted)
    assert step.words == "nothing until 2030-01-01"
    assert not Acceptance(" ", "ada", "", expired=False).holds
    assert not accepted._replace(expired=True).holds
