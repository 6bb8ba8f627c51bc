"""`secops migrate init`: prepare a database, and write down which one it is."""

from __future__ import annotations

from typing import Any

import click

from secopskit.cli.migrate.options import target_options, yes_option
from secopskit.cli.migrate.output import agree, voice_of
from secopskit.cli.migrate.place import Place
from secopskit.errors import ExitCode


@click.command()
@yes_option
@click.option("--copy", is_flag=True, help="The database is a copy of another: give it a pin of its own.")
@target_options
@click.pass_context
def init(context: click.Context, /, **options: Any) -> ExitCode:
    """Prepare a database: state tables in the private schema `secops`, and a pin on which one it is.

    From then on no other database is taken for it, and it is not taken for one of another
    environment. Without --env it is called `development`. Running it again changes nothing.
    """
    from secopskit.migrate.ledger.foreign import memories
    from secopskit.migrate.ledger.initialise import initialise
    from secopskit.migrate.ledger.pin import check_pin, survey_writable
    from secopskit.migrate.tell.render import identity_data

    place = Place(options)
    voice = voice_of(context, place)
    with place.connected() as link:
        found = survey_writable(link)
        environment = place.environment or (found.pin.environment if found.pin else "development")
        if found.pin is None or options["copy"]:
            database = found.facts.database
            question = f"Make the schema secops in database {database}, and pin it as {environment}?"
            agree(question, yes=options["yes"])
        else:
            check_pin(found, environment=place.environment, expected_id=place.settings.identity)
        identity, changed = initialise(link, environment, place.run, copy=options["copy"])
        others = memories(link) if changed else ()

    def text() -> None:
        done = "is now pinned" if changed else "was already pinned"
        voice.tell(f"Database {identity.database} {done} as {identity.environment}, with the identity")
        voice.say(identity.id)
        voice.tell(
            "To have any other database refused from the start, write it into .secops.yaml: "
            f"migrate.environments.{identity.environment}.identity."
        )
        for memory in others:
            voice.tell(
                f"{memory.source.value} has been here (table {memory.table}). To take its state over: "
                f"secops migrate baseline --from {memory.source.value}",
                fg="yellow",
            )

    voice.result(lambda: {"version": 1, "target": identity_data(identity), "changed": changed}, text)
    return ExitCode.OK
