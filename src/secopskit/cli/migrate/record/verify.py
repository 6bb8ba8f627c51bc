"""`secops migrate verify`: hold files, ledger, history and schema against each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from secopskit.cli.help import Example, HelpCommand, options_of
from secopskit.cli.migrate.shared.inputs import CommandInputs
from secopskit.cli.migrate.shared.options import (
    directory_option,
    order_option,
    shadow_options,
    target_options,
)
from secopskit.cli.migrate.shared.output import voice_of, warn
from secopskit.cli.terminal.voice import Voice
from secopskit.errors import ExitCode

if TYPE_CHECKING:
    from secopskit.migrate.look.drift import Difference, Drift


_what_option = options_of("What is held against each other")


@click.command(
    cls=HelpCommand,
    examples=(
        Example("secops migrate verify", "Files against ledger and history."),
        Example("secops migrate verify --schema", "The database's schema, too, against what the files make."),
    ),
)
@directory_option
@_what_option(
    "--schema", is_flag=True, help="Compare the schema, too, with what the applied files make on a shadow."
)
@_what_option(
    "--without",
    multiple=True,
    metavar="KIND",
    help="Leave a kind of object out of --schema, such as grants; repeatable.",
)
@_what_option("--head", default="", metavar="HASH", help="The history must hold this row, noted earlier.")
@shadow_options
@order_option
@target_options
@click.pass_context
def verify(context: click.Context, /, **options: Any) -> ExitCode:
    """Hold files, ledger and history against each other.

    Every file is read whole, every checksum compared, the chain of the history computed anew. With
    --schema, the applied files also run on an empty shadow database, and what they make there is
    compared with the schema that the database has. Exit code 1 means that something does not fit;
    pending files are no fault.
    """
    from secopskit.migrate.tell.render import VERSION, identity_data, problem_data
    from secopskit.migrate.verify import verify as hold_together

    _check_kinds(options["without"])
    inputs = CommandInputs(options)
    voice = voice_of(context, inputs)
    with inputs.context.opened() as database:
        found = hold_together(
            database, head=options["head"], schema=options["schema"], without=options["without"]
        )
        identity = database.identity
    plan, chain, drift = found.plan, found.chain, found.drift
    if found.wants_schema and drift is None:
        voice.tell("The schema was not compared: files and ledger must agree first.", fg="yellow")

    def data() -> dict[str, Any]:
        from dataclasses import asdict

        from secopskit.migrate.look.drift import drift_data

        return {
            "version": VERSION,
            "target": identity_data(identity),
            "files": found.files,
            "applied": plan.applied,
            "pending": len(plan.steps),
            "problems": [problem_data(problem) for problem in plan.problems],
            "history": {"rows": chain.rows, "head": chain.head, "broken": list(chain.broken)},
            "ledger": [asdict(each) for each in found.disagreements],
            "schema": drift_data(drift) if drift else None,
        }

    def text() -> None:
        warn(voice, plan.problems)
        for fault in chain.broken:
            voice.tell(f"history: {fault}", fg="red")
        for each in found.disagreements:
            voice.tell(f"ledger: {each.message}", fg="red")
            voice.tell(f"  {each.advice}")
        well = "the history is whole" if not chain.broken else "the history was tampered with"
        well += ", the ledger is not what it says" if found.disagreements else ""
        voice.say(f"{identity.environment}: {found.files} files, {plan.applied} applied; {well}")
        voice.say(f"head of the history: {chain.head} (row {chain.rows})")
        if drift:
            _show(drift, voice)

    voice.result(data, text)
    return ExitCode.OK if found.ok else ExitCode.FINDINGS


def _check_kinds(kinds: tuple[str, ...]) -> None:
    if not kinds:
        return
    from secopskit.migrate.look.catalog import KINDS

    for kind in kinds:
        if kind not in KINDS:
            raise click.BadParameter(
                f"there is no kind {kind[:40]!r}; there are: {', '.join(KINDS)}", param_hint="--without"
            )


def _show(drift: Drift, voice: Voice) -> None:
    for note in drift.notes:
        voice.tell(f"note: {note}", fg="yellow")
    for item in drift.differences:
        voice.say(f"! {item.kind.value}: {item.thing}{_detail(item)}")
    if count := len(drift.differences):
        voice.say(f"schema: {count} {'difference' if count == 1 else 'differences'} from what the files make")
    else:
        voice.say(f"schema: as the files make it ({drift.objects} objects)")


def _detail(item: Difference) -> str:
    if item.expected and item.found:
        if item.expected == item.found:
            return f" ({item.found}, with other values)"
        return f" ({item.found}; by the files {item.expected})"
    shown = item.expected or item.found
    return f" ({shown})" if shown else ""
