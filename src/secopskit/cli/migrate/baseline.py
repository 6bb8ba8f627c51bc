"""`secops migrate baseline`: adopt a database that others have migrated so far."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from secopskit.cli.migrate.options import directory_option, target_options, yes_option
from secopskit.cli.migrate.output import agree, voice_of
from secopskit.cli.migrate.place import Open, Place
from secopskit.cli.voice import Voice
from secopskit.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from secopskit.migrate.ledger.adopt import Adopted, Adoption

_SOURCES: Final = ("supabase", "dbmate", "sqitch", "flyway")


@click.command()
@click.argument("version", required=False)
@click.option("--from", "source", type=click.Choice(_SOURCES), help="Take over the state of another tool.")
@click.option("--without-files", is_flag=True, help="Also what it applied of which the file is gone.")
@yes_option
@directory_option
@target_options
@click.pass_context
def baseline(context: click.Context, /, **options: Any) -> ExitCode:
    """Adopt a database that has a past: all files up to VERSION count as applied. None is run.

    With --from, what another tool has written down is taken over instead; its tables are only read.
    """
    place = Place(options)
    voice = voice_of(context, place)
    if bool(options["version"]) == bool(options["source"]):
        raise UsageError(
            "either a VERSION or --from is needed",
            advice="`secops migrate baseline 20260101120000`, or `secops migrate baseline --from supabase`.",
        )
    with place.opened() as database:
        database.require_named()
        new = _from_tool(database, voice) if options["source"] else _up_to(database)
    _tell(new, database, voice)
    return ExitCode.OK


def _up_to(database: Open) -> Sequence[Adopted]:
    from secopskit.migrate.ledger.adopt import baseline as write
    from secopskit.migrate.ledger.lock import hold

    place, identity = database.place, database.identity
    version = place.options["version"]
    question = f"Count all files up to {version} as applied on {identity.environment} ({identity.database})?"
    agree(question, yes=place.options["yes"])
    with hold(place.connection, beside=database.link, wait_s=place.settings.lock_wait / 1000):
        return write(database.link, place.load(whole=True).migrations, version, place.run)


def _from_tool(database: Open, voice: Voice) -> Sequence[Adopted]:
    from secopskit.migrate.ledger import adopt
    from secopskit.migrate.ledger.lock import hold

    place, identity = database.place, database.identity
    adoption = _adoption(database)
    memory = adoption.memory
    voice.tell(
        f"{memory.table} knows {len(memory.rows)} migrations, {len(adoption.adopted)} with a file and "
        f"{len(adoption.unknown)} without; {len(adoption.pending)} files are not applied yet"
    )
    for version in adoption.edited:
        voice.tell(f"note: the file of {version} is not what was run", fg="yellow")
    question = f"Take this over on {identity.environment} (database {identity.database})?"
    agree(question, yes=place.options["yes"])
    with hold(place.connection, beside=database.link, wait_s=place.settings.lock_wait / 1000):
        without = place.options["without_files"]
        return adopt.adopt(database.link, adoption, place.run, without_files=without)


def _adoption(database: Open) -> Adoption:
    from secopskit.migrate.ledger.adopt import compare
    from secopskit.migrate.ledger.foreign import memories

    wanted = database.place.options["source"]
    found = [memory for memory in memories(database.link) if memory.source.value == wanted]
    if len(found) != 1:
        raise UsageError(
            f"there is no state of {wanted} in database {database.identity.database}"
            if not found
            else f"{wanted} has state in several tables: {', '.join(memory.table for memory in found)}",
            advice="Name the newest version that is applied instead: secops migrate baseline VERSION.",
        )
    return compare(found[0], database.place.load(whole=True).migrations)


def _tell(new: Sequence[Adopted], database: Open, voice: Voice) -> None:
    from secopskit.migrate.tell.render import VERSION, identity_data

    voice.result(
        lambda: {
            "version": VERSION,
            "target": identity_data(database.identity),
            "adopted": [{"version": item.version, "name": item.name} for item in new],
        },
        lambda: voice.tell(f"{len(new)} versions count as applied now; `secops migrate status` lists all."),
    )
