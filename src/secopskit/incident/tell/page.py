"""The report of an incident as one self-contained page, to be sent to who was not there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from typing import assert_never

from secopskit.incident.tell.facts import IncidentFacts
from secopskit.incident.tell.story import HEAD, cells, details, summary
from secopskit.incident.tell.words import headline
from secopskit.report.html.shell import html_page
from secopskit.report.page import Block, Commands, Items, Para, Rows, Title


def as_page(facts: IncidentFacts) -> str:
    """The whole page."""
    title = escape(headline(facts))
    header = f'<header class="top"><p class="eyebrow">secops incident report</p><h1>{title}</h1></header>'
    body = ["<main>", *_section(summary(facts)), *_table(facts), *_sections(details(facts)), "</main>"]
    return html_page(title, header, body)


def _table(facts: IncidentFacts) -> Iterator[str]:
    if not facts.secrets:
        return
    yield '<section><h2>State</h2><div class="scroll"><table class="places"><thead><tr>'
    yield "".join(f"<th>{name}</th>" for name in HEAD) + "</tr></thead><tbody>"
    for secret in facts.secrets:
        row = "".join(f"<td>{escape(text)}</td>" for text in cells(secret))
        yield f'<tr class="head">{row}</tr>'
    yield "</tbody></table></div></section>"


def _sections(blocks: Iterable[Block]) -> Iterator[str]:
    """A section for each title."""
    part = list[Block]()
    for block in blocks:
        if isinstance(block, Title) and part:
            yield from _section(part)
            part = []
        part.append(block)
    yield from _section(part)


def _section(blocks: Iterable[Block]) -> Iterator[str]:
    if parts := list(map(_html, blocks)):
        yield f"<section>{''.join(parts)}</section>"


def _html(block: Block) -> str:
    match block:
        case Title():
            return f"<h2>{escape(block.text)}</h2>"
        case Para():
            return f"<p>{escape(block.text)}</p>"
        case Rows():
            rows = "".join(
                f"<dt>{escape(label)}</dt><dd>{escape(text)}</dd>" for label, text in block.rows if text
            )
            return f"<dl>{rows}</dl><br>"
        case Items():
            kind = "ol" if block.numbered else "ul"
            return (
                f'<{kind} class="list">{"".join(f"<li>{escape(one)}</li>" for one in block.items)}</{kind}>'
            )
        case Commands():
            return f"<pre><code>{escape(chr(10).join(block.lines))}</code></pre>"
        case _:
            assert_never(block)
