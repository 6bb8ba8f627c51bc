"""How an incident is shown: a table on the terminal, a report for others, JSON for programs."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING, Final

import click

from secopskit.cli.voice import document, painted_text
from secopskit.incident.tell.table import as_table

if TYPE_CHECKING:
    from secopskit.cli.voice import Voice
    from secopskit.incident.tell.facts import IncidentFacts

FORMS: Final = ("text", "json", "md", "html")
_WIDEST: Final = 120


def rendered(facts: IncidentFacts, form: str, *, painted: bool, everything: bool) -> str:
    """The incident in one of `FORMS`."""
    if form == "json":
        return document("incident", facts)
    if form == "md":
        from secopskit.incident.tell.story import as_report

        return as_report(facts)
    if form == "html":
        from secopskit.incident.tell.page import as_page

        return as_page(facts)
    width = min(shutil.get_terminal_size((100, 24)).columns, _WIDEST)
    if not painted:
        return as_table(facts, width=width, everything=everything)
    return as_table(facts, width=width, paint=painted_text, everything=everything)


def show(facts: IncidentFacts, form: str, voice: Voice, *, everything: bool) -> None:
    """Print it."""
    painted = sys.stdout.isatty() if voice.color is None else voice.color
    click.echo(rendered(facts, form, painted=painted, everything=everything), nl=False, color=painted)
