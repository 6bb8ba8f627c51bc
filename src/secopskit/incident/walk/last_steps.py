"""The last steps: `push` the new history, `verify` that nothing is left, `guard` against the next leak."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from secopskit.conduct.consent import YesNo, obtain
from secopskit.errors import ExitCode, GitError, RefusedError
from secopskit.hooks.plan import plan_install
from secopskit.incident.gather import Incident
from secopskit.incident.model import IncidentState
from secopskit.incident.next_step import PUSH
from secopskit.incident.walk.request import StepLeft, WalkContext
from secopskit.incident.walk.work_tree import look_at_work_tree
from secopskit.purge.publish import is_waiting, push_pending
from secopskit.purge.request import PlanRequest
from secopskit.purge.tell.outcome_story import proof_story, pushed_story
from secopskit.purge.values.collect import ValuesToPurge
from secopskit.purge.verify import verify
from secopskit.report.page import Title
from secopskit.state.purges import PROOFS


def push_step(context: WalkContext, _incident: Incident) -> list[StepLeft]:
    """Replace the history on the remotes, if a purge has left that; what is left. Raises RefusedError."""
    if not is_waiting(context.repository):
        return []
    if context.consented and not context.request.push:
        return [StepLeft("push", "the remotes still have the old history", f"{PUSH}, or remediate --push")]
    needed = YesNo(question="Replace the refs of the remotes by the new history, each under a lease?")
    obtain(needed, context.respondent, yes=context.consented)
    try:
        facts = push_pending(context.repository, context.access, context.tell)
    except GitError as error:
        return [StepLeft("push", str(error), PUSH, ExitCode.INCOMPLETE)]
    context.tell.page("push", facts, pushed_story(facts), last=False)
    return [] if facts.replaced else [StepLeft("push", "not all refs of the remotes are replaced", PUSH)]


def verify_step(context: WalkContext, incident: Incident) -> list[StepLeft]:
    """Prove what was taken out and not proved yet; what is left. Raises SecopsError.

    Its value is gone, so it is looked for by its rule and keyed fingerprint, in every object, and by the
    ids of the objects that held it.
    """
    rows = [
        row
        for row in incident.rows
        if row.state is IncidentState.PURGED and row.secret.value and context.request.means(row)
    ]
    if not rows:
        return []
    if not incident.look.complete:
        return [StepLeft("verify", "this clone does not have the whole history", incident.look.cure)]
    context.tell.phase("proof")
    work_tree = look_at_work_tree(context.incident.session, rows)
    if work_tree.left:
        return list(work_tree.left)
    facts = verify(context.repository, ValuesToPurge(), PlanRequest(), tell=context.tell)
    named = ", ".join(row.secret.id for row in rows)
    sought = f"a scan of the whole history: it finds none of {named}, by rule and keyed fingerprint"
    checks = (sought, *filter(None, (work_tree.check,)), *facts.checks)
    facts = replace(facts, checks=checks)
    context.tell.page("proof", facts, (Title("Proof"), *proof_story(facts)), last=False)
    if not facts.holds:
        return [StepLeft("verify", "something is left over", "secops purge-history --verify")]
    names = [row.secret.fingerprint for row in rows]
    PROOFS.add(context.repository.state_dir, names, datetime.now(UTC))
    return []


def guard_step(context: WalkContext, incident: Incident) -> list[StepLeft]:
    """Have new secrets stopped before they are committed, if that is agreed to."""
    if incident.journals.guarded or not incident.rows:
        return []
    try:
        plan = plan_install(
            Path(context.repository.root),
            ("pre-commit",),
            context.interpreter,
            shared=False,
            guards=bool(incident.journals.purges),
        )
    except RefusedError as error:
        context.tell.note(f"No hook is installed: {error}. {error.advice}")
        return []
    for words in plan.words:
        context.tell.note(f"would {words}" if plan.steps else words)
    question = "Have every commit here looked at for secrets?"
    if context.consented or (context.respondent.present and context.respondent.agrees(question)):
        plan.apply()
    else:
        context.tell.note("No hook is installed. Later: secops hook install")
    return []
