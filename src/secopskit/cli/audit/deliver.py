"""Where the report of an audit goes: standard output, or a file of ours alone."""

from __future__ import annotations

import shutil
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from secopskit.audit.picture.draw import picture_of
from secopskit.audit.picture.svg import svg_file
from secopskit.audit.tell import load_form
from secopskit.audit.tell.interface import AuditView
from secopskit.audit.tell.words import summary
from secopskit.cli.runner_log import our_commands
from secopskit.cli.terminal.voice import painted_text
from secopskit.redaction import SEEN
from secopskit.report.annotation import without_commands
from secopskit.report.markup import prose
from secopskit.report.page import unpainted
from secopskit.settings.environment import has_runner_log, read_ci_context, read_environment
from secopskit.state.named_file import write_private

if TYPE_CHECKING:
    from secopskit.audit.outcome import AuditOutcome
    from secopskit.cli.options import Settings

_SUMMARY_MOST: Final = 900_000
"""Bytes. GitHub shows none of a summary that is larger than 1 MiB."""


def deliver_audit(outcome: AuditOutcome, settings: Settings, options: dict[str, Any]) -> None:
    """Render `outcome` as the command's `options` say, and print or write it."""
    output: Path | None = options["output"]
    if options["svg"] is not None:
        write_private(options["svg"], svg_file(picture_of(outcome.facts)))
    form = options["form"] or "console"
    painted = output is None and form == "console" and _is_painted(settings)
    view = AuditView(
        width=shutil.get_terminal_size((100, 24)).columns,
        paint=painted_text if painted else unpainted,
        verbosity=-1 if settings.quiet else settings.verbosity,
        every=options["check"],
        show_held_back=options["show_suppressed"],
        path=options["path"] if output is None and options["path"] != "." else "",
    )
    text = SEEN.hidden(load_form(form).render(outcome, view))
    if form == "github":
        _summarise(outcome, view)
    if output is not None:
        write_private(output, text if form == "github" or not has_runner_log() else without_commands(text))
        return
    with our_commands() if form == "github" else nullcontext():
        click.echo(text, nl=False, color=painted)


def _summarise(outcome: AuditOutcome, view: AuditView) -> None:
    """Add the report to GitHub's summary of the step, where there is one; of a large one, how it begins."""
    place = read_ci_context().summary
    if not place:
        return
    report = SEEN.hidden(load_form("md").render(outcome, view))
    if len(report.encode()) > _SUMMARY_MOST:
        report = f"{prose(summary(outcome))}\n"
    with open(place, "a", encoding="utf-8") as file:
        file.write(f"{report}\n")


def _is_painted(settings: Settings) -> bool:
    if settings.color is not None:
        return settings.color
    return read_environment().force_color or sys.stdout.isatty()
