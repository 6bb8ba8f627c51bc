"""The table of findings in the HTML page: one group of two rows each, a head and its details."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from typing import Final

from secopskit.findings import Finding, Location
from secopskit.report.exposure import Exposure, exposure, moment, since, until
from secopskit.report.text import count, place, visible

_COLUMNS: Final = ("Severity", "Finding", "Place", "In history since", "Exposed", "Confidence")
_LINK: Final = re.compile(r"https?://[^\s<>\"'()]{1,500}[^\s<>\"'().,;:]")
_NO_DATE: Final = "-"


def table(findings: Sequence[Finding]) -> str:
    """The section with the search field and the table."""
    heads = "".join(
        f'<th scope="col" data-column="{number}"><button type="button">{name}</button></th>'
        for number, name in enumerate(_COLUMNS)
    )
    return "\n".join(
        [
            '<section><div class="tools"><h2>Findings</h2>',
            '<label class="hush" for="search">Search the findings</label>',
            '<input id="search" type="search" placeholder="Search: rule, path, author, commit …">',
            f'<output id="shown" for="search">{count(len(findings), "finding")}</output></div>',
            f'<div class="scroll"><table class="findings"><thead><tr>{heads}</tr></thead>',
            *(_group(finding) for finding in findings),
            "</table></div></section>",
        ]
    )


def _group(finding: Finding) -> str:
    tone, known = finding.severity.label, exposure(finding)
    first = finding.locations[0] if finding.locations else None
    where = place(first) if first else "(no place)"
    more = len(finding.locations) - 1
    others = f'<div class="more">+{count(more, "more place")}</div>' if more > 0 else ""
    entered = moment(known.first.date) if known and known.first else None
    day = f"{entered:%Y-%m-%d}" if entered else ""
    cells = (
        _cell(f"{9 - finding.severity}", f'<span class="badge {tone}">{tone}</span>'),
        _cell(finding.title, _title(finding)),
        _cell(where, f'<span class="mono">{escape(where)}</span>{others}', "place"),
        _cell(day, day or _NO_DATE, "when"),
        _exposed(known, tone),
        _cell(f"{9 - finding.confidence}", finding.confidence.label),
    )
    return (
        f'<tbody id="f-{escape(finding.id)}" data-severity="{tone}">'
        f'<tr class="head">{"".join(cells)}</tr>'
        f'<tr class="body"><td colspan="{len(_COLUMNS)}">{_details(finding, known)}</td></tr></tbody>'
    )


def _cell(key: str, content: str, kind: str = "") -> str:
    return f'<td class="{kind}" data-key="{escape(visible(key))}">{content}</td>'


def _title(finding: Finding) -> str:
    under = f"{visible(finding.preview)}  {visible(finding.rule_id)}"
    return (
        f'<button type="button" class="open" aria-expanded="true">{escape(visible(finding.title))}</button>'
        f'<div class="under mono">{escape(under)}</div>'
    )


def _exposed(known: Exposure | None, tone: str) -> str:
    if known is None:
        return _cell("", _NO_DATE, "when")
    days = "" if known.days is None else count(known.days, "day")
    if known.present:
        return _cell("999999999", f'<span class="still {tone}">still there</span>', "when")
    return _cell(str(known.days or 0), days or _NO_DATE, "when")


def _details(finding: Finding, known: Exposure | None) -> str:
    facts = [("Note", escape(visible(finding.note))), ("Fix", _linked(finding.remediation))]
    if known:
        facts += [
            ("Since", escape(since(known))),
            ("Now" if known.present else "Until", escape(until(known))),
        ]
    facts += [
        ("See", "<br>".join(_linked(reference) for reference in finding.references)),
        ("Id", f'<span class="mono">{escape(visible(finding.id))}</span>'),
        ("Fingerprint", f'<span class="mono">{escape(finding.fingerprint.text)}</span>'),
    ]
    pairs = "".join(f"<dt>{name}</dt><dd>{text}</dd>" for name, text in facts if text)
    return f"<dl>{pairs}</dl>{_places(finding)}"


def _places(finding: Finding) -> str:
    rows = "".join(_place_row(location) for location in finding.locations)
    heads = "".join(f'<th scope="col">{name}</th>' for name in ("Place", "Commit", "Date", "Now", "Author"))
    return f'<table class="places"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>'


def _place_row(location: Location) -> str:
    known = location.provenance
    texts = ["", "", "", ""]
    if known:
        now = "still there" if known.present else "in history"
        texts = [known.commit[:10], known.date[:10], now, known.author]
    commit, date, now, author = (escape(visible(text)) for text in texts)
    fixed = "".join(f'<td class="fixed">{text}</td>' for text in (commit, date, now))
    return f'<tr><td class="mono">{escape(place(location))}</td>{fixed}<td>{author}</td></tr>'


def _linked(text: str) -> str:
    """The text, its web addresses as links."""
    shown = visible(text)
    parts, end = [], 0
    for match in _LINK.finditer(shown):
        address = escape(match.group())
        parts.append(escape(shown[end : match.start()]))
        parts.append(f'<a href="{address}" rel="noreferrer noopener">{address}</a>')
        end = match.end()
    return "".join(parts) + escape(shown[end:])
