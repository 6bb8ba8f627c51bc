"""`secops rotate status`: what is planned or under way, and what the last rotation came to."""

from __future__ import annotations

from typing import Any

import click

from secopskit.cli.help import Example, HelpCommand
from secopskit.cli.rotate.options import form_options, place_options, voice_of
from secopskit.errors import ExitCode


@click.command(
    cls=HelpCommand, examples=(Example("secops rotate status", "What is planned, running or done."),)
)
@place_options
@form_options
@click.pass_context
def status(context: click.Context, /, **options: Any) -> ExitCode:
    """Show what is planned or under way, and what the last rotation came to.

    Exit code 4 means that a rotation has stopped half-way, 1 that one is planned or running.
    """
    from secopskit.cli.rotate.surroundings import context_of
    from secopskit.rotate import run
    from secopskit.rotate.tell.gather import status_facts
    from secopskit.rotate.tell.story import status_story

    voice = voice_of(context, options)
    facts = status_facts(run.status(context_of(voice, options)))
    voice.page("rotation-status", facts, status_story(facts))
    codes = {"none": ExitCode.OK, "unfinished": ExitCode.INCOMPLETE}
    return codes.get(facts.state, ExitCode.FINDINGS)
