"""How an incident is shown: a table on the terminal, a report for others, JSON for programs."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING, Final

import click

from secopskit.cli.terminal.voice import document, painted_text
from secopskit.incident.tell.table import as_table
from secopskit.report.annotation import without_commands
from secopskit.report.page import unpainted

if TYPE_CHECKING:
    from secopskit.cli.terminal.voice import Voice
    from secopskit.incident.tell.facts import IncidentFacts

FORMS: Final = ("text", "json", "md", "html")
_WIDEST: Final = 120


def rendered(facts: IncidentFacts, form: str, *, painted: bool, everything: bool) -> str:
    """The incident in one of `FORMS`, in which a runner of GitHub Actions finds no command of its own."""
    if form == "json":
        return without_commands(document("incident", facts))
    return without_commands(_for_people(facts, form, painted=painted, everything=everything))


def _for_people(facts: IncidentFacts, form: str, *, painted: bool, everything: bool) -> str:
    if form == "md":
        from secopskit.incident.tell.story import as_report

        return as_report(facts)
    if form == "html":
        from secopskit.incident.tell.page import as_page

        return as_page(facts)
    width = min(shutil.get_terminal_size((100, 24)).columns, _WIDEST)
    return as_table(facts, width=width, paint=painted_text if painted else unpainted, everything=everything)


def show(facts: IncidentFacts, form: str, voice: Voice, *, everything: bool) -> None:
    """Print it."""
    painted = sys.stdout.isatty() if voice.color is None else voice.color
    click.echo(rendered(facts, form, painted=painted, everything=everything), nl=False, color=painted)
