"""`secops migrate init`: prepare a database, and write down which one it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from secopskit.cli.help import Example, HelpCommand
from secopskit.cli.migrate.shared.inputs import CommandInputs
from secopskit.cli.migrate.shared.options import target_options, yes_option
from secopskit.cli.migrate.shared.output import voice_of
from secopskit.cli.terminal.voice import Voice
from secopskit.errors import ExitCode

if TYPE_CHECKING:
    from secopskit.migrate.ledger_run import InitOutcome


@click.command(
    cls=HelpCommand,
    examples=(
        Example(
            "secops migrate init --env staging",
            "Prepare the database of an environment, and pin which one it is.",
        ),
    ),
)
@yes_option
@click.option("--copy", is_flag=True, help="The database is a copy of another: give it a pin of its own.")
@target_options
@click.pass_context
def init(context: click.Context, /, **options: Any) -> ExitCode:
    """Prepare a database: state tables in the private schema `secops`, and a pin on which one it is.

    From then on no other database is taken for it, and it is not taken for one of another
    environment. Without --env it is called `development`. Running it again changes nothing.
    """
    from secopskit.migrate import ledger_run
    from secopskit.migrate.tell.render import VERSION, identity_data

    inputs = CommandInputs(options)
    voice = voice_of(context, inputs)
    outcome = ledger_run.init(inputs.context, inputs.consent, inputs.record, copy=options["copy"])
    voice.result(
        lambda: {
            "version": VERSION,
            "target": identity_data(outcome.identity),
            "changed": outcome.changed,
        },
        lambda: _show(outcome, voice),
    )
    return ExitCode.OK


def _show(outcome: InitOutcome, voice: Voice) -> None:
    """The identity alone is the result, for scripts; all around it are notes."""
    identity = outcome.identity
    done = "is now pinned" if outcome.changed else "was already pinned"
    voice.tell(f"Database {identity.database} {done} as {identity.environment}.")
    voice.say(identity.id)
    voice.tell(
        "To have any other database refused from the start, write this identity into .secops.yaml: "
        f"migrate.environments.{identity.environment}.identity: {identity.id}"
    )
    for ledger in outcome.foreign:
        voice.tell(
            f"{ledger.tool.value} has been here (table {ledger.table}). To take its state over: "
            f"secops migrate baseline --from {ledger.tool.value}",
            fg="yellow",
        )
