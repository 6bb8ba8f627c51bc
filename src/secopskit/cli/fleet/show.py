"""How a fleet is shown on standard output, or written to a file."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING, Final

import click

from secopskit.cli.terminal.voice import painted_text
from secopskit.fleet.tell.text import blocks, summary
from secopskit.report.annotation import without_commands
from secopskit.report.page import as_text, unpainted

if TYPE_CHECKING:
    from secopskit.cli.terminal.voice import Voice
    from secopskit.fleet.tell.facts import FleetFacts

_WIDEST: Final = 120


def show_text(facts: FleetFacts, voice: Voice, *, secrets: bool) -> None:
    """Print the report for people; without `secrets`, what it says beside them."""
    painted = sys.stdout.isatty() if voice.color is None else voice.color
    width = min(shutil.get_terminal_size((100, 24)).columns, _WIDEST)
    made = blocks(facts) if secrets else summary(facts)
    text = as_text(made, width=width, paint=painted_text if painted else unpainted)
    click.echo(without_commands(text), nl=False, color=painted)
