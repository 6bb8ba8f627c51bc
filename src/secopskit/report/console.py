"""The report for a person at a terminal: worst first, and what to do next.

Every text from the scanned repository goes through `visible`, and through rich's `Text`,
which reads no markup.
"""

from __future__ import annotations

from io import StringIO
from itertools import groupby
from typing import Final

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from secopskit.findings import Finding, Location, ScanResult, Severity
from secopskit.report.exposure import exposure, since, until
from secopskit.report.interface import RenderOptions, Reporter
from secopskit.report.summary import (
    by_reason,
    by_severity,
    by_suppression,
    how_it_was_read,
    next_steps,
    phrase,
    skip_line,
    suppression,
    what_was_read,
)
from secopskit.report.text import count, place, visible

# The sixteen named colours follow the terminal's own theme, light or dark.
_STYLE: Final = {
    Severity.CRITICAL: "bold red",
    Severity.HIGH: "red",
    Severity.MEDIUM: "yellow",
    Severity.LOW: "cyan",
    Severity.INFO: "blue",
}
_INDENT: Final = 2
_NARROWEST: Final = 40

_Rows = list[tuple[str, str]]


class ConsoleReporter:
    """Grouped by severity; ends with a summary and the next steps."""

    name = "console"
    complete = True

    def render(self, result: ScanResult, options: RenderOptions) -> str:
        """The whole report."""
        out = StringIO()
        console = Console(
            file=out,
            width=max(options.width, _NARROWEST),
            force_terminal=options.color,
            color_system="standard" if options.color else None,
            highlight=False,
            markup=False,
            emoji=False,
            legacy_windows=False,
            _environ={},
        )
        for severity, group in groupby(result.findings, key=lambda finding: finding.severity):
            findings = list(group)
            _heading(console, severity, len(findings))
            for finding in findings:
                _finding(console, finding, options)
        _summary(console, result, options)
        _next_steps(console, result)
        return "\n".join(line.rstrip(" ") for line in out.getvalue().split("\n"))


def _heading(console: Console, severity: Severity, number: int) -> None:
    title = Text.assemble((severity.name, _STYLE[severity]), f"  {count(number, 'finding')} ")
    console.print(title.append("─" * (console.width - title.cell_len), "dim"))
    console.print()


def _finding(console: Console, finding: Finding, options: RenderOptions) -> None:
    mark = ("● ", _STYLE[finding.severity])
    title = Text.assemble(mark, (visible(finding.title), "bold"), "  ", visible(finding.preview))
    console.print(Padding(title, (0, 0, 0, _INDENT)))
    every = options.verbosity > 0
    for location in finding.locations if every else finding.locations[:1]:
        _place(console, location, with_commit=every)
    if not every and len(finding.locations) > 1:
        more = f"+{count(len(finding.locations) - 1, 'more place')} (-v lists them)"
        console.print(Padding(Text(more, "dim"), (0, 0, 0, _INDENT + 2)))
    _rows(console, _facts(finding, options), indent=_INDENT + 2, label_width=5)
    console.print()


def _place(console: Console, location: Location, *, with_commit: bool) -> None:
    """A place on one line of its own, never wrapped, so that terminals make it a link."""
    line = Text.assemble(" " * (_INDENT + 2), (place(location), "underline"))
    if with_commit and location.provenance and location.provenance.commit:
        line.append(f"  in {visible(location.provenance.commit[:10])}", "dim")
    console.print(line, soft_wrap=True)


def _facts(finding: Finding, options: RenderOptions) -> _Rows:
    rows: _Rows = []
    if options.show_secrets and finding.secret is not None:
        value = finding.secret.reveal().decode("utf-8", "surrogateescape")
        rows.append(("value", visible(value)))
    rows.append(("note", visible(finding.note)))
    if known := exposure(finding):
        rows += [("since", since(known)), ("now" if known.present else "until", until(known))]
    rows.append(("fix", visible(finding.remediation)))
    confidence = f"{finding.confidence.label} confidence"
    rows.append(("rule", "  ".join((visible(finding.rule_id), confidence, f"id {visible(finding.id)}"))))
    if options.verbosity > 0:
        rows += [("see", visible(reference)) for reference in finding.references]
    return rows


def _rows(console: Console, rows: _Rows, *, indent: int, label_width: int) -> None:
    """Labels and their texts in two columns; a row without text is left out."""
    width = console.width - indent - label_width - 1
    lines = Text()
    for label, text in rows:
        # Wrapped by hand: a rich table takes twice as long, and histories hold thousands.
        for number, piece in enumerate(Text(text).wrap(console, width) if text else ()):
            head = label if number == 0 else ""
            lines.append(f"{'':{indent}}{head:<{label_width}} ", "dim").append_text(piece).append("\n")
    console.print(lines, end="", soft_wrap=True)


def _summary(console: Console, result: ScanResult, options: RenderOptions) -> None:
    target, read, how = visible(result.target), what_was_read(result.stats), how_it_was_read(result.stats)
    if result.findings:
        console.rule(characters="─", style="dim")
        rows = [("scanned", target), ("found", _found(result)), ("read", read), ("with", how)]
    else:
        console.print(Text.assemble(("✓ ", "bold green"), f"No secrets in {target}: {read}."), soft_wrap=True)
        rows = [("with", how if options.verbosity > 0 else "")]
    if options.verbosity >= 0:
        rows.append(("skipped", phrase(by_reason(result))))
    rows.append(("suppressed", phrase(by_suppression(result))))
    rows += [("not seen", visible(limit)) for limit in result.limits]
    if any(text for _, text in rows):
        _rows(console, rows, indent=_INDENT, label_width=10)
    _passed_over(console, result, options)


def _passed_over(console: Console, result: ScanResult, options: RenderOptions) -> None:
    """What was suppressed or skipped, one by one, for those who asked."""
    lines = [suppression(item) for item in result.suppressed] if options.show_suppressed else []
    if options.verbosity > 0:
        lines += [skip_line(item) for item in result.skipped]
    for line in lines:
        console.print(Text(" " * (_INDENT + 2) + line, "dim"), soft_wrap=True)


def _found(result: ScanResult) -> str:
    return ", ".join(
        f"{number:,} {severity.label}" for severity, number in by_severity(result.findings).items()
    )


def _next_steps(console: Console, result: ScanResult) -> None:
    steps = next_steps(result)
    if not steps:
        return
    console.print()
    console.print(Padding(Text("What to do next", "bold"), (0, 0, 0, _INDENT)))
    _rows(console, [(f"{n}.", step) for n, step in enumerate(steps, 1)], indent=_INDENT, label_width=2)


REPORTER: Final[Reporter] = ConsoleReporter()
