"""How commands speak: results on standard output; steps, notes and questions on standard error."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from secopskit import __version__
from secopskit.cli.terminal.progress import hide_progress, progress
from secopskit.errors import UsageError
from secopskit.progress import Progress
from secopskit.redaction import SEEN
from secopskit.report.text import visible
from secopskit.settings.environment import Environment

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    from secopskit.cli.options import Settings
    from secopskit.report.page import Block, TextStyle

SCHEMA_VERSION: Final = "1"
FORMS: Final = ("text", "json", "markdown")
_BY_SUFFIX: Final = {".json": "json", ".md": "markdown", ".markdown": "markdown", ".txt": "text"}
# By the values of `TextStyle`: many a command shows no page, and has no need to load it.
_STYLE: Final[dict[str, dict[str, Any]]] = {
    "heading": {"bold": True},
    "good": {"fg": "green", "bold": True},
    "bad": {"fg": "red", "bold": True},
    "caution": {"fg": "yellow"},
    "quiet": {"dim": True},
    "command": {"fg": "cyan"},
}
_WIDEST: Final = 110
_COUNTDOWN_WIDTH: Final = 40  # blanks: an escape sequence would be taken out where colours are


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """Where and how a command speaks. Also the listener (`conduct.tell.Tell`) of a use case.

    `form` is one of `FORMS`; `report` is a file that gets the last page as well; `summary` is the file
    of GitHub's step summary, empty where there is none; `color` is None where the stream decides.
    """

    environment: Environment
    form: str = "text"
    report: Path | None = None
    quiet: bool = False
    color: bool | None = None
    summary: str = ""

    @classmethod
    def of(
        cls,
        settings: Settings,
        environment: Environment,
        *,
        form: str | None = None,
        report: Path | None = None,
        summary: str = "",
    ) -> Voice:
        """As the options and the surroundings say. Raises UsageError for a report of no known kind."""
        if report is not None and report.suffix.lower() not in _BY_SUFFIX:
            raise UsageError(
                f"{report}: a report ends in .json, .md or .txt", advice="Name it so: its end says its form."
            )
        return cls(
            environment=environment,
            form=form or "text",
            report=report,
            quiet=settings.quiet,
            color=True if settings.color is None and environment.force_color else settings.color,
            summary=summary,
        )

    # --- results: standard output

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
            page = self._rendered(self.form, kind, facts, blocks, painted=self._painted)
            click.echo(page, nl=False, color=self._painted)
        if last and self.report is not None:
            from secopskit.state.named_file import write_private

            form = _BY_SUFFIX[self.report.suffix.lower()]
            write_private(self.report, self._rendered(form, kind, facts, whole or blocks, painted=False))
            self.note(f"The report is in {self.report}.")

    def result(self, data: Callable[[], dict[str, Any]], text: Callable[[], None]) -> None:
        """Print the result: `data` as JSON where that is the form, else whatever `text` prints."""
        if self.form == "json":
            click.echo(json.dumps(_hidden(data()), indent=2))
        else:
            text()

    def say(self, text: str = "") -> None:
        """A line of the result."""
        click.echo(visible(SEEN.hidden(text)), color=self.color)

    def summarise(self, markdown: str) -> None:
        """Add a section to GitHub's step summary, where there is one."""
        if self.summary:
            with open(self.summary, "a", encoding="utf-8") as file:
                file.write(SEEN.hidden(markdown) + "\n")

    # --- on the way: standard error

    def tell(self, text: str, **style: Any) -> None:
        """Say what is going on, in the style of `click.style`; not in silence."""
        if not self.quiet:
            self.insist(text, **style)

    def insist(self, text: str, **style: Any) -> None:
        """Say it even in silence: it is why nothing is done."""
        hide_progress()
        lines = "\n".join(map(visible, SEEN.hidden(text).split("\n")))
        click.echo(click.style(lines, **style), err=True, color=self.color)

    def note(self, text: str) -> None:
        """See `Tell.note`."""
        self.tell(text)

    def phase(self, name: str) -> None:
        """See `Tell.phase`."""
        if not self.quiet:
            hide_progress()
            click.echo(click.style("· ", dim=True) + visible(SEEN.hidden(name)), err=True, color=self.color)

    @contextmanager
    def progress(self) -> Iterator[Progress]:
        """See `Tell.progress`."""
        with progress(self.environment, quiet=self.quiet, color=self.color) as shown:
            yield shown

    def countdown(self, name: str, left: int, seconds: int) -> None:
        """Show that `name` is gone on with in `left` seconds of `seconds`.

        On a terminal one line counts down, and is cleared when no second is `left`; in a log there is
        a line every ten seconds.
        """
        if sys.stderr.isatty() and not self.quiet:
            line = f"Going on in {left} s. Ctrl-C stops it." if left else ""
            click.echo(f"\r{' ' * _COUNTDOWN_WIDTH}\r{line}", err=True, nl=False)
        elif left and (left == seconds or left % 10 == 0):
            self.tell(f"Going on with {name} in {left} s; cancel to stop it.")

    # --- rendering

    @property
    def _painted(self) -> bool:
        return sys.stdout.isatty() if self.color is None else self.color

    def _rendered(
        self, form: str, kind: str, facts: DataclassInstance, blocks: tuple[Block, ...], *, painted: bool
    ) -> str:
        if form == "json":
            return document(kind, facts)
        from secopskit.report.page import as_markdown, as_text

        if form == "markdown":
            return SEEN.hidden(as_markdown(blocks))
        if not painted:
            return SEEN.hidden(as_text(blocks))
        width = min(shutil.get_terminal_size((100, 24)).columns, _WIDEST)
        return SEEN.hidden(as_text(blocks, width=width, paint=painted_text))


def painted_text(text: str, style: TextStyle) -> str:
    """The paint of a terminal."""
    return click.style(text, **_STYLE.get(style.value, {}))


def document(kind: str, facts: DataclassInstance) -> str:
    """The facts as JSON, ASCII only."""
    head = {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "secops", "version": __version__},
        "kind": kind,
    }
    return json.dumps(_hidden(head | asdict(facts)), indent=2, allow_nan=False) + "\n"


def _hidden(node: Any) -> Any:
    """Plain data without the values that a scan has found, in whatever text they stand."""
    if isinstance(node, str):
        return SEEN.hidden(node)
    if isinstance(node, dict):
        return {key: _hidden(value) for key, value in node.items()}
    return [_hidden(value) for value in node] if isinstance(node, list | tuple) else node
