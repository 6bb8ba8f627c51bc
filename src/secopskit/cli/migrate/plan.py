"""`secops migrate plan`: what `up` or `down` would do, and the hash that names it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from secopskit.cli.help import Example, HelpCommand, options_of
from secopskit.cli.migrate.shared.inputs import CommandInputs
from secopskit.cli.migrate.shared.options import directory_option, order_option, range_options, target_options
from secopskit.cli.migrate.shared.output import problems_shown, voice_of, warn
from secopskit.cli.terminal.table import print_table
from secopskit.cli.terminal.voice import Voice
from secopskit.errors import ExitCode
from secopskit.migrate.model import Direction

if TYPE_CHECKING:
    from secopskit.migrate.model import Identity, MigrationPlan


_what_option = options_of("What is planned")


@click.command(
    cls=HelpCommand,
    examples=(
        Example("secops migrate plan", "What `up` would do."),
        Example("secops migrate plan --hash", "The hash that --confirm-production takes, alone."),
    ),
)
@directory_option
@range_options
@_what_option("--down", is_flag=True, help="What `down` would do.")
@_what_option("--hash", "only_hash", is_flag=True, help="Print the hash only; the exit code is 0 then.")
@order_option
@target_options
@click.pass_context
def plan(context: click.Context, /, **options: Any) -> ExitCode:
    """Show what `up` would do, and the hash that names it: files, order, database.

    Nothing is changed. Exit code 1 means that there is something to do.
    """
    from secopskit.migrate import run
    from secopskit.migrate.guards import refuse_blocked
    from secopskit.migrate.tell.render import plan_data, plan_markdown

    inputs = CommandInputs(options)
    voice = voice_of(context, inputs)
    with inputs.context.opened() as database:
        made = run.plan(database, inputs.wanted(Direction.DOWN if options["down"] else Direction.UP))
    if options["only_hash"]:
        with problems_shown(voice):
            refuse_blocked(made)
        warn(voice, made.problems)
        voice.say(made.hash)
        return ExitCode.OK
    voice.result(
        lambda: plan_data(made, database.identity), lambda: show_plan(made, database.identity, voice)
    )
    voice.summarise(plan_markdown(made, database.identity))
    return ExitCode.FINDINGS if made.steps or made.blocked else ExitCode.OK


def show_plan(plan: MigrationPlan, identity: Identity, voice: Voice) -> None:
    """Print a plan and its problems."""
    if plan.steps:
        voice.say(f"To do on {identity.environment} (database {identity.database}):")
        print_table(
            voice,
            ("#", "Version", "Name", "Statements", ""),
            [
                (
                    number,
                    step.migration.version,
                    step.migration.name,
                    len(step.script.statements),
                    _remark(step.direction, step.resume_at, transaction=step.script.directives.transaction),
                )
                for number, step in enumerate(plan.steps, 1)
            ],
        )
        voice.say(f"plan {plan.hash}")
    elif not plan.problems:
        voice.say(f"Nothing to do on {identity.environment}: {plan.applied} applied.")
    warn(voice, plan.problems)


def _remark(direction: Direction, resume_at: int, *, transaction: bool) -> str:
    remarks = ["undone"] if direction is Direction.DOWN else []
    remarks += [] if transaction else ["without a transaction"]
    remarks += [f"goes on after statement {resume_at}"] if resume_at else []
    return ", ".join(remarks)
