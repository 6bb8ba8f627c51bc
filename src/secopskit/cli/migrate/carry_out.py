"""What `up` and `down` share: plan, show, consent, apply, tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from secopskit.cli.migrate.output import voice_of, warn
from secopskit.cli.migrate.place import Open, Place
from secopskit.cli.voice import Voice
from secopskit.errors import ExitCode, RefusedError
from secopskit.migrate.model import Direction, MigrationPlan

if TYPE_CHECKING:
    import click

    from secopskit.migrate.apply.progress import Event, MigrationOutcome


def carry_out(context: click.Context, options: dict[str, Any], direction: Direction) -> ExitCode:
    """Carry out the plan that the options ask for. Raises MigrationFailedError where a file fails."""
    from secopskit.migrate.tell.render import outcome_data, outcome_markdown

    place = Place(options)
    voice = voice_of(context, place)
    with place.opened() as database:
        if direction is Direction.UP and not database.applied:
            refuse_foreign_past(database)
        plan = database.plan(direction)
        refuse_blocked(plan, voice)
        if not plan.steps:
            return _nothing(plan, database, voice)
        _announce(plan, database, voice)
        from secopskit.cli.migrate.consent import consent

        consent(database, plan, voice)
        outcome = _apply(plan, database, voice)
    identity = database.identity
    voice.summarise(outcome_markdown(identity, outcome))
    voice.result(lambda: outcome_data(plan, identity, outcome), lambda: _conclude(outcome, database, voice))
    outcome.raise_for_failure()
    return ExitCode.OK


def refuse_foreign_past(database: Open) -> None:
    """Raise RefusedError where another tool has applied our files: they would be applied twice."""
    from secopskit.migrate.ledger.adopt import compare
    from secopskit.migrate.ledger.foreign import memories

    for memory in memories(database.link):
        if known := compare(memory, database.place.load().migrations).adopted:
            raise RefusedError(
                f"{memory.source.value} has applied {len(known)} of these files (table {memory.table})",
                advice=f"Take its state over first: secops migrate baseline --from {memory.source.value}",
            )


def refuse_blocked(plan: MigrationPlan, voice: Voice) -> None:
    """Show the problems of `plan`. Raises RefusedError if any of them stops it."""
    warn(voice, plan.problems)
    if count := len(plan.blocked):
        raise RefusedError(
            f"the plan has {count} {'problem' if count == 1 else 'problems'} that must be solved first",
            advice="Nothing was done. Each says above how to solve it.",
        )


def _nothing(plan: MigrationPlan, database: Open, voice: Voice) -> ExitCode:
    from secopskit.migrate.apply.progress import MigrationOutcome
    from secopskit.migrate.tell.render import outcome_data

    identity = database.identity
    voice.result(
        lambda: outcome_data(plan, identity, MigrationOutcome()),
        lambda: voice.say(f"Nothing to do on {identity.environment}: {plan.applied} applied."),
    )
    return ExitCode.OK


def _announce(plan: MigrationPlan, database: Open, voice: Voice) -> None:
    identity = database.identity
    first = plan.steps[0]
    verb = "undo" if first.direction is Direction.DOWN else "apply"
    voice.tell(f"To {verb} on {identity.environment} (database {identity.database}), plan {plan.hash}:")
    for step in plan.steps:
        alone = "" if step.script.directives.transaction else "  (without a transaction)"
        voice.tell(f"  {step.migration.version}  {step.migration.name}{alone}")


def _apply(plan: MigrationPlan, database: Open, voice: Voice) -> MigrationOutcome:
    from secopskit.migrate.apply.retry import Patience
    from secopskit.migrate.apply.run import apply_plan
    from secopskit.migrate.apply.session import ApplyOptions

    place, settings = database.place, database.place.settings
    return apply_plan(
        place.connection,
        database.link,
        plan,
        database.identity,
        run=place.run,
        options=ApplyOptions(
            lock_timeout_ms=settings.lock_timeout,
            statement_timeout_ms=settings.statement_timeout,
            single_transaction=place.options["single_transaction"] or settings.single_transaction,
            patience=Patience(total=settings.retry_for / 1000),
            wait_s=settings.lock_wait / 1000,
        ),
        tell=lambda event: _event(event, voice),
    )


def _event(event: Event, voice: Voice) -> None:
    from secopskit.migrate.apply import progress
    from secopskit.migrate.tell.render import duration

    match event:
        case progress.StepDone(step=step):
            word = "undone" if step.direction is Direction.DOWN else "applied"
            again = f", {event.attempts} attempts" if event.attempts > 1 else ""
            name = f"{step.migration.version} {step.migration.name}"
            voice.tell(f"{word} {name} ({duration(event.duration_ms)}{again})", fg="green")
        case progress.StatementDone(step=step):
            voice.tell(f"  {step.migration.version}: statement {event.done} of {event.total}", dim=True)
        case progress.Waiting():
            voice.tell(f"waiting {event.seconds:.1f} s: {event.reason}", fg="yellow")
        case progress.Noted():
            voice.tell(event.message, fg="yellow")
        case progress.StepStarted():
            pass


def _conclude(outcome: MigrationOutcome, database: Open, voice: Voice) -> None:
    from secopskit.migrate.tell.render import files

    for step in outcome.skipped:
        voice.tell(f"{step.migration.version} was done by another run meanwhile")
    if outcome.failure is None and not voice.quiet:
        down = any(done.step.direction is Direction.DOWN for done in outcome.done)
        word = "undone" if down else "applied"
        voice.say(f"{files(len(outcome.done))} {word} on {database.identity.environment}.")
