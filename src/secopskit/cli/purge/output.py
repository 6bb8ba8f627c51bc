"""How `secops purge-history` speaks: pages on standard output, steps and questions on standard error."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from secopskit import __version__
from secopskit.errors import UsageError
from secopskit.report.page import Block, TextStyle, as_markdown, as_text

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    from secopskit.cli.options import Settings
    from secopskit.cli.session import ScanSession

SCHEMA_VERSION: Final = "1"
FORMS: Final = ("text", "json", "markdown")
_BY_SUFFIX: Final = {".json": "json", ".md": "markdown", ".markdown": "markdown", ".txt": "text"}
_STYLE: Final[dict[TextStyle, dict[str, Any]]] = {
    TextStyle.HEADING: {"bold": True},
    TextStyle.GOOD: {"fg": "green", "bold": True},
    TextStyle.BAD: {"fg": "red", "bold": True},
    TextStyle.CAUTION: {"fg": "yellow"},
    TextStyle.QUIET: {"dim": True},
    TextStyle.COMMAND: {"fg": "cyan"},
}
_WIDEST: Final = 110


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """Where and how to speak. `form` is one of `FORMS`, `report` a file that gets the page as well."""

    form: str
    report: Path | None
    quiet: bool
    color: bool

    @classmethod
    def of(cls, session: ScanSession, settings: Settings, form: str | None, report: Path | None) -> Voice:
        """As the options and the terminal say. Raises UsageError for a report of no known kind."""
        if report is not None and report.suffix.lower() not in _BY_SUFFIX:
            raise UsageError(
                f"{report}: a report ends in .json, .md or .txt", advice="Name it so: its end says its form."
            )
        terminal = sys.stdout.isatty() or session.environment.force_color
        color = terminal if settings.color is None else settings.color
        return cls(form=form or "text", report=report, quiet=settings.quiet, color=color)

    def page(
        self,
        kind: str,
        facts: DataclassInstance,
        blocks: Iterable[Block],
        *,
        whole: tuple[Block, ...] = (),
        last: bool = True,
    ) -> None:
        """Print a page and, if it is the `last`, write it (or the `whole` of it) into the report file.

        Of several pages in other forms than text only the last is printed: it is one document.
        """
        blocks = tuple(blocks)
        if last or self.form == "text":
            click.echo(
                self._rendered(self.form, kind, facts, blocks, painted=True), nl=False, color=self.color
            )
        if last and self.report is not None:
            form = _BY_SUFFIX[self.report.suffix.lower()]
            write_private(self.report, self._rendered(form, kind, facts, whole or blocks, painted=False))
            self.tell(f"The report is in {self.report}.")

    def tell(self, text: str) -> None:
        """Say what is going on; not in silence."""
        if not self.quiet:
            click.echo(text, err=True, color=self.color)

    def phase(self, name: str) -> None:
        """Say which phase of a purge begins."""
        self.tell(click.style("· ", dim=True) + name)

    def _rendered(
        self, form: str, kind: str, facts: DataclassInstance, blocks: tuple[Block, ...], *, painted: bool
    ) -> str:
        if form == "json":
            return document(kind, facts)
        if form == "markdown":
            return as_markdown(blocks)
        if not (painted and self.color):
            return as_text(blocks)
        width = min(shutil.get_terminal_size((100, 24)).columns, _WIDEST)
        return as_text(
            blocks, width=width, paint=lambda text, mood: click.style(text, **_STYLE.get(mood, {}))
        )


def document(kind: str, facts: DataclassInstance) -> str:
    """The facts as JSON, ASCII only."""
    head = {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "secops", "version": __version__},
        "kind": kind,
    }
    return json.dumps(head | asdict(facts), indent=2, allow_nan=False) + "\n"


def write_private(path: str | Path, text: str) -> None:
    """Write a file that nobody else may read: it tells where secrets stood."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
        os.chmod(path, 0o600)
        file.write(text)
