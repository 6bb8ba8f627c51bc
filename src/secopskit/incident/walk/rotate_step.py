"""The step `rotate`: a new value for each secret that may still work, or a person's word that it is dead."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from secopskit.errors import ExitCode
from secopskit.incident.gather import Incident
from secopskit.incident.looking import SeenSecret
from secopskit.incident.model import IncidentRow, IncidentState
from secopskit.incident.walk.by_hand import confirm_revoked
from secopskit.incident.walk.declare import snippet
from secopskit.incident.walk.request import StepLeft, WalkContext
from secopskit.report.page import Block, Commands, Para, Rows, Title
from secopskit.report.text import visible
from secopskit.rotate import run as rotation
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
    rows = [row for row in rows if row not in stated]
    if not rows:
        return []
    proposal = _planned(context, incident, rows)
    done = set[str]()
    if any(not one.blocked for one in proposal.plan.rotations):
        outcome = rotation.apply(context.rotation, proposal, context.request.consents)
        facts = outcome_facts(outcome)
        context.tell.page("rotation", facts, outcome_story(facts), last=False)
        if outcome.code is ExitCode.INCOMPLETE:
            return [
                StepLeft(
                    STEP,
                    "a rotation has stopped half-way",
                    "secops remediate",
                    ExitCode.INCOMPLETE,
                    stops=True,
                )
            ]
        done = _rotated(outcome)
    rest = [row for row in rows if row.secret.fingerprint not in done]
    return _the_rest(context, incident, proposal, rest)


def resume_rotation(context: WalkContext) -> list[StepLeft]:
    """Go on with a rotation that has stopped half-way. Raises SecopsError."""
    outcome = rotation.resume(context.rotation, context.request.consents)
    if outcome is None:
        return []
    facts = outcome_facts(outcome)
    context.tell.page("rotation", facts, outcome_story(facts), last=False)
    if outcome.code is not ExitCode.INCOMPLETE:
        return []
    return [
        StepLeft(STEP, "the rotation has stopped again", "secops rotate apply --resume", ExitCode.INCOMPLETE)
    ]


def _planned(context: WalkContext, incident: Incident, rows: Sequence[IncidentRow]) -> RotationProposal:
    seen = [incident.look.seen[row.secret.fingerprint] for row in rows if row.evidence.found]
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
    return {
        name
        for record in outcome.records
        if not record.code
        for name in (record.fingerprint, *(note.fingerprint for note in record.findings))
    }


def _the_rest(
    context: WalkContext, incident: Incident, proposal: RotationProposal, rows: Sequence[IncidentRow]
) -> list[StepLeft]:
    """What nothing here could rotate: told what to do by hand or to declare, asked about, or left."""
    left = list[StepLeft]()
    for row in rows:
        secret, finding = row.secret, incident.look.seen[row.secret.fingerprint].finding
        planned = _planned_for(proposal.plan.rotations, secret.fingerprint)
        reason = planned.problem if planned and planned.blocked else "it was not rotated"
        blocks = _what_to_do(row, finding.remediation, reason, planned)
        context.tell.page("left", RotationResultFacts(result=reason), blocks, last=False)
        if confirm_revoked(context, [row]):
            again = f"secops remediate --only {secret.id}"
            by_hand = f"secops remediate --revoked {secret.id}"
            words = f"{secret.id}, {secret.title}: {reason}"
            advice = f"Declare it, then: {again}; or revoke it by hand, then: {by_hand}"
            left.append(StepLeft(STEP, words, advice, ExitCode.INCOMPLETE))
    return left


def _what_to_do(
    row: IncidentRow, remediation: str, reason: str, planned: PlannedRotation | None
) -> Iterator[Block]:
    """How a person rotates it, and what to declare so that nobody has to."""
    yield Title(f"{row.secret.id}  {row.secret.title}  {row.secret.place}")
    yield Rows((("Not rotated", f"{reason}."), ("By hand", visible(remediation))))
    if planned and planned.blocked and not planned.writes:
        for note in planned.notes:
            yield Para(visible(note))
        yield Para(
            "To have it rotated from here, say in .secops.yaml where its value is kept, and begin again:"
        )
        yield Commands(snippet(planned, row))


def _planned_for(rotations: Iterable[PlannedRotation], fingerprint: str) -> PlannedRotation | None:
    for one in rotations:
        if fingerprint in (one.fingerprint, *(note.fingerprint for note in one.findings)):
            return one
    return None
