"""How the commands of `secops migrate` speak, beyond what every command's voice can."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import click

from secopskit.cli.options import settings_of
from secopskit.cli.terminal.voice import Voice
from secopskit.report.text import visible
from secopskit.settings.environment import read_environment

if TYPE_CHECKING:
    from secopskit.cli.migrate.shared.inputs import CommandInputs
    from secopskit.migrate.context import OpenDatabase
    from secopskit.migrate.model import MigrationPlan, PlanProblem

_MANY: Final = 20


def voice_of(context: click.Context, inputs: CommandInputs) -> Voice:
    """The voice that the options and the surroundings ask for."""
    return Voice.of(
        settings_of(context),
        read_environment(),
        form="json" if inputs.options.get("as_json") else "text",
        summary=inputs.surroundings.summary,
    )


def agree(question: str, *, yes: bool) -> None:
    """Obtain a plain yes. Raises RefusedError, UsageError; see `conduct.consent.obtain`."""
    from secopskit.cli.terminal.ask import Terminal
    from secopskit.conduct.consent import YesNo, obtain

    obtain(YesNo(question=question), Terminal(), yes=yes)


def warn(voice: Voice, problems: Sequence[PlanProblem]) -> None:
    """Show problems on standard error, those that stop us first, and these even in silence."""
    ordered = sorted(problems, key=lambda problem: not problem.blocking)
    for problem in ordered[:_MANY]:
        word, colour = ("problem", "red") if problem.blocking else (_word(problem), "yellow")
        if problem.blocking or not voice.quiet:
            line = click.style(f"{word}: ", fg=colour) + visible(problem.message)
            click.echo(line, err=True, color=voice.color)
            click.echo(f"  {visible(problem.advice)}", err=True, color=voice.color)
    if len(ordered) > _MANY:
        click.echo(f"… and {len(ordered) - _MANY} more; --json lists all", err=True)


def _word(problem: PlanProblem) -> str:
    """What a problem is called that stops nothing: a file that does nothing is more than a remark."""
    from secopskit.migrate.model import ProblemKind

    return "warning" if problem.kind is ProblemKind.FILE else "note"


def require_sound(database: OpenDatabase, plan: MigrationPlan, voice: Voice) -> None:
    """Show the problems of `plan`. Raises RefusedError for one that must not even be tried."""
    from secopskit.migrate.run import require_sound as require

    with problems_shown(voice):
        require(database, plan)
    warn(voice, plan.problems)


@contextmanager
def problems_shown(voice: Voice) -> Iterator[None]:
    """Show the problems of a plan that is refused for them within the block."""
    from secopskit.migrate.guards import BlockedPlanError

    try:
        yield
    except BlockedPlanError as error:
        warn(voice, error.plan.problems)
        raise
