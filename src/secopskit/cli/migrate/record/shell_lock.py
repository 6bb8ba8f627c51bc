"""`secops migrate shell-lock`: who holds the migration lock, since when."""

from __future__ import annotations

from typing import Any

import click

from secopskit.cli.help import Example, HelpCommand
from secopskit.cli.migrate.shared.inputs import CommandInputs
from secopskit.cli.migrate.shared.options import target_options
from secopskit.cli.migrate.shared.output import voice_of
from secopskit.errors import ExitCode


@click.command(
    cls=HelpCommand,
    examples=(Example("secops migrate shell-lock --env production", "Who holds the lock, and since when."),),
)
@target_options
@click.pass_context
def shell_lock(context: click.Context, /, **options: Any) -> ExitCode:
    """Show who holds the migration lock, and since when.

    The lock ends with the process or the connection that holds it; there is nothing to clean up.
    """
    from secopskit.migrate.ledger.lock import who_holds
    from secopskit.migrate.tell.render import VERSION, identity_data, moment

    inputs = CommandInputs(options)
    voice = voice_of(context, inputs)
    with inputs.context.opened() as database:
        holder = who_holds(database.link)

    def data() -> dict[str, Any]:
        return {
            "version": VERSION,
            "target": identity_data(database.identity),
            "holder": holder
            and {
                "pid": holder.pid,
                "user": holder.user,
                "application": holder.application,
                "address": holder.address,
                "since": moment(holder.since) if holder.since else None,
                "state": holder.state,
                "seconds": round(holder.seconds, 1),
            },
        }

    def text() -> None:
        if holder is None:
            voice.say("Nobody holds the migration lock.")
            return
        voice.say(f"The migration lock is held by {holder}.")
        if holder.address or holder.since:
            since = f"since {holder.since:%Y-%m-%d %H:%M:%S %Z}" if holder.since else ""
            voice.say(" ".join(filter(None, (f"from {holder.address}" if holder.address else "", since))))
        voice.tell(
            "It ends with that process. If the process is gone and its connection hangs, end it with: "
            f"SELECT pg_terminate_backend({holder.pid});"
        )

    voice.result(data, text)
    return ExitCode.OK
