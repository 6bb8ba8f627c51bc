"""`secops migrate dry-run`: try pending files where it does no harm, and tell what will hurt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from secopskit.cli.migrate.carry_out import refuse_blocked, refuse_foreign_past
from secopskit.cli.migrate.options import (
    directory_option,
    order_option,
    range_options,
    shadow_options,
    target_options,
)
from secopskit.cli.migrate.output import voice_of
from secopskit.cli.migrate.place import Open, Place
from secopskit.cli.migrate.rehearsed import show_dry_run, show_step
from secopskit.cli.voice import Voice
from secopskit.errors import ExitCode
from secopskit.migrate.model import Direction, VersionState

if TYPE_CHECKING:
    from secopskit.migrate.look.dryrun import DryRun
    from secopskit.migrate.model import MigrationPlan


@click.command()
@directory_option
@range_options
@click.option("--down", is_flag=True, help="Try what `down` would do.")
@click.option("--from-scratch", is_flag=True, help="Try all files on an empty database; no target is needed.")
@click.option(
    "--on-target", is_flag=True, help="Run on the database itself, and roll back. It takes real locks."
)
@click.option("--strict", is_flag=True, help="Exit code 1 also for what will hurt.")
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
    from secopskit.migrate.tell.render_dryrun import nothing_data

    place = Place(options)
    voice = voice_of(context, place)
    if options["from_scratch"]:
        return _from_scratch(place, voice)
    with place.opened() as database:
        if not options["down"] and not database.applied:
            refuse_foreign_past(database)
        loaded = place.load(whole=True)
        plan = database.plan(Direction.DOWN if options["down"] else Direction.UP, loaded=loaded)
        refuse_blocked(plan, voice)
        if not plan.steps:
            text = f"Nothing to try: {plan.applied} applied, none pending."
            voice.result(lambda: nothing_data(plan), lambda: voice.tell(text))
            return ExitCode.OK
        applied = {
            row.version
            for row in database.applied
            if row.state in (VersionState.APPLIED, VersionState.BASELINE)
        }
        before = [migration for migration in loaded.migrations if migration.version in applied]
        result = (
            _on_target(database, plan, voice)
            if options["on_target"]
            else _on_shadow(place, plan, voice, database=database, before=before)
        )
        _record(database, plan, result)
    return _conclude(plan, result, voice, place)


def _from_scratch(place: Place, voice: Voice) -> ExitCode:
    from secopskit.migrate.plan import make_plan

    loaded = place.load(whole=True)
    options = place.options
    plan = make_plan(
        loaded.migrations, (), None, to=options["to"], steps=options["steps"],
        allow_out_of_order=True, problems=loaded.problems,
    )  # fmt: skip
    refuse_blocked(plan, voice)
    return _conclude(plan, _on_shadow(place, plan, voice), voice, place)


def _on_shadow(
    place: Place, plan: MigrationPlan, voice: Voice, *, database: Open | None = None, before: Any = ()
) -> DryRun:
    from secopskit.migrate.look.dryrun import DryRunOptions, on_shadow

    return on_shadow(
        plan,
        target=database.link if database else None,
        before=before,
        options=DryRunOptions(lock_timeout_ms=place.settings.lock_timeout, shadow=place.shadow),
        tell=lambda event: show_step(event, voice),
    )


def _on_target(database: Open, plan: MigrationPlan, voice: Voice) -> DryRun:
    from secopskit.migrate.ledger.lock import hold
    from secopskit.migrate.look.dryrun import DryRunOptions, on_target

    place = database.place
    with hold(place.connection, beside=database.link, wait_s=place.settings.lock_wait / 1000):
        return on_target(
            plan,
            database.link,
            options=DryRunOptions(lock_timeout_ms=place.settings.lock_timeout),
            tell=lambda event: show_step(event, voice),
        )


def _record(database: Open, plan: MigrationPlan, result: DryRun) -> None:
    """Note in the history that this plan was tried; the rest of secops goes by it."""
    from secopskit.migrate.ledger.history import Action, HistoryEntry, append
    from secopskit.migrate.tell.render import files
    from secopskit.postgres.errors import database_errors

    failure = result.failure
    entry = HistoryEntry(
        action=Action.DRY_RUN,
        ok=result.ok,
        version=failure.version if failure else None,
        duration_ms=result.duration_ms,
        sqlstate=failure.sqlstate if failure else None,
        message=str(failure) if failure else f"{files(len(plan.steps))} on the {result.where}",
        plan_hash=plan.hash,
    )
    with database_errors("noting the dry run in the history"):
        append(database.place.run, entry).on(database.link)


def _conclude(plan: MigrationPlan, result: DryRun, voice: Voice, place: Place) -> ExitCode:
    from secopskit.migrate.apply.progress import MigrationFailedError
    from secopskit.migrate.tell.render_dryrun import dry_run_data, dry_run_markdown

    voice.result(lambda: dry_run_data(plan, result), lambda: show_dry_run(plan, result, voice))
    voice.summarise(dry_run_markdown(plan, result))
    if result.failure:
        raise MigrationFailedError(result.failure)
    return ExitCode.FINDINGS if result.hazards and place.options["strict"] else ExitCode.OK
