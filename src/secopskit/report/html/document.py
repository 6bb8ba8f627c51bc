"""One self-contained page: counts, a timeline, a table to search, and every place."""

from __future__ import annotations

from html import escape
from typing import Final

from secopskit.findings import ScanResult, Severity
from secopskit.report.facts.clean import Clean, clean_words, cleanness, sentence_case
from secopskit.report.facts.summary import (
    by_reason,
    by_severity,
    how_it_was_read,
    next_steps,
    phrase,
    skip_line,
    suppressed_words,
    suppression,
    tests_words,
    what_was_read,
)
from secopskit.report.html.findings import rules, table
from secopskit.report.html.parts import rich
from secopskit.report.html.shell import html_page
from secopskit.report.html.timeline import timeline
from secopskit.report.interface import RenderOptions, Reporter
from secopskit.report.text import count, visible

_SKIPS_LISTED: Final = 1000


class HtmlReporter:
    """The page for people who get the report by mail."""

    name = "html"
    complete = True

    def render(self, result: ScanResult, options: RenderOptions) -> str:
        """The whole page."""
        body = ["<main>", *(part for part in _sections(result, options) if part), "</main>"]
        return html_page(_headline(result), _header(result), body)


def _headline(result: ScanResult) -> str:
    if not result.findings:
        return escape(sentence_case(clean_words(result)))
    return escape(f"{count(len(result.findings), 'finding')} in {visible(result.target)}")


def _header(result: ScanResult) -> str:
    facts = ", ".join(part for part in (what_was_read(result.stats), how_it_was_read(result.stats)) if part)
    return (
        '<header class="top"><p class="eyebrow">secops report</p>'
        f'<h1>{_headline(result)}</h1><p class="facts">{escape(facts)}</p></header>'
    )


def _sections(result: ScanResult, options: RenderOptions) -> list[str]:
    picture = timeline(result.findings, options.ended)
    return [
        _limits(result),
        _tiles(result) if result.findings else _clean(result),
        _steps(result),
        f"<section><h2>How long they have been exposed</h2>{picture}</section>" if picture else "",
        table(result.findings) if result.findings else "",
        rules(result.findings) if result.findings else "",
        _skipped(result),
        _suppressed(result, listed=options.show_suppressed),
    ]


def _limits(result: ScanResult) -> str:
    if not result.limits:
        return ""
    lines = "".join(f"<li>{rich(limit)}</li>" for limit in result.limits)
    return f'<section class="limits"><h2>Not seen</h2><ul class="list">{lines}</ul></section>'


def _clean(result: ScanResult) -> str:
    target = escape(visible(result.target))
    worth = cleanness(result)
    words = "✓ No secrets found" if worth is Clean.WHOLLY else sentence_case(worth.value)
    kind, preposition = ("clean", " in") if worth is Clean.WHOLLY else ("unsure", "")
    return f'<section class="{kind}"><strong>{words}</strong>{preposition} {target}.</section>'


def _tiles(result: ScanResult) -> str:
    counts = by_severity(result.findings)
    tiles = "".join(_tile(severity, counts.get(severity, 0)) for severity in sorted(Severity, reverse=True))
    return f'<section class="bare tiles" aria-label="Findings by severity">{tiles}</section>'


def _tile(severity: Severity, number: int) -> str:
    label = severity.label
    state = 'aria-pressed="false"' if number else "disabled"
    return (
        f'<button type="button" class="tile {label}" data-severity="{label}" {state}>'
        f"<b>{number:,}</b>{label}</button>"
    )


def _steps(result: ScanResult) -> str:
    steps = "".join(f"<li>{rich(step)}</li>" for step in next_steps(result))
    return f'<section><h2>What to do next</h2><ol class="next">{steps}</ol></section>' if steps else ""


def _skipped(result: ScanResult) -> str:
    if not result.skipped:
        return ""
    listed = [skip_line(item) for item in result.skipped[:_SKIPS_LISTED]]
    if more := len(result.skipped) - len(listed):
        listed.append(f"and {more:,} more (the JSON format lists all)")
    return (
        f"<section><h2>Not scanned</h2><details><summary>{escape(phrase(by_reason(result)))}</summary>"
        f"{_list(listed)}</details></section>"
    )


def _suppressed(result: ScanResult, *, listed: bool) -> str:
    if not result.suppressed:
        return ""
    counts = escape("; ".join(text for text in (suppressed_words(result), tests_words(result)) if text))
    if not listed:
        return f"<section><h2>Suppressed</h2><p>{counts}</p></section>"
    lines = _list([suppression(item) for item in result.suppressed])
    return f"<section><h2>Suppressed</h2><details><summary>{counts}</summary>{lines}</details></section>"


def _list(lines: list[str]) -> str:
    return f'<ul class="list">{"".join(f"<li>{escape(visible(line))}</li>" for line in lines)}</ul>'


REPORTER: Final[Reporter] = HtmlReporter()
