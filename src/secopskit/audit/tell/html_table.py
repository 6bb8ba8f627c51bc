"""The table of mismatches in the page: a group of two rows a line, a head and its details."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Final

from secopskit.audit.model import Mismatch
from secopskit.audit.outcome import Priority, RankedLine
from secopskit.audit.tell.words import place_of, subjects
from secopskit.report.html.parts import choice, rich, safe
from secopskit.report.text import count

TONE: Final = {
    Priority.P1: "critical",
    Priority.P2: "high",
    Priority.P3: "medium",
    Priority.P4: "low",
}
_COLUMNS: Final = ("Priority", "Mismatch", "Place", "Stack", "Severity")


def mismatch_table(lines: Sequence[RankedLine]) -> str:
    """The section with the search field, the choices and the table."""
    heads = "".join(
        f'<th scope="col" data-column="{number}"><button type="button">{name}</button></th>'
        for number, name in enumerate(_COLUMNS)
    )
    return "\n".join(
        [
            '<section><div class="tools"><h2>Mismatches</h2>',
            '<label class="hush" for="search">Search the mismatches</label>',
            '<input id="search" type="search" placeholder="Search: variable, service, file …">',
            choice("rule", "All rules", {line.rule.id: line.rule.title for line in lines}),
            choice("stack", "All stacks", {line.stack: line.stack for line in lines if line.stack}),
            f'<output id="shown" for="search">{count(len(lines), "line")}</output></div>',
            f'<div class="scroll"><table class="findings"><thead><tr>{heads}</tr></thead>',
            *(_group(line, number) for number, line in enumerate(lines)),
            "</table></div></section>",
        ]
    )


def _group(line: RankedLine, number: int) -> str:
    first = line.mismatches[0]
    where = place_of(first.evidence[0].place)
    more = len(line.mismatches) - 1 if line.folded else len(first.evidence) - 1
    others = f'<div class="more">+{count(more, "more place")}</div>' if more > 0 else ""
    tone = TONE[line.priority]
    cells = (
        _cell(line.priority.name, f'<span class="badge {tone}">{line.priority.name}</span>'),
        _cell(line.rule.title, _title(line)),
        _cell(where, f'<span class="mono">{escape(where)}</span>{others}', "place"),
        _cell(line.stack, safe(line.stack)),
        _cell(f"{9 - line.severity}", line.severity.label),
    )
    return (
        f'<tbody id="m-{number}" data-severity="{line.priority.name}" data-rule="{safe(line.rule.id)}" '
        f'data-stack="{safe(line.stack)}"><tr class="head">{"".join(cells)}</tr>'
        f'<tr class="body"><td colspan="{len(_COLUMNS)}">{_details(line)}</td></tr></tbody>'
    )


def _cell(key: str, content: str, kind: str = "") -> str:
    return f'<td class="{kind}" data-key="{safe(key)}">{content}</td>'


def _title(line: RankedLine) -> str:
    number = f": {len(line.mismatches):,}" if line.folded else ""
    return (
        f'<button type="button" class="open" aria-expanded="true">{safe(line.rule.title)}{number}</button>'
        f'<div class="under mono">{escape(subjects(line))}</div>'
    )


def _details(line: RankedLine) -> str:
    first = line.mismatches[0]
    known = line.rule.id if line.folded else f"{line.rule.id} {first.id}"
    facts = [
        ("What", rich(first.message)),
        ("Fix", rich(first.fix)),
        ("For", "development only" if line.development else ""),
        ("Known as", f'<span class="mono">{safe(known)}</span>'),
    ]
    pairs = "".join(f"<dt>{name}</dt><dd>{text}</dd>" for name, text in facts if text)
    places = _every(line.mismatches) if line.folded else _evidence(first)
    return f"<dl>{pairs}</dl>{places}"


def _evidence(mismatch: Mismatch) -> str:
    return _places(("Place", "There"), ((place_of(one.place), one.text) for one in mismatch.evidence))


def _every(mismatches: Iterable[Mismatch]) -> str:
    rows = ((place_of(one.evidence[0].place), one.subject) for one in mismatches)
    return _places(("Place", "What"), rows)


def _places(heads: tuple[str, str], rows: Iterable[tuple[str, str]]) -> str:
    head = "".join(f'<th scope="col">{name}</th>' for name in heads)
    body = "".join(
        f'<tr><td class="mono">{escape(where)}</td><td>{rich(text)}</td></tr>' for where, text in rows
    )
    return f'<table class="places"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
