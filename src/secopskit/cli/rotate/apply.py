"""`secops rotate apply`: carries a plan out, or goes on with one that has stopped."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from secopskit.cli.help import Example, HelpCommand, options_of
from secopskit.cli.options import settings_of
from secopskit.cli.rotate.options import (
    consent_options,
    consents_of,
    drain_option,
    form_options,
    place_options,
    request_of,
    voice_of,
    what_options,
)
from secopskit.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from secopskit.cli.terminal.voice import Voice
    from secopskit.rotate.outcome import RotationOutcome
    from secopskit.rotate.request import RotationContext


_stopped_option = options_of("A run that stopped half-way")


@click.command(
    cls=HelpCommand,
    examples=(
        Example("secops rotate apply", "Carry out the plan that `secops rotate plan` has kept."),
        Example(
            "secops rotate apply POSTGRES_PASSWORD --env staging",
            "Plan and carry out one credential of one environment.",
        ),
        Example("secops rotate apply --resume", "Go on after it was stopped or killed."),
    ),
)
@what_options
@consent_options
@drain_option
@_stopped_option("--resume", is_flag=True, help="Go on with a rotation that stopped half-way.")
@_stopped_option("--abort", is_flag=True, help="Forget a plan of which nothing has begun.")
@place_options
@form_options
@click.pass_context
def apply(context: click.Context, /, **options: Any) -> ExitCode:
    """Rotate: create, verify, publish, drain, revoke, each asked for and put down before it is done.

    Without NAME, the plan that `plan` has kept. What stops half-way is gone on with by --resume, or
    undone by `secops rotate rollback`.
    """
    from secopskit.cli.rotate.surroundings import context_of
    from secopskit.cli.terminal.interrupted import saying_how_to_go_on
    from secopskit.rotate import run
    from secopskit.rotate.recovery import GO_ON

    _check(options)
    voice = voice_of(context, options)
    surroundings = context_of(voice, options)
    if options["abort"]:
        return _abort(surroundings, voice)
    with saying_how_to_go_on(voice, lambda: run.status(surroundings).unfinished, GO_ON):
        if options["resume"]:
            return _resume(surroundings, voice, options)
        return _apply(surroundings, voice, options, everything=settings_of(context).verbosity > 0)


def _check(options: dict[str, Any]) -> None:
    """Raise UsageError where the command line contradicts itself."""
    what = [name for name in ("names", "report", "environments", "edits", "to_file") if options[name]]
    for mode in ("resume", "abort"):
        if options[mode] and (what or (options["resume"] and options["abort"])):
            raise UsageError(f"--{mode} stands alone: it goes by the journal", advice="Leave the rest out.")


def _apply(
    surroundings: RotationContext, voice: Voice, options: dict[str, Any], *, everything: bool
) -> ExitCode:
    from secopskit.rotate import run
    from secopskit.rotate.tell.gather import plan_facts
    from secopskit.rotate.tell.story import plan_story

    request = request_of(options, surroundings.session.root)
    kept = not (request.names or request.reported or request.environments)
    if kept:
        saved = run.saved_request(surroundings)
        request = replace(
            saved,
            edits=tuple(dict.fromkeys((*saved.edits, *request.edits))),
            to_file=request.to_file or saved.to_file,
        )
    proposal = run.plan(surroundings, request)
    if kept:
        run.require_same(surroundings, proposal)
    facts = plan_facts(proposal.plan, saved=False)
    voice.page("rotation-plan", facts, plan_story(facts, everything=everything), last=False)
    return _shown(voice, run.apply(surroundings, proposal, consents_of(options)))


def _resume(surroundings: RotationContext, voice: Voice, options: dict[str, Any]) -> ExitCode:
    from secopskit.rotate import run

    outcome = run.resume(surroundings, consents_of(options))
    if outcome is None:
        return _say(voice, "No rotation has stopped half-way: there is nothing to go on with.")
    return _shown(voice, outcome)


def _abort(surroundings: RotationContext, voice: Voice) -> ExitCode:
    from secopskit.rotate import recovery

    if recovery.abort(surroundings):
        return _say(voice, "The plan is forgotten. Nothing was changed.")
    return _say(voice, "There is no plan to forget.")


def _say(voice: Voice, sentence: str) -> ExitCode:
    from secopskit.report.page import Para
    from secopskit.rotate.tell.facts import RotationResultFacts

    voice.page("rotation", RotationResultFacts(result=sentence), (Para(sentence),))
    return ExitCode.OK


def _shown(voice: Voice, outcome: RotationOutcome) -> ExitCode:
    from secopskit.rotate.tell.gather import outcome_facts
    from secopskit.rotate.tell.story import outcome_story

    facts = outcome_facts(outcome)
    voice.page("rotation", facts, outcome_story(facts))
    return outcome.code
