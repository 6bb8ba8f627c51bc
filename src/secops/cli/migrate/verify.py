"""`secops migrate verify`: hold files, ledger and history against each other."""

from __future__ import annotations

from typing import Any

import click

from secops.cli.migrate.options import directory_option, order_option, target_options
from secops.cli.migrate.output import Voice
from secops.cli.migrate.place import Place
from secops.errors import ExitCode


@click.command()
@directory_option
@click.option("--head", default="", metavar="HASH", help="The history must hold this row, noted earlier.")
@order_option
@target_options
@click.pass_context
def verify(context: click.Context, /, **options: Any) -> ExitCode:
    """Hold files, ledger and history against each other.

    Every file is read whole, every checksum compared, the chain of the history computed anew.
    Exit code 1 means that something does not fit; pending files are no fault.
    """
    from secops.migrate import history
    from secops.migrate.render import VERSION, identity_data, problem_data

    place = Place(options)
    voice = Voice.of(context, place)
    with place.opened() as database:
        loaded = place.load(whole=True)
        plan = database.plan(loaded=loaded)
        chain = history.verify(database.link, head=options["head"])
        identity = database.identity

    def data() -> dict[str, Any]:
        return {
            "version": VERSION,
            "target": identity_data(identity),
            "files": len(loaded.migrations),
            "applied": plan.applied,
            "pending": len(plan.steps),
            "problems": [problem_data(problem) for problem in plan.problems],
            "history": {"rows": chain.rows, "head": chain.head, "broken": list(chain.broken)},
        }

    def text() -> None:
        voice.warn(plan.problems)
        for fault in chain.broken:
            voice.tell(f"history: {fault}", fg="red")
        well = "the history is whole" if not chain.broken else "the history was tampered with"
        voice.say(f"{identity.environment}: {len(loaded.migrations)} files, {plan.applied} applied; {well}")
        voice.say(f"head of the history: {chain.head} (row {chain.rows})")

    voice.result(data, text)
    return ExitCode.FINDINGS if plan.blocked or chain.broken else ExitCode.OK
