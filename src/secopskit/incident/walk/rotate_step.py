"""The step `rotate`: a new value for each secret that may still work, or a person's word that it is dead."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from secopskit.errors import ExitCode
from secopskit.incident.gather import Incident
from secopskit.incident.looking import SeenSecret
from secopskit.incident.model import IncidentRow, IncidentState
from secopskit.incident.walk.by_hand import confirm_dismissed, confirm_revoked
from secopskit.incident.walk.declare import snippet
from secopskit.incident.walk.request import StepLeft, WalkContext
from secopskit.report.page import Block, Commands, Para, Rows, Title
from secopskit.report.text import visible
from secopskit.rotate import run as rotation
from secopskit.rotate.keep.journal import RotationRecord
from secopskit.rotate.model import PlannedRotation
from secopskit.rotate.outcome import RotationOutcome
from secopskit.rotate.plan import RotationProposal
from secopskit.rotate.request import ReportedPlace, RotationRequest
from secopskit.rotate.tell.facts import RotationResultFacts
from secopskit.rotate.tell.gather import outcome_facts, plan_facts
from secopskit.rotate.tell.story import outcome_story, plan_story

STEP: Final = "rotate"


def rotate_step(context: WalkContext, incident: Incident) -> list[StepLeft]:
    """Rotate what is found and not accepted; what could not be. Raises SecopsError."""
    rows = [
        row
        for row in incident.rows
        if row.state is IncidentState.FOUND and row.secret.value and context.request.means(row)
    ]
    stated = [row for row in rows if row.secret.id.startswith(context.request.revoked or ("-",))]
    confirm_revoked(context, stated)
    held = confirm_dismissed(context, [row for row in rows if row.held and row not in stated])
    left = [StepLeft(STEP, f"{row.secret.id}: {row.next.words}") for row in held]
    rows = [row for row in rows if not row.held and row not in stated]
    return [*left, *_dealt_with(context, incident, rows)] if rows else left


def _dealt_with(context: WalkContext, incident: Incident, rows: Sequence[IncidentRow]) -> list[StepLeft]:
    """Rotate these, or have somebody's word on them; what is left. Raises SecopsError."""
    done, stopped, planned = set[str](), dict[str, RotationRecord](), tuple[PlannedRotation, ...]()
    # What the history has no more cannot be found again; and a request for nothing would mean everything.
    if seen := [incident.look.seen[row.secret.fingerprint] for row in rows if row.evidence.found]:
        proposal = _planned(context, seen)
        planned = proposal.plan.rotations
        if any(not one.blocked for one in planned):
            outcome = rotation.apply(context.rotation, proposal, context.request.consents)
            facts = outcome_facts(outcome)
            context.tell.page("rotation", facts, outcome_story(facts), last=False)
            if outcome.code is ExitCode.INCOMPLETE:
                return [_half_way("a rotation has stopped half-way", "secops remediate")]
            done, stopped = _rotated(outcome), _stopped(outcome)
    rest = [row for row in rows if row.secret.fingerprint not in done]
    return _the_rest(context, incident, planned, rest, stopped)


def _half_way(words: str, command: str) -> StepLeft:
    return StepLeft(STEP, words, command, ExitCode.INCOMPLETE, stops=True)


def resume_rotation(context: WalkContext) -> list[StepLeft]:
    """Go on with a rotation that has stopped half-way. Raises SecopsError."""
    outcome = rotation.resume(context.rotation, context.request.consents)
    if outcome is None:
        return []
    facts = outcome_facts(outcome)
    context.tell.page("rotation", facts, outcome_story(facts), last=False)
    if outcome.code is not ExitCode.INCOMPLETE:
        return []
    return [_half_way("the rotation has stopped again", "secops rotate apply --resume")]


