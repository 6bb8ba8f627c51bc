"""`secops rotate rollback`: makes the old values the only ones again."""

from __future__ import annotations

from typing import Any

import click

from secopskit.cli.help import Example, HelpCommand
from secopskit.cli.rotate.options import consent_options, consents_of, form_options, place_options, voice_of
from secopskit.errors import ExitCode


@click.command(
    cls=HelpCommand,
    examples=(
        Example(
            "secops rotate rollback", "Make the old values the only ones again, after a run that stopped."
        ),
    ),
)
@click.argument("names", nargs=-1, metavar="[NAME]...")
@consent_options
@place_options
@form_options
@click.pass_context
def rollback(context: click.Context, /, **options: Any) -> ExitCode:
    """Undo what has stopped half-way: all of it, or the credentials NAME.

    The old value is written back to where it was read and published, and the new one is ended. It can
    be done until the old value is revoked.
    """
    from secopskit.cli.rotate.surroundings import context_of
    from secopskit.report.page import Para
    from secopskit.rotate import recovery
    from secopskit.rotate.tell.facts import RotationResultFacts
    from secopskit.rotate.tell.gather import outcome_facts
    from secopskit.rotate.tell.story import outcome_story

    voice = voice_of(context, options)
    outcome = recovery.rollback(context_of(voice, options), options["names"], consents_of(options))
    if outcome is None:
        sentence = "No rotation has stopped half-way: there is nothing to undo."
        voice.page("rotation", RotationResultFacts(result=sentence), (Para(sentence),))
        return ExitCode.OK
    facts = outcome_facts(outcome)
    voice.page("rotation", facts, outcome_story(facts))
    return ExitCode.INCOMPLETE if outcome.code is ExitCode.INCOMPLETE else ExitCode.OK
