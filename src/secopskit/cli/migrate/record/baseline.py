"""`secops migrate baseline`: adopt a database that others have migrated so far."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from secopskit.cli.help import Example, HelpCommand, options_of
from secopskit.cli.migrate.shared.inputs import CommandInputs
from secopskit.cli.migrate.shared.options import directory_option, target_options, yes_option
from secopskit.cli.migrate.shared.output import voice_of
from secopskit.cli.terminal.voice import Voice
from secopskit.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from secopskit.migrate.context import OpenDatabase
    from secopskit.migrate.ledger.adopt import Adopted, Adoption

_SOURCES: Final = ("supabase", "dbmate", "sqitch", "flyway")


_what_option = options_of("What is adopted")


@click.command(
    cls=HelpCommand,
    examples=(
        Example("secops migrate baseline 20260301120000", "All files up to this version count as applied."),
        Example("secops migrate baseline --from supabase", "Take over what another tool has applied."),
    ),
)
@click.argument("version", required=False)
@_what_option("--from", "source", type=click.Choice(_SOURCES), help="Take over the state of another tool.")
@_what_option("--without-files", is_flag=True, help="Also what it applied of which the file is gone.")
@yes_option
@directory_option
@target_options
@click.pass_context
def baseline(context: click.Context, /, **options: Any) -> ExitCode:
    """Adopt a database that has a past: all files up to VERSION count as applied. None is run.

    With --from, what another tool has written down is taken over instead; its tables are only read.
    """
    from secopskit.migrate import ledger_run
    from secopskit.migrate.tell.render import VERSION, identity_data

    inputs = CommandInputs(options)
    voice = voice_of(context, inputs)
    if bool(options["version"]) == bool(options["source"]):
        raise UsageError(
            "either a VERSION or --from is needed",
            advice="`secops migrate baseline 20260101120000`, or `secops migrate baseline --from supabase`.",
        )
    with inputs.context.opened() as database:
        if options["source"]:
            new = _import(inputs, database, voice)
        else:
            new = ledger_run.baseline(database, options["version"], inputs.consent, inputs.record)
    voice.result(
        lambda: {
            "version": VERSION,
            "target": identity_data(database.identity),
            "adopted": [{"version": item.version, "name": item.name} for item in new],
        },
        lambda: voice.say(f"{len(new)} versions count as applied now; `secops migrate status` lists all."),
    )
    return ExitCode.OK


def _import(inputs: CommandInputs, database: OpenDatabase, voice: Voice) -> Sequence[Adopted]:
    from secopskit.migrate import ledger_run

    adoption = ledger_run.find_adoption(database, inputs.options["source"])
    _show(adoption, voice)
    return ledger_run.import_state(
        database,
        adoption,
        inputs.consent,
        inputs.record,
        without_files=inputs.options["without_files"],
    )


def _show(adoption: Adoption, voice: Voice) -> None:
    """What is about to be taken over."""
    ledger = adoption.ledger
    voice.tell(
        f"{ledger.table} knows {len(ledger.rows)} migrations, {len(adoption.adopted)} with a file and "
        f"{len(adoption.unknown)} without; {len(adoption.pending)} files are not applied yet"
    )
    for version in adoption.edited:
        voice.tell(f"note: the file of {version} is not what was run", fg="yellow")