def _planned(context: WalkContext, seen: Sequence[SeenSecret]) -> RotationProposal:
    request = RotationRequest(
        reported=tuple(map(_reported, seen)), edits=context.request.edits, to_file=context.request.to_file
    )
    proposal = rotation.plan(context.rotation, request)
    if any(not one.blocked for one in proposal.plan.rotations):
        facts = plan_facts(proposal.plan, saved=False)
        context.tell.page("rotation-plan", facts, plan_story(facts, everything=False), last=False)
    return proposal


def _reported(one: SeenSecret) -> ReportedPlace:
    """A finding as a report would name it."""
    finding, place = one.finding, one.finding.locations[0]
    names = (
        finding.fingerprint.text,
        *((finding.rule_id, each.oid, each.line, each.column) for each in finding.locations if each.oid),
    )
    return ReportedPlace(names, finding.id, finding.rule_id, finding.title, place.path, place.line)


def _rotated(outcome: RotationOutcome) -> set[str]:
    """The fingerprints of the findings whose rotation has come to its end."""
    return {name for record in outcome.records if not record.code for name in _names(record)}


def _stopped(outcome: RotationOutcome) -> dict[str, RotationRecord]:
    """The rotations that did not, by the fingerprints of their findings."""
    return {name: record for record in outcome.records if record.code for name in _names(record)}


def _names(record: RotationRecord) -> tuple[str, ...]:
    return record.fingerprint, *(note.fingerprint for note in record.findings)


def _the_rest(
    context: WalkContext,
    incident: Incident,
    rotations: Sequence[PlannedRotation],
    rows: Sequence[IncidentRow],
    stopped: Mapping[str, RotationRecord],
) -> list[StepLeft]:
    """What nothing here could rotate: told what to do by hand or to declare, asked about, or left."""
    left = list[StepLeft]()
    for row in rows:
        secret, seen = row.secret, incident.look.seen.get(row.secret.fingerprint)
        planned = _planned_for(rotations, secret.fingerprint)
        record = stopped.get(secret.fingerprint)
        blocked = planned.problem if planned and planned.blocked else "it was not rotated"
        reason = record.problem if record else blocked
        value = seen.finding.secret if seen else None
        lines = snippet(planned, row, value, context.repository.root) if planned else ()
        blocks = _what_to_do(row, seen.finding.remediation if seen else "", reason, planned, lines)
        context.tell.page("left", RotationResultFacts(result=reason), blocks, last=False)
        if confirm_revoked(context, [row]):
            again = f"secops remediate --only {secret.id}"
            by_hand = f"secops remediate --revoked {secret.id}"
            words = f"{secret.id}, {secret.title}: {reason}"
            first = (record.advice if record else "") or "Declare it"
            advice = f"{first.rstrip('.')}. Then: {again}; or once it is revoked by hand: {by_hand}"
            left.append(StepLeft(STEP, words, advice, ExitCode.INCOMPLETE))
    return left


def _what_to_do(
    row: IncidentRow, remediation: str, reason: str, planned: PlannedRotation | None, lines: tuple[str, ...]
) -> Iterator[Block]:
    """How a person rotates it, and what to declare so that nobody has to."""
    yield Title(f"{row.secret.id}  {row.secret.title}")
    missing = visible(planned.advice) if planned and planned.blocked and planned.writes else ""
    yield Rows(
        (
            ("Where", row.secret.place),
            ("Not rotated", f"{visible(reason)}."),
            ("Missing", missing),
            ("By hand", visible(remediation)),
        )
    )
    if planned and planned.blocked and not planned.writes:
        for note in planned.notes:
            yield Para(visible(note))
        yield Para(
            "To have it rotated from here, say in .secops.yaml where its value is kept, and begin again:"
        )
        yield Commands(lines)


def _planned_for(rotations: Iterable[PlannedRotation], fingerprint: str) -> PlannedRotation | None:
    for one in rotations:
        if fingerprint in (one.fingerprint, *(note.fingerprint for note in one.findings)):
            return one
    return None
