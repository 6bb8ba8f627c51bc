"""`secops fleet status`: how far a run is, what failed and why."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from secopskit.cli.fleet.place import fleet_option, reader
from secopskit.cli.help import Example, HelpCommand, options_of
from secopskit.cli.options import global_options, settings_of
from secopskit.errors import ExitCode

_which = options_of("Which run")


@click.command(
    cls=HelpCommand,
    examples=(
        Example("secops fleet status", "The last run: how far it is, and what could not be looked into."),
    ),
)
@_which("--run", "number", type=click.IntRange(1), metavar="N", help="That run [default: the last].")
@fleet_option
@global_options
@click.pass_context
def status(context: click.Context, /, **options: Any) -> ExitCode:
    """Show how far a run is, what is new since the one before, and which repositories failed and why.

    May be asked while a scan runs. Exit code 0, whatever there is to tell.
    """
    from secopskit.cli.fleet.show import show_text
    from secopskit.cli.terminal.voice import Voice
    from secopskit.fleet.tell.gather import fleet_facts
    from secopskit.settings.environment import read_environment

    directory: Path | None = options["directory"]
    voice = Voice.of(settings_of(context), read_environment())
    with reader(directory) as store:
        show_text(fleet_facts(store, options["number"]), voice, secrets=False)
    return ExitCode.OK
