"""`secops migrate repair`: correct what the ledger says of a version."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from secopskit.cli.migrate.options import directory_option, target_options, yes_option
from secopskit.cli.migrate.output import agree, voice_of
from secopskit.cli.migrate.place import Place
from secopskit.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from secopskit.migrate.model import Migration


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
    from secopskit.migrate.ledger import repair as repairs
    from secopskit.migrate.ledger.lock import hold
    from secopskit.migrate.tell.render import VERSION, identity_data

    place = Place(options)
    voice = voice_of(context, place)
    what, version = _one_of(options)
    with place.opened() as database:
        identity = database.identity
        database.require_named()
        question = (
            f"Change the ledger of {identity.environment} (database {identity.database}): {what} {version}?"
        )
        agree(question, yes=options["yes"])
        with hold(place.connection, beside=database.link, wait_s=place.settings.lock_wait / 1000):
            match what:
                case "accept":
                    repairs.accept(database.link, _migration(place, version), place.run)
                case "mark-applied":
                    repairs.mark_applied(database.link, _migration(place, version), place.run)
                case _:
                    repairs.forget(database.link, version, place.run)
    voice.result(
        lambda: {"version": VERSION, "target": identity_data(identity), "repaired": version, "how": what},
        lambda: voice.tell(f"The ledger is corrected: {what} {version}."),
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


def _migration(place: Place, version: str) -> Migration:
    """The file of `version`, fit to be run. Raises UsageError."""
    from secopskit.migrate.read.files import version_key

    for migration in place.load(whole=True).migrations:
        if version_key(migration.version) == version_key(version):
            if migration.up.fault:
                raise UsageError(
                    f"{migration.up.path}: {migration.up.fault}", advice="Correct the file first."
                )
            return migration
    raise UsageError(
        f"there is no file of version {version[:60]!r}",
        advice=f"Looked in {place.directory}; is --dir right?",
    )
