"""`secops migrate repair`: correct what the ledger says of a version."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from secopskit.cli.help import Example, HelpCommand, options_of
from secopskit.cli.migrate.shared.inputs import CommandInputs
from secopskit.cli.migrate.shared.options import directory_option, target_options, yes_option
from secopskit.cli.migrate.shared.output import voice_of
from secopskit.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from secopskit.migrate.ledger.repair import LedgerMove

_ALL: Final = "all"


_what_option = options_of("What is corrected")


@click.command(
    cls=HelpCommand,
    examples=(
        Example(
            "secops migrate repair --accept 20260301120000",
            "A file was changed after it was applied, and that is right so.",
        ),
    ),
)
@_what_option("--accept", metavar="VERSION", help="The file as it is now is what was applied.")
@_what_option("--forget", metavar="VERSION", help="The version is not applied: strike it from the ledger.")
@_what_option("--mark-applied", metavar="VERSION", help="The version was finished by hand.")
@_what_option(
    "--rename",
    is_flag=False,
    flag_value=_ALL,
    metavar="[VERSION]",
    help="The file has another version by now; without VERSION, all that are known by their content.",
)
@_what_option(
    "--as", "renamed_to", metavar="VERSION", help="With --rename: the version that the file has now."
)
@yes_option
@directory_option
@target_options
@click.pass_context
def repair(context: click.Context, /, **options: Any) -> ExitCode:
    """Correct what the ledger says of a version: --accept, --forget, --mark-applied or --rename.

    Only the ledger changes, and the history says how. Nothing is run on your tables.
    """
    from secopskit.migrate import ledger_run
    from secopskit.migrate.tell.render import VERSION, identity_data

    inputs = CommandInputs(options)
    voice = voice_of(context, inputs)
    how, version = _one_of(options)
    moves: tuple[LedgerMove, ...] = ()
    with inputs.context.opened() as database:
        if how == "rename":
            named = "" if version == _ALL else version
            moves = ledger_run.find_moves(database, named, options["renamed_to"] or "")
            for move in moves:
                old, new = move.row, move.migration
                voice.tell(f"{old.version} {old.name}: is {new.version} {new.name} from now on")
            ledger_run.rename(database, moves, inputs.consent, inputs.record)
        else:
            kind = ledger_run.RepairKind(how)
            ledger_run.repair(database, kind, version, inputs.consent, inputs.record)
    voice.result(
        lambda: {
            "version": VERSION,
            "target": identity_data(database.identity),
            "repaired": version,
            "how": how,
            "renamed": {move.row.version: move.migration.version for move in moves},
        },
        lambda: voice.say(f"The ledger is corrected: {how} {version}."),
    )
    return ExitCode.OK


def _one_of(options: dict[str, Any]) -> tuple[str, str]:
    given = [
        (name, options[name]) for name in ("accept", "forget", "mark_applied", "rename") if options[name]
    ]
    if len(given) != 1:
        raise UsageError(
            "one of --accept, --forget, --mark-applied and --rename is needed",
            advice="`secops migrate verify` says what is wrong, and which of them would solve it.",
        )
    how, version = given[0]
    if options["renamed_to"] and (how != "rename" or version == _ALL):
        raise UsageError(
            "--as goes with --rename VERSION",
            advice="`secops migrate repair --rename 2 --as 20260301120000`.",
        )
    return how.replace("_", "-"), version
