"""`secops migrate status`: what is applied, what is pending, what is wrong."""

from __future__ import annotations

from typing import Any

import click

from secopskit.cli.help import Example, HelpCommand
from secopskit.cli.migrate.shared.inputs import CommandInputs
from secopskit.cli.migrate.shared.options import directory_option, order_option, target_options
from secopskit.cli.migrate.shared.output import voice_of, warn
from secopskit.cli.terminal.table import print_table
from secopskit.errors import ExitCode


@click.command(
    cls=HelpCommand,
    examples=(
        Example("secops migrate status", "What is applied, pending, or wrong."),
        Example("secops migrate status --env production --json", "For a program."),
    ),
)
@directory_option
@order_option
@target_options
@click.pass_context
def status(context: click.Context, /, **options: Any) -> ExitCode:
    """Show what is applied, what is pending, what is wrong.

    Exit code 1 means that there is something to do.
    """
    from secopskit.migrate import run
    from secopskit.migrate.tell.render import duration, status_data, version_rows

    inputs = CommandInputs(options)
    voice = voice_of(context, inputs)
    with inputs.context.opened() as database:
        loaded = database.load()
        plan = run.plan(database, loaded=loaded)
        identity, applied = database.identity, database.applied

    def text() -> None:
        voice.say(f"{identity.environment}: database {identity.database}, identity {identity.id}")
        voice.say(f"{plan.applied} applied, {len(plan.steps)} pending")
        rows = [
            (version, name, f"renamed to {new}" if new else state,
             f"{row.applied_at:%Y-%m-%d %H:%M:%S}" if row and row.applied_at else "",
             duration(row.duration_ms) if row else "")
            for version, name, state, row, new in version_rows(loaded.migrations, applied)
        ]  # fmt: skip
        if rows:
            voice.say()
            print_table(voice, ("Version", "Name", "State", "Applied", "Time"), rows, state=2)
        warn(voice, plan.problems)

    voice.result(lambda: status_data(plan, identity, loaded.migrations, applied), text)
    return ExitCode.FINDINGS if plan.steps or plan.blocked else ExitCode.OK
