"""`secops migrate new`: write an empty migration file."""

from __future__ import annotations

from typing import Any

import click

from secopskit.cli.help import Example, HelpCommand
from secopskit.cli.migrate.shared.inputs import CommandInputs
from secopskit.cli.migrate.shared.options import directory_option, target_options
from secopskit.cli.migrate.shared.output import voice_of
from secopskit.cli.terminal.voice import Voice
from secopskit.errors import ExitCode


@click.command(
    cls=HelpCommand,
    examples=(
        Example(
            "secops migrate new add_orders --down",
            "Two empty files, one of which undoes the other: write SQL into them.",
        ),
    ),
)
@click.argument("name")
@directory_option
@click.option("--down", is_flag=True, help="Also write the file that undoes it.")
@click.option("--no-transaction", is_flag=True, help="For statements such as CREATE INDEX CONCURRENTLY.")
@target_options
@click.pass_context
def new(context: click.Context, /, **options: Any) -> ExitCode:
    """Write an empty migration file called NAME.

    Its version is the time (UTC), or the next number where the directory counts its files.
    """
    from secopskit.migrate.new import write_new

    inputs = CommandInputs(options)
    voice = voice_of(context, inputs)
    version, paths = write_new(
        inputs.directory,
        options["name"],
        down=options["down"],
        transaction=not options["no_transaction"],
        within=inputs.root,
    )
    voice.result(lambda: {"version": version, "files": paths}, lambda: _show(paths, voice))
    return ExitCode.OK


def _show(paths: list[str], voice: Voice) -> None:
    if not voice.quiet:
        for path in paths:
            voice.say(path)
