"""`secops rotate plan`: what would be rotated, by whom, and what breaks."""

from __future__ import annotations

from typing import Any

import click

from secopskit.cli.help import Example, HelpCommand
from secopskit.cli.options import settings_of
from secopskit.cli.rotate.options import form_options, place_options, request_of, voice_of, what_options
from secopskit.errors import ExitCode


@click.command(
    cls=HelpCommand,
    examples=(
        Example("secops rotate plan", "Everything that .secops.yaml declares under `rotate`."),
        Example(
            "secops rotate plan --from-findings report.json",
            "What a scan has found: made by `secops scan --history -f json -o report.json`.",
        ),
    ),
)
@what_options
@place_options
@form_options
@click.pass_context
def plan(context: click.Context, /, **options: Any) -> ExitCode:
    """Show what would be rotated, and keep it as the plan that `apply` carries out.

    Without NAME, all that is declared under `rotate`. Nothing is changed anywhere. Exit code 1 means that
    there is something to do, 2 that a declaration is wrong.
    """
    from secopskit.cli.rotate.surroundings import context_of
    from secopskit.rotate import run
    from secopskit.rotate.tell.gather import plan_facts
    from secopskit.rotate.tell.story import next_step, plan_story

    voice = voice_of(context, options)
    surroundings = context_of(voice, options)
    proposal = run.plan(surroundings, request_of(options, surroundings.session.root), keep=True)
    facts = plan_facts(proposal.plan, saved=True)
    everything = settings_of(context).verbosity > 0
    voice.page("rotation-plan", facts, plan_story(facts, everything=everything))
    if voice.form == "text" and (step := next_step(facts)):
        voice.tell(f"\n{step}")
    if any(one.misdeclared for one in proposal.plan.rotations):
        return ExitCode.USAGE
    return ExitCode.OK if proposal.plan.empty and not proposal.plan.lost else ExitCode.FINDINGS
