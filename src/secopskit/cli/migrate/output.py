"""How the commands of `secops migrate` speak, beyond what every command's voice can."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import click

from secopskit.cli.ask import Terminal
from secopskit.cli.options import settings_of
from secopskit.cli.voice import Voice
from secopskit.conduct.consent import YesNo, obtain
from secopskit.report.text import visible
from secopskit.settings.environment import read_environment

if TYPE_CHECKING:
    from secopskit.cli.migrate.place import Place
    from secopskit.migrate.model import PlanProblem

_MANY: Final = 20


def voice_of(context: click.Context, place: Place) -> Voice:
    """The voice that the options and the surroundings ask for."""
    return Voice.of(
        settings_of(context),
        read_environment(),
        form="json" if place.options.get("as_json") else "text",
        summary=place.surroundings.summary,
    )


def agree(question: str, *, yes: bool) -> None:
    """Obtain a plain yes. Raises RefusedError, UsageError; see `conduct.consent.obtain`."""
    obtain(YesNo(question=question), Terminal(), yes=yes)


def warn(voice: Voice, problems: Sequence[PlanProblem]) -> None:
    """Show problems on standard error, those that stop us first, and these even in silence."""
    ordered = sorted(problems, key=lambda problem: not problem.blocking)
    for problem in ordered[:_MANY]:
        word, colour = ("problem", "red") if problem.blocking else ("note", "yellow")
        if problem.blocking or not voice.quiet:
            line = click.style(f"{word}: ", fg=colour) + visible(problem.message)
            click.echo(line, err=True, color=voice.color)
            click.echo(f"  {visible(problem.advice)}", err=True, color=voice.color)
    if len(ordered) > _MANY:
        click.echo(f"… and {len(ordered) - _MANY} more; --json lists all", err=True)
