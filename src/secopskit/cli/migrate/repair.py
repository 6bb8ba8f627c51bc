"""`secops migrate repair`: correct what the ledger says of a version."""

from __future__ import annotations

from typing import Any

import click

from secopskit.cli.migrate.inputs import CommandInputs
from secopskit.cli.migrate.options import directory_option, target_options, yes_option
from secopskit.cli.migrate.output import voice_of
from secopskit.errors import ExitCode, UsageError


@click.command()
@click.option("--accept", metavar="VERSION", help="The file as it is now is what was applied.")
@click.option("--forget", metavar="VERSION", help="The version is not applied: strike it from the ledger.")
@click.option("--mark-applied", metavar="VERSION", help="The version was finished by hand.")
@yes_option
@directory_option
@target_options
@click.pass_context
def repair(context: click.Context, /, **options: Any) -> ExitCode:
    """Correct what the ledger says of a version: one of --accept, --forget, --mark-applied.

    Only the ledger changes, and the history says how. Nothing is run on your tables.
    """
    from secopskit.migrate import ledger_run
    from secopskit.migrate.tell.render import VERSION, identity_data

    inputs = CommandInputs(options)
    voice = voice_of(context, inputs)
    how, version = _one_of(options)
    with inputs.context.opened() as database:
        kind = ledger_run.RepairKind(how)
        ledger_run.repair(database, kind, version, inputs.consent, inputs.record)
    voice.result(
        lambda: {
            "version": VERSION,
            "target": identity_data(database.identity),
            "repaired": version,
            "how": how,
        },
        lambda: voice.say(f"The ledger is corrected: {how} {version}."),
    )
    return ExitCode.OK


def _one_of(options: dict[str, Any]) -> tuple[str, str]:
    given = [(name, options[name]) for name in ("accept", "forget", "mark_applied") if options[name]]
    if len(given) != 1:
        raise UsageError(
            "one of --accept, --forget and --mark-applied is needed",
            advice="`secops migrate verify` says what is wrong, and which of them would solve it.",
        )
    return given[0][0].replace("_", "-"), given[0][1]
