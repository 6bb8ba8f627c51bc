"""The table of findings in the HTML page: one group of two rows each, a head and its details.

What holds for a whole rule, its advice and its references, stands once on the page; the script shows it
with each finding. A report of thousands stays small by it.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Final

from secopskit.findings import Finding, Location
from secopskit.report.facts.exposure import (
    Exposure,
    exposure,
    is_orphaned,
    moment,
    presence_words,
    since,
    until,
)
from secopskit.report.facts.grouped import RuleGroup, how_many, rule_groups
from secopskit.report.facts.live import live_words
from secopskit.report.facts.presence import is_gone, is_past, main_place
from secopskit.report.facts.summary import in_history
from secopskit.report.html.parts import choice, rich, safe
from secopskit.report.text import count, place, role_words

_COLUMNS: Final = ("Severity", "Finding", "Place", "In history since", "Exposed", "Confidence")
_NO_DATE: Final = "-"


def table(findings: Sequence[Finding]) -> str:
    """The section with the search field, the choices and the table."""
    heads = "".join(
        f'<th scope="col" data-column="{number}"><button type="button">{name}</button></th>'
        for number, name in enumerate(_COLUMNS)
    )
    numbers = {_rule_key(group): number for number, group in enumerate(rule_groups(findings))}
    return "\n".join(
        [
            '<section><div class="tools"><h2>Findings</h2>',
            '<label class="hush" for="search">Search the findings</label>',
            '<input id="search" type="search" placeholder="Search: rule, path, author, commit …">',
            choice("rule", "All rules", {one.rule_id: one.title for one in findings}),
            choice(
                "now", "Still there or not", _presences(findings), "Show only what is still there, or is not"
            ),
            f'<output id="shown" for="search">{count(len(findings), "finding")}</output></div>',
            f'<div class="scroll"><table class="findings secrets"><thead><tr>{heads}</tr></thead>',
            *(_group(finding, numbers[_rule_key(finding)]) for finding in findings),
            "</table></div></section>",
        ]
    )


def rules(findings: Sequence[Finding]) -> str:
    """The section that says for each rule what to do, and where to read more."""
    parts = "".join(_rule(group, number) for number, group in enumerate(rule_groups(findings)))
    return f'<section><h2>What to do about each rule</h2><div class="rules">{parts}</div></section>'


def _rule(group: RuleGroup, number: int) -> str:
    references = dict.fromkeys(one for finding in group.findings for one in finding.references)
    see = f'<p class="see">{"<br>".join(map(rich, references))}</p>' if references else ""
    tone = group.severity.label
    return (
        f'<div id="r-{number}"><h3><span class="badge {tone}">{tone}</span> {safe(group.title)} '
        f"<small>{safe(group.rule_id)}, {how_many(group)}</small></h3>"
        f"<p>{rich(group.remediation)}</p>{see}</div>"
    )


def _rule_key(one: Finding | RuleGroup) -> tuple[int, str, str, str]:
    return one.severity, one.rule_id, one.title, one.remediation


def _presences(findings: Sequence[Finding]) -> dict[str, str]:
    if not any(map(in_history, findings)):
        return {}
    words = {"yes": "Still there", "no": "Only in history"}
    return {value: words[value] for value in {_now(finding) for finding in findings}}


def _now(finding: Finding) -> str:
    return "no" if is_gone(finding) else "yes"


def _group(finding: Finding, rule: int) -> str:
    tone, known = finding.severity.label, exposure(finding)
    first = main_place(finding)
    where = place(first) if first else "(no place)"
    more = len(finding.locations) - 1
    others = f'<div class="more">+{count(more, "more place")}</div>' if more > 0 else ""
    entered = moment(known.first.date) if known and known.first else None
    cells = (
        _cell(f'<span class="badge {tone}">{tone}</span>', f"{9 - finding.severity}"),
        _cell(_title(finding)),
        f'<td class="place"><span class="mono">{escape(where)}</span>{others}</td>',
        _cell(f"{entered:%Y-%m-%d}" if entered else _NO_DATE, kind="when"),
        _exposed(known, tone),
        _cell(finding.confidence.label, f"{9 - finding.confidence}"),
    )
    return (
        f'<tbody id="f-{escape(finding.id)}" data-severity="{tone}" data-rule="{safe(finding.rule_id)}" '
        f'data-now="{_now(finding)}"><tr class="head">{"".join(cells)}</tr>'
        f'<tr class="body"><td colspan="{len(_COLUMNS)}">{_details(finding, known, rule)}</td></tr></tbody>'
    )


def _cell(content: str, key: str = "", kind: str = "") -> str:
    """A cell; `key` is what it is sorted by, where that is not its text."""
    return f"<td{f' class={kind}' if kind else ''}{f' data-key={key}' if key else ''}>{content}</td>"


def _title(finding: Finding) -> str:
    under = f"{finding.preview}  {finding.rule_id}"
    return (
        f'<button type="button" class="open" aria-expanded="true">{safe(finding.title)}</button>'
        f'<div class="under mono">{safe(under)}</div>'
    )


def _exposed(known: Exposure | None, tone: str) -> str:
    if known is None:
        return _cell(_NO_DATE, kind="when")
    if known.present:
        return _cell(f'<span class="still {tone}">still there</span>', "999999999", "when")
    if known.first and not known.refs:
        return _cell("in no branch any more", str(known.days or 0), "when")
    lasted = _NO_DATE if known.days is None else count(known.days, "day") if known.days else "under a day"
    return _cell(lasted, str(known.days or 0), "when")


def _details(finding: Finding, known: Exposure | None, rule: int) -> str:
    facts = [("Issuer", safe(live_words(finding))), ("Note", safe(finding.note))]
    if finding.remediation or finding.references:
        facts.append(("Fix", f'<a class="fix" href="#r-{rule}">what to do about this rule</a>'))
    if known:
        facts += [
            ("Since", escape(since(known))),
            ("Now" if known.present else "Until", escape(until(known))),
        ]
    facts += [
        ("Id", f'<span class="mono">{safe(finding.id)}</span>'),
        ("Fingerprint", f'<span class="mono">{escape(finding.fingerprint.text)}</span>'),
    ]
    pairs = "".join(f"<dt>{name}</dt><dd>{text}</dd>" for name, text in facts if text)
    return f"<dl>{pairs}</dl>{_places(finding)}"


def _places(finding: Finding) -> str:
    """Every place, those first that are still there."""
    rows = "".join(map(_place_row, sorted(finding.locations, key=is_past)))
    return f'<ul class="places">{rows}</ul>'


def _place_row(location: Location) -> str:
    known = location.provenance
    if known is None:
        return f"<li><b>{escape(place(location))}</b>{_role(location)}</li>"
    facts = (
        f"{known.commit[:10]} {known.date[:10]} {known.author}" if known.commit else "no commit reaches it"
    )
    now = "" if is_past(location) and not is_orphaned(known) else f"<i>{presence_words(known)}</i> "
    return f"<li><b>{escape(place(location))}</b> {now}{safe(facts)}{_role(location)}</li>"


def _role(location: Location) -> str:
    words = role_words(location)
    return f" <small>{words}</small>" if words else ""
