"""Where a report goes: standard output, or a file of ours alone."""

from __future__ import annotations

import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from secopskit.errors import UsageError
from secopskit.report import load
from secopskit.report.interface import RenderOptions
from secopskit.report.summary import asides
from secopskit.state.named_file import write_private

if TYPE_CHECKING:
    from secopskit.cli.options import Settings
    from secopskit.findings import ScanResult
    from secopskit.scan.session import ScanSession


def deliver(result: ScanResult, session: ScanSession, settings: Settings, options: dict[str, Any]) -> None:
    """Render `result` as the command's `options` say, and print or write it. Raises UsageError."""
    output: Path | None = options["output"]
    form = options["form"] or "console"
    terminal = output is None and sys.stdout.isatty()
    if options["show_secrets"] and not (terminal and form == "console"):
        raise UsageError(
            "--show-secrets shows values on a terminal only", advice="Leave out --output, --format and pipes."
        )
    reporter = load(form)
    text = reporter.render(
        result,
        RenderOptions(
            show_secrets=options["show_secrets"],
            color=_colored(settings, session, terminal=terminal),
            width=shutil.get_terminal_size((100, 24)).columns,
            verbosity=-1 if settings.quiet else settings.verbosity,
            show_suppressed=options["show_suppressed"],
            limit=options["limit"],
            ended=datetime.now(UTC),
        ),
    )
    if output is None:
        click.echo(text, nl=False, color=True)
    else:
        write_private(output, text)
    if not reporter.complete:
        for line in asides(result, counts=not settings.quiet):
            click.echo(f"secops: {line}", err=True)


def _colored(settings: Settings, session: ScanSession, *, terminal: bool) -> bool:
    if settings.color is not None:
        return settings.color
    return session.environment.force_color or terminal
