"""One self-contained page: picture, databases, mismatches to search, plan, and what was not looked at.

It loads nothing; style and script are those of the other pages, let run by their hashes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from secopskit.audit.outcome import AuditOutcome, Priority
from secopskit.audit.picture.databases import databases_of
from secopskit.audit.picture.draw import picture_of
from secopskit.audit.picture.model import DatabaseRow
from secopskit.audit.picture.svg import STYLE, svg_element
from secopskit.audit.plan import PlanStep, plan_of
from secopskit.audit.tell.html_table import TONE, mismatch_table
from secopskit.audit.tell.interface import AuditForm, AuditView
from secopskit.audit.tell.words import (
    held_back,
    held_line,
    limits,
    not_read,
    summary,
    to_do,
    what_was_seen,
)
from secopskit.report.facts.summary import phrase, skip_line
from secopskit.report.html.parts import rich, safe
from secopskit.report.html.shell import html_page
from secopskit.report.text import count, listed

_LISTED: Final = 1000
_POINTERS_SHOWN: Final = 12
_STYLE: Final = """
.picture { overflow-x: auto; }
.picture svg { display: block; max-width: 100%; min-width: 46rem; height: auto; }
.picture svg.wide { max-width: none; }
.summary { margin: 0; } .tile { display: flex; flex-direction: column; justify-content: flex-start; }
.picture .pic .page { fill: none; }
.plan > li { margin: 0 0 1rem; padding-left: .3rem; } .plan > li::marker { font-weight: 650; }
.plan h3 { font-size: 1rem; margin: 0; } .plan p { margin: .2rem 0 .4rem; }
.plan pre {
  margin: .4rem 0 0; padding: .6rem .8rem; overflow-x: auto; background: var(--page);
  border: 1px solid var(--line); border-radius: 8px; font-size: .88rem;
}
.who { margin: 0; padding: 0; list-style: none; } code { font-size: .92em; overflow-wrap: anywhere; }
.meaning { display: block; color: var(--soft); font-size: .82rem; line-height: 1.3; }
.data td:nth-child(-n+2) { min-width: 9rem; }
.scroll:has(table.data) { margin: 0; } .who li { min-width: 14rem; }
table.data th, table.data td { border-bottom: 1px solid var(--line); padding-left: 0; }
@media screen and (max-width: 46rem) {  /* the details have the place */
  .findings > thead th:nth-child(3), .findings tr.head > td:nth-child(3) { display: none; }
}
@media print { .picture svg, .picture svg.wide { min-width: 0; max-width: 100%; } }
"""


class HtmlAudit:
    """The page for people who get the report by mail."""

    name = "html"

    def render(self, outcome: AuditOutcome, view: AuditView) -> str:
        """The whole page. The view changes nothing."""
        title = safe(f"{count(outcome.total, 'mismatch', 'mismatches')} in {outcome.name}")
        header = (
            '<header class="top"><p class="eyebrow">secops audit</p>'
            f'<h1>{title}</h1><p class="facts">{safe(what_was_seen(outcome))}</p></header>'
        )
        body = ["<main>", *_sections(outcome), "</main>"]
        return html_page(title, header, body, style=_STYLE + STYLE)


def _sections(outcome: AuditOutcome) -> Iterator[str]:
    yield f'<section><p class="summary">{safe(summary(outcome))}</p></section>'
    if outcome.total:
        yield _tiles(outcome)
    yield from _picture(outcome)
    if outcome.lines:
        yield mismatch_table(outcome.lines)
    yield from _plan(plan_of(outcome))
    yield _unseen(outcome)


def _tiles(outcome: AuditOutcome) -> str:
    tiles = "".join(map(_tile, Priority, map(outcome.count, Priority)))
    return f'<section class="bare tiles" aria-label="Mismatches by priority">{tiles}</section>'


def _tile(priority: Priority, number: int) -> str:
    state = 'aria-pressed="false"' if number else "disabled"
    return (
        f'<button type="button" class="tile {TONE[priority]}" data-severity="{priority.name}" {state}>'
        f"<b>{number:,}</b>{priority.name} {priority.title}"
        f'<span class="meaning">{safe(priority.meaning)}</span></button>'
    )


def _picture(outcome: AuditOutcome) -> Iterator[str]:
    picture, rows = picture_of(outcome.facts), databases_of(outcome.facts)
    if picture.nodes:
        yield (
            '<section><h2>Who talks to whom</h2><div class="picture" tabindex="0" role="group" '
            f'aria-label="Picture, to be scrolled">{svg_element(picture)}</div></section>'
        )
    if rows:
        heads = "".join(f'<th scope="col">{name}</th>' for name in ("Database", "Where", "Who points at it"))
        cells = "".join(map(_database, rows))
        yield (
            '<section><h2>Databases, and who points at them</h2><div class="scroll"><table class="data">'
            f"<thead><tr>{heads}</tr></thead><tbody>{cells}</tbody></table></div></section>"
        )


def _database(row: DatabaseRow) -> str:
    what = safe(row.kind) + (f" <code>{safe(row.database)}</code>" if row.database else "")
    what += " (Odoo's)" if row.odoo else ""
    where = f"<code>{safe(row.where)}</code>" + (" (outside)" if row.outside else "")
    pointers = "".join(
        f"<li><code>{safe(key)}</code>"
        + (f" (TLS <code>{safe(tls)}</code>)" if tls else "")
        + f" of {safe(listed(who, _POINTERS_SHOWN))}</li>"
        for key, tls, who in row.by_key
    )
    who = f'<ul class="who">{pointers}</ul>' if pointers else "nobody that is seen from here"
    return f"<tr><td>{what}</td><td>{where}</td><td>{who}</td></tr>"


def _plan(steps: Iterable[PlanStep]) -> Iterator[str]:
    told = "".join(map(_step, steps))
    if told:
        yield (
            "<section><h2>Reconciliation plan</h2><p>In this order, nothing that runs breaks on the way.</p>"
            f'<ol class="plan">{told}</ol></section>'
        )


def _step(step: PlanStep) -> str:
    lines = "".join(f"<li>{safe(text)}</li>" for text in to_do(step.lines))
    commands = "\n".join(map(safe, step.commands))
    return (
        f"<li><h3>{safe(step.title)}</h3><p>{rich(step.how)}</p>"
        + (f'<ul class="list">{lines}</ul>' if lines else "")
        + (f"<pre><code>{commands}</code></pre>" if commands else "")
        + "</li>"
    )


def _unseen(outcome: AuditOutcome) -> str:
    skipped, held = outcome.facts.skipped, outcome.held_back
    parts = [_list(limits(outcome))] if limits(outcome) else []
    if skipped:
        parts.append(_folded(f"Not read: {phrase(not_read(outcome))}", map(skip_line, skipped[:_LISTED])))
    if held:
        parts.append(_folded(f"Not reported: {phrase(held_back(outcome))}", map(held_line, held)))
    if outcome.stale:
        told = [f"{one.file}  {one.rule}: {one.subject}" for one in outcome.stale]
        parts.append(_folded(f"The baseline accepts what is no more: {len(told):,}", told))
    inner = "".join(parts) or "<p>Nothing that is known of.</p>"
    return f'<section class="limits"><h2>What was not looked at</h2>{inner}</section>'


def _folded(head: str, lines: Iterable[str]) -> str:
    return f"<details><summary>{safe(head)}</summary>{_list(lines)}</details>"


def _list(lines: Iterable[str]) -> str:
    return f'<ul class="list">{"".join(f"<li>{safe(line)}</li>" for line in lines)}</ul>'


FORM: Final[AuditForm] = HtmlAudit()
