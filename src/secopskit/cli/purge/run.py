"""`secops purge-history` itself: the plan, and with `--apply` what the user agrees to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from secopskit.cli.purge.request import apply_request, plan_request, respondent_of, sources_of
from secopskit.cli.purge.sources import gather
from secopskit.errors import ExitCode
from secopskit.purge import run as purge
from secopskit.purge.tell.outcome_story import outcome_story, whole_story
from secopskit.purge.tell.plan_story import next_step, plan_story

if TYPE_CHECKING:
    from secopskit.cli.terminal.voice import Voice
    from secopskit.purge.conclusion import PurgeResult
    from secopskit.scan.session import ScanSession


def run(session: ScanSession, voice: Voice, options: dict[str, Any], *, everything: bool) -> ExitCode:
    """Show the plan; carry it out if `--apply` says so. Raises SecopsError."""
    repository = session.require_repository("purging its history")
    request, respondent = plan_request(options, jobs=session.jobs), respondent_of(options)
    purge.check_early(repository, request)  # what stands in the way is told before a long search
    values = gather(session, sources_of(options), voice)
    proposal = purge.plan(repository, values, request, respondent=respondent, tell=voice)
    facts, last = proposal.facts, proposal.empty or not request.to_be_applied
    voice.page("plan", facts, plan_story(facts, everything=everything), last=last)
    if proposal.empty:
        return ExitCode.FINDINGS if facts.left_out or facts.unreadable else ExitCode.OK
    if not request.to_be_applied:
        voice.tell(f"\n{next_step(facts)}")
        return ExitCode.FINDINGS
    how = apply_request(options, jobs=session.jobs)
    result = purge.apply(repository, proposal, how, respondent=respondent, tell=voice)
    return show_result(voice, result)


def show_result(voice: Voice, result: PurgeResult) -> ExitCode:
    """Show what a purge came to; then raise the SecopsError that its push ended with, if it did."""
    facts = result.facts
    voice.page("outcome", facts, outcome_story(facts), whole=whole_story(facts))
    if result.push_error:
        raise result.push_error
    return result.code
