"""Where a report goes: standard output, or a file of ours alone."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from secopskit.cli.runner_log import our_commands
from secopskit.cli.terminal.streams import output_is_closed
from secopskit.errors import SecopsError, UsageError
from secopskit.redaction import SEEN, redacted_result
from secopskit.report import load
from secopskit.report.annotation import without_commands
from secopskit.report.facts.clean import clean_words
from secopskit.report.facts.summary import asides
from secopskit.report.interface import RenderOptions
from secopskit.report.text import count, visible
from secopskit.settings.environment import has_runner_log
from secopskit.state.named_file import write_private

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secopskit.cli.options import Settings
    from secopskit.findings import ScanResult
    from secopskit.scan.session import ScanSession

_NO_TERMINAL: Final = 100  # columns


def deliver(result: ScanResult, session: ScanSession, settings: Settings, options: dict[str, Any]) -> None:
    """Render `result` as the command's `options` say, and print or write it.

    Raises UsageError, and SecopsError where standard output is closed, or OSError where it takes no more.
    """
    output: Path | None = options["output"]
    if output is None and output_is_closed():
        raise SecopsError("standard output is closed", advice="Open it, or name a file with --output.")
    form = options["form"] or "console"
    terminal = output is None and sys.stdout.isatty()
    if options["show_secrets"] and not (terminal and form == "console"):
        raise UsageError(
            "--show-secrets shows values on a terminal only", advice="Leave out --output, --format and pipes."
        )
    reporter = load(form)
    if not options["show_secrets"]:
        result = redacted_result(result)
        result = result._replace(target=SEEN.hidden(result.target))
    text = reporter.render(
        result,
        RenderOptions(
            show_secrets=options["show_secrets"],
            color=_colored(settings, session, terminal=terminal),
            width=_width() if form == "console" else _NO_TERMINAL,
            verbosity=-1 if settings.quiet else settings.verbosity,
            show_suppressed=options["show_suppressed"],
            limit=options["limit"],
            comments=not session.judged_from_elsewhere,
            ended=datetime.now(UTC),
            skip=("git commit --no-verify", "SKIP=secops-scan git commit") if options.get("staged") else (),
        ),
    )
    if output is None:
        with our_commands() if form == "github" else nullcontext():
            _print(text)
    else:
        write_private(output, text if form == "github" or not has_runner_log() else without_commands(text))
    for line in _beside(result, settings, output, complete=reporter.complete):
        click.echo(f"secops: {line}", err=True)


def _print(text: str) -> None:
    try:
        click.echo(text, nl=False, color=True)
    except OSError as error:
        error.filename = "standard output"
        raise


def _width() -> int:
    import shutil  # reports for machines are as wide as they are

    return shutil.get_terminal_size((_NO_TERMINAL, 24)).columns


def _beside(result: ScanResult, settings: Settings, output: Path | None, *, complete: bool) -> Iterator[str]:
    """What is told on standard error: what the form has no place for, and what went into a file."""
    if not complete:
        yield from asides(result, counts=not settings.quiet)
    if output is not None and (result.findings or result.suppressed):
        found = f"{count(len(result.findings), 'finding')} in {visible(result.target)}"
        held = f", {len(result.suppressed):,} suppressed" if result.suppressed else ""
        words = found if result.findings else clean_words(result)
        yield f"{words}{held}; the report is in {visible(str(output))}"


def _colored(settings: Settings, session: ScanSession, *, terminal: bool) -> bool:
    if settings.color is not None:
        return settings.color
    return session.environment.force_color or terminal
