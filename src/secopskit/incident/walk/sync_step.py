"""The step `sync`: every declared place gets the successor of what was rotated."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from secopskit.errors import ExitCode, UsageError
from secopskit.incident.gather import Incident
from secopskit.incident.model import ExposedSecret, IncidentRow, IncidentState
from secopskit.incident.record import IncidentRecord
from secopskit.incident.walk.request import StepLeft, WalkContext
from secopskit.sync import run as sync
from secopskit.sync.outcome import SyncOutcome
from secopskit.sync.request import SyncRequest
from secopskit.sync.tell.facts import outcome_facts, plan_facts
from secopskit.sync.tell.story import outcome_story, plan_story

STEP: Final = "sync"
_COMMAND: Final = "secops sync-secrets"


def sync_step(context: WalkContext, incident: Incident) -> list[StepLeft]:
    """Bring declared places up to date where something was rotated; what is left. Raises RefusedError."""
    rows = [row for row in incident.rows if row.state is IncidentState.ROTATED and context.request.means(row)]
    if not rows:
        return []
    request = _request(context)
    try:
        plan = sync.plan(request, sinks=context.rotation.sinks, tell=context.tell)
        if not plan.empty:
            facts = plan_facts(plan)
            context.tell.page("sync-plan", facts, plan_story(facts, everything=False), last=False)
        outcome = sync.apply(
            plan, request, respondent=context.respondent, consented=context.consented, tell=context.tell
        )
    except UsageError as error:  # an extra that is not installed, a repository that is not named
        return [StepLeft(STEP, str(error), error.advice or _COMMAND, ExitCode.INCOMPLETE)]
    return _concluded(context, rows, outcome)


def resume_sync(context: WalkContext) -> list[StepLeft]:
    """Go on with a sync that has stopped half-way. Raises SecopsError."""
    outcome = sync.resume(
        _request(context),
        sinks=context.rotation.sinks,
        respondent=context.respondent,
        consented=context.consented,
        tell=context.tell,
    )
    return _told(context, outcome)


def _request(context: WalkContext) -> SyncRequest:
    return SyncRequest(
        config=context.rotation.sync,
        origins=context.rotation.origins,
        root=context.repository.root,
        state_dir=context.repository.state_dir,
    )


def _told(context: WalkContext, outcome: SyncOutcome) -> list[StepLeft]:
    if outcome.written or outcome.removed or outcome.code is not ExitCode.OK:
        facts = outcome_facts(outcome)
        context.tell.page("sync-outcome", facts, outcome_story(facts), last=False)
    match outcome.code:
        case ExitCode.OK:
            return []
        case ExitCode.FINDINGS:
            return [StepLeft(STEP, "some declared names have no value", f"{_COMMAND} --check")]
        case _:
            return [StepLeft(STEP, "not all places could be written", _COMMAND, ExitCode.INCOMPLETE)]


def _concluded(context: WalkContext, rows: list[IncidentRow], outcome: SyncOutcome) -> list[StepLeft]:
    """Put down that the places have followed, if all of them have. Raises SecopsError."""
    left = _told(context, outcome)
    if not left:
        names = {row.secret.fingerprint for row in rows}

        def remember(known: dict[str, ExposedSecret]) -> None:
            for name in names:
                known[name] = replace(known[name], synced=context.incident.moment)

        IncidentRecord(context.repository.state_dir).update(remember)
    return left
