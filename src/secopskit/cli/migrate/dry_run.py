"""`secops migrate dry-run`: try pending files where it does no harm, and tell what will hurt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from secopskit.cli.help import Example, HelpCommand, options_of
from secopskit.cli.migrate.shared.inputs import CommandInputs
from secopskit.cli.migrate.shared.options import (
    directory_option,
    order_option,
    range_options,
    shadow_options,
    target_options,
)
from secopskit.cli.migrate.shared.output import problems_shown, require_sound, voice_of, warn
from secopskit.cli.migrate.shared.show_dry_run import show_dry_run, show_step
from secopskit.cli.options import settings_of
from secopskit.cli.terminal.voice import Voice
from secopskit.errors import ExitCode
from secopskit.migrate.model import Direction, ProblemKind

if TYPE_CHECKING:
    from secopskit.migrate.look.dryrun import DryRun
    from secopskit.migrate.model import MigrationPlan


_what_option = options_of("What is tried")


@click.command(
    cls=HelpCommand,
    examples=(
        Example("secops migrate dry-run", "Try what is pending on a copy of the schema."),
        Example(
            "secops migrate dry-run --from-scratch",
            "Try all files on an empty database; in CI, without any database at hand.",
        ),
    ),
)
@directory_option
@range_options
@_what_option("--down", is_flag=True, help="Try what `down` would do.")
@_what_option("--from-scratch", is_flag=True, help="Try all files on an empty database; no target is needed.")
@_what_option(
    "--on-target", is_flag=True, help="Run on the database itself, and roll back. It takes real locks."
)
@_what_option(
    "--strict", is_flag=True, help="Exit code 1 also for what will hurt, and for a file that does nothing."
)
@shadow_options
@order_option
@target_options
@click.pass_context
def dry_run(context: click.Context, /, **options: Any) -> ExitCode:
    """Try pending files on a shadow database, and tell what each statement does.

    The shadow is a PostgreSQL of our own (or at SHADOW_DATABASE_URL) with the schema of the target
    and none of its rows. Told are locks, rewrites and what hurts in view of the target's sizes. A
    plan that passed is noted in the history: production asks for it.
    """
    from secopskit.migrate import run
    from secopskit.migrate.tell.render_dryrun import nothing_data

    inputs = CommandInputs(options)
    voice = voice_of(context, inputs)
    if options["from_scratch"]:
        return _from_scratch(context, inputs, voice)
    wanted = inputs.wanted(Direction.DOWN if options["down"] else Direction.UP)
    with inputs.context.opened() as database:
        loaded = database.load(whole=True)
        plan = run.plan(database, wanted, loaded=loaded)
        require_sound(database, plan, voice)
        if not plan.steps:
            text = f"Nothing to try: {plan.applied} applied, none pending."
            voice.result(lambda: nothing_data(plan), lambda: voice.say(text))
            return ExitCode.OK
        result = run.rehearse(
            database,
            plan,
            loaded,
            inputs.record,
            lambda event: show_step(event, voice),
            on_target=options["on_target"],
            keep_notices=settings_of(context).verbosity > 0,
        )
    return _conclude(plan, result, voice, context)


def _from_scratch(context: click.Context, inputs: CommandInputs, voice: Voice) -> ExitCode:
    from secopskit.migrate.guards import refuse_blocked
    from secopskit.migrate.run import plan_from_scratch, rehearse_from_scratch

    plan = plan_from_scratch(inputs.load(), inputs.wanted())
    with problems_shown(voice):
        refuse_blocked(plan)
    warn(voice, plan.problems)
    result = rehearse_from_scratch(
        plan, inputs.settings, inputs.shadow, lambda event: show_step(event, voice)
    )
    return _conclude(plan, result, voice, context)


def _conclude(plan: MigrationPlan, result: DryRun, voice: Voice, context: click.Context) -> ExitCode:
    from secopskit.migrate.apply.progress import MigrationFailedError
    from secopskit.migrate.tell.render_dryrun import dry_run_data, dry_run_markdown

    whole = settings_of(context).verbosity > 0
    voice.result(lambda: dry_run_data(plan, result), lambda: show_dry_run(plan, result, voice, whole=whole))
    voice.summarise(dry_run_markdown(plan, result))
    if result.failure:
        raise MigrationFailedError(result.failure)
    empty = any(problem.kind is ProblemKind.FILE for problem in plan.problems)
    return ExitCode.FINDINGS if context.params["strict"] and (result.hazards or empty) else ExitCode.OK
