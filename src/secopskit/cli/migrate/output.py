"""How the commands speak: results on standard output, steps and questions on standard error."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import click

from secopskit.cli.boundary import printable
from secopskit.cli.options import Settings, settings_of
from secopskit.errors import UsageError

if TYPE_CHECKING:
    from secopskit.cli.migrate.place import Place
    from secopskit.migrate.model import PlanProblem

_MANY: Final = 20
_COLOUR: Final = {
    "applied": "green",
    "pending": "yellow",
    "baseline": "cyan",
    "running": "red",
    "failed": "red",
    "edited": "red",
    "missing": "red",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """How to speak in this run."""

    json: bool
    quiet: bool
    color: bool | None
    summary: str

    @classmethod
    def of(cls, context: click.Context, place: Place) -> Voice:
        """As the options and the surroundings say."""
        settings: Settings = settings_of(context)
        return cls(
            json=bool(place.options.get("as_json")),
            quiet=settings.quiet,
            color=settings.color,
            summary=place.surroundings.summary,
        )

    def result(self, data: Callable[[], dict[str, Any]], text: Callable[[], None]) -> None:
        """Print the result: `data` with --json, else whatever `text` prints."""
        if self.json:
            click.echo(json.dumps(data(), indent=2))
        else:
            text()

    def say(self, text: str = "") -> None:
        """A line of the result."""
        click.echo(printable(text), color=self.color)

    def tell(self, text: str, **style: Any) -> None:
        """Say what is going on; not in silence."""
        if not self.quiet:
            click.echo(click.style(printable(text), **style), err=True, color=self.color)

    def warn(self, problems: Sequence[PlanProblem]) -> None:
        """Problems on standard error, those that stop us first."""
        ordered = sorted(problems, key=lambda problem: not problem.blocking)
        for problem in ordered[:_MANY]:
            word, colour = ("problem", "red") if problem.blocking else ("note", "yellow")
            if problem.blocking or not self.quiet:
                line = click.style(f"{word}: ", fg=colour) + printable(problem.message)
                click.echo(line, err=True, color=self.color)
                click.echo(f"  {printable(problem.advice)}", err=True, color=self.color)
        if len(ordered) > _MANY:
            click.echo(f"… and {len(ordered) - _MANY} more; --json lists all", err=True)

    def table(
        self, head: Sequence[str], rows: Iterable[Sequence[object]], *, state: int | None = None
    ) -> None:
        """A table on standard output; the column `state` is coloured by what it says."""
        from io import StringIO

        from rich.console import Console
        from rich.table import Table
        from rich.text import Text

        terminal = sys.stdout.isatty()
        grid = Table(*head, box=None, pad_edge=False, header_style="dim" if terminal else "")
        for column, name in zip(grid.columns, head, strict=True):
            if name in _RIGHT:
                column.justify = "right"
        for row in rows:
            cells = [Text("\n".join(map(printable, str(cell).split("\n")))) for cell in row]
            if state is not None:
                cells[state].stylize(_COLOUR.get(str(row[state]), ""))
            grid.add_row(*cells)
        page = StringIO()
        console = Console(
            file=page,
            width=shutil.get_terminal_size((100, 24)).columns if terminal else 200,
            force_terminal=terminal if self.color is None else self.color,
            no_color=self.color is False,
            highlight=False,
            _environ={},
        )
        console.print(grid)
        for line in page.getvalue().splitlines():
            click.echo(line.rstrip(), color=True)

    def summarise(self, markdown: str) -> None:
        """Add a section to GitHub's step summary, where there is one."""
        if self.summary:
            with open(self.summary, "a", encoding="utf-8") as file:
                file.write(markdown + "\n")


_RIGHT: Final = frozenset({"Time", "Statements", "Size", "#"})


def interactive() -> bool:
    """Whether somebody is there who could be asked."""
    return sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()


def agree(question: str, *, yes: bool) -> bool:
    """Whether the user agrees. Raises UsageError where nobody can be asked."""
    if yes:
        return True
    if not interactive():
        raise UsageError("nobody is here to be asked", advice="Look at it, then run again with --yes.")
    return click.confirm(printable(question), err=True)
