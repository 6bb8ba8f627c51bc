"""Tables on standard output, with a column of states coloured by what they say."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable, Sequence
from io import StringIO
from typing import TYPE_CHECKING, Final

import click

from secopskit.report.text import visible

if TYPE_CHECKING:
    from secopskit.cli.terminal.voice import Voice

_COLOUR: Final = {
    "applied": "green",
    "pending": "yellow",
    "baseline": "cyan",
    "running": "red",
    "failed": "red",
    "edited": "red",
    "missing": "red",
    "renamed": "red",
}
_RIGHT: Final = frozenset({"Time", "Statements", "Size", "#"})
_WIDE: Final = 200


def print_table(
    voice: Voice, head: Sequence[str], rows: Iterable[Sequence[object]], *, state: int | None = None
) -> None:
    """Print a table; `state` is the number of the column that is coloured."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    terminal = sys.stdout.isatty()
    grid = Table(*head, box=None, pad_edge=False, header_style="dim" if terminal else "")
    for column, name in zip(grid.columns, head, strict=True):
        if name in _RIGHT:
            column.justify = "right"
    for row in rows:
        cells = [Text("\n".join(map(visible, str(cell).split("\n")))) for cell in row]
        if state is not None:
            cells[state].stylize(_COLOUR.get(str(row[state]).partition(" ")[0], ""))
        grid.add_row(*cells)
    page = StringIO()
    console = Console(
        file=page,
        width=shutil.get_terminal_size((100, 24)).columns if terminal else _WIDE,
        force_terminal=terminal if voice.color is None else voice.color,
        no_color=voice.color is False,
        highlight=False,
        _environ={},
    )
    console.print(grid)
    for line in page.getvalue().splitlines():
        click.echo(line.rstrip(), color=True)
