"""What `up` and `down` share: plan, show, have it approved, apply, tell the outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from secopskit.cli.migrate.shared.inputs import CommandInputs
from secopskit.cli.migrate.shared.output import require_sound, voice_of, warn
from secopskit.cli.options import settings_of
from secopskit.cli.terminal.voice import Voice
from secopskit.errors import ExitCode
from secopskit.migrate.model import Direction, Identity, MigrationPlan, count_files

if TYPE_CHECKING:
    import click

    from secopskit.migrate.apply.progress import MigrationOutcome, RunEvent
    from secopskit.migrate.run import ApprovedPlan


def apply_from_options(context: click.Context, options: dict[str, Any], direction: Direction) -> ExitCode:
    """Carry out the plan that the options ask for. Raises MigrationFailedError where a file fails."""
    from secopskit.migrate import run

    inputs = CommandInputs(options)
    voice = voice_of(context, inputs)
    with inputs.context.opened() as database:
        plan, identity = run.plan(database, inputs.wanted(direction)), database.identity
        if plan.empty:
            warn(voice, plan.problems)
            _tell_nothing(plan, identity, voice)
            return ExitCode.OK
        require_sound(database, plan, voice)
        _announce(plan, identity, voice)
        approved = run.approve(database, plan, inputs.consent)
        _count_down(approved, voice)
        outcome = run.apply(
            database,
            approved,
            inputs.record,
            lambda event: _tell_event(event, voice),
            keep_notices=settings_of(context).verbosity > 0,
        )
    from secopskit.migrate.tell.render import outcome_data, outcome_markdown

    voice.summarise(outcome_markdown(identity, outcome))
    voice.result(lambda: outcome_data(plan, identity, outcome), lambda: _conclude(outcome, identity, voice))
    outcome.raise_for_failure()
    return ExitCode.OK


def _tell_nothing(plan: MigrationPlan, identity: Identity, voice: Voice) -> None:
    def data() -> dict[str, Any]:
        from secopskit.migrate.apply.progress import MigrationOutcome
        from secopskit.migrate.tell.render import outcome_data

        return outcome_data(plan, identity, MigrationOutcome())

    voice.result(data, lambda: voice.say(f"Nothing to do on {identity.environment}: {plan.applied} applied."))


def _announce(plan: MigrationPlan, identity: Identity, voice: Voice) -> None:
    verb = "undo" if plan.direction is Direction.DOWN else "apply"
    voice.tell(f"To {verb} on {identity.environment} (database {identity.database}), plan {plan.hash}:")
    for step in plan.steps:
        alone = "" if step.script.directives.transaction else "  (without a transaction)"
        voice.tell(f"  {step.migration.version}  {step.migration.name}{alone}")


def _count_down(approved: ApprovedPlan, voice: Voice) -> None:
    from secopskit.conduct.countdown import count_down

    seconds, name = int(approved.countdown_s), approved.identity.environment
    if seconds:
        try:
            count_down(seconds, lambda left: voice.countdown(name, left, seconds))
        finally:
            voice.countdown(name, 0, seconds)


def _tell_event(event: RunEvent, voice: Voice) -> None:
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
        case progress.ServerSaid(step=step):
            colour = "yellow" if event.text.startswith("WARNING") else None
            voice.tell(f"  {step.migration.version}: {event.text}", fg=colour)
        case progress.Noted():
            voice.tell(event.message, fg="yellow")
        case progress.StepStarted():
            pass


def _conclude(outcome: MigrationOutcome, identity: Identity, voice: Voice) -> None:
    for step in outcome.skipped:
        voice.tell(f"{step.migration.version} was done by another run meanwhile")
    if outcome.failure is None and not voice.quiet:
        down = any(done.step.direction is Direction.DOWN for done in outcome.done)
        word = "undone" if down else "applied"
        voice.say(f"{count_files(len(outcome.done))} {word} on {identity.environment}.")
