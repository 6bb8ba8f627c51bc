"""The report as one page: numbers, a table of secrets to search and filter, the repositories."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from typing import Final

from secopskit.fleet.tell.facts import FleetFacts, FleetMember, FleetPlace, FleetSecret
from secopskit.fleet.tell.words import SEVERITIES, changes, headline, place, spread, standing, states, when
from secopskit.report.facts.summary import phrase
from secopskit.report.html.parts import choice, rich, safe
from secopskit.report.html.shell import html_page
from secopskit.report.text import count

_COLUMNS: Final = ("Severity", "Secret", "Repositories", "Owners", "Since", "Now")
_MOST_PLACES: Final = 500
_NOBODY: Final = "(nobody)"


def render(facts: FleetFacts) -> str:
    """The whole page."""
    title = escape(headline(facts))
    header = (
        f'<header class="top"><p class="eyebrow">secops fleet report</p><h1>{title}</h1>'
        f'<p class="facts">{safe(facts.selection)}, run {facts.run}, {escape(when(facts))}. '
        f"{escape(states(facts))}; {escape(changes(facts))}.</p></header>"
    )
    return html_page(title, header, ["<main>", *_sections(facts), "</main>"])


def _sections(facts: FleetFacts) -> Iterator[str]:
    yield from _unseen(facts)
    yield _tiles(facts)
    if facts.secrets:
        yield from _table(facts)
        yield _rules(facts.secrets)
    yield from _repositories(facts)


def _unseen(facts: FleetFacts) -> Iterator[str]:
    unseen = [one for one in facts.repositories if not one.seen]
    lines = [*facts.notes, *(f"{one.name} ({one.state}): {one.reason}. {one.advice}" for one in unseen)]
    if facts.filtered:
        lines.append(f"Told here of {facts.total:,} secrets: {facts.filtered}.")
    if lines:
        yield f'<section class="limits"><h2>Not seen</h2><ul class="list">{_items(lines)}</ul></section>'


def _tiles(facts: FleetFacts) -> str:
    tiles = "".join(_tile(label, facts.by_severity.get(label, 0)) for label in SEVERITIES)
    return f'<section class="bare tiles" aria-label="Secrets by severity">{tiles}</section>'


def _tile(label: str, number: int) -> str:
    state = 'aria-pressed="false"' if number else "disabled"
    return (
        f'<button type="button" class="tile {label}" data-severity="{label}" {state}>'
        f"<b>{number:,}</b>{label}</button>"
    )


def _table(facts: FleetFacts) -> Iterator[str]:
    secrets = facts.secrets
    heads = "".join(
        f'<th scope="col" data-column="{number}"><button type="button">{name}</button></th>'
        for number, name in enumerate(_COLUMNS)
    )
    numbers = {key: number for number, key in enumerate(dict.fromkeys(map(_rule_key, secrets)))}
    yield '<section><div class="tools"><h2>Secrets</h2>'
    yield '<label class="hush" for="search">Search the secrets</label>'
    yield '<input id="search" type="search" placeholder="Search: rule, repository, path, owner …">'
    yield choice("rule", "All rules", {one.rule_id: one.title for one in secrets})
    yield choice("owner", "All owners", {one: one for one in map(_owner, secrets)})
    yield choice("now", "Still there or not", {_now(one): standing(one).capitalize() for one in secrets})
    yield choice("new", "New or known", {_new(one): _new(one).capitalize() for one in secrets})
    yield f'<output id="shown" for="search">{count(len(secrets), "secret")}</output></div>'
    yield f'<div class="scroll"><table class="findings secrets"><thead><tr>{heads}</tr></thead>'
    for one in secrets:
        yield _secret(one, numbers[_rule_key(one)])
    yield "</table></div></section>"


def _secret(one: FleetSecret, rule: int) -> str:
    rank, first = SEVERITIES.index(one.severity), one.repositories[0]
    under = f'<div class="under mono">{safe(f"{one.preview}  {one.rule_id}")}</div>'
    opener = f'<button type="button" class="open" aria-expanded="true">{safe(one.title)}</button>'
    where = f'<span class="mono">{safe(first)}</span>{_others(one)}'
    cells = (
        f'<td data-key="{rank}"><span class="badge {one.severity}">{one.severity}</span></td>',
        f"<td>{opener}{under}</td>",
        f'<td class="place" data-key="{len(one.repositories)}">{where}</td>',
        f"<td>{safe(' '.join(one.owners))}</td>",
        f'<td class="when">{escape(one.since[:10] or "-")}</td>',
        f"<td>{'<b>new</b>, ' if one.new else ''}{standing(one)}</td>",
    )
    return (
        f'<tbody id="f-{escape(one.id)}" data-severity="{one.severity}" data-rule="{safe(one.rule_id)}" '
        f'data-owner="{safe(_owner(one))}" data-now="{_now(one)}" data-new="{_new(one)}">'
        f'<tr class="head">{"".join(cells)}</tr>'
        f'<tr class="body"><td colspan="{len(_COLUMNS)}">{_details(one, rule)}</td></tr></tbody>'
    )


def _others(one: FleetSecret) -> str:
    more = len(one.repositories) - 1
    return f'<div class="more">+{count(more, "more repository", "more repositories")}</div>' if more else ""


def _details(one: FleetSecret, rule: int) -> str:
    facts = (
        ("Stands in", escape(spread(one))),
        ("First seen", escape(one.first_seen[:10])),
        ("Confidence", escape(one.confidence)),
        ("Note", safe(one.note)),
        ("Fix", f'<a class="fix" href="#r-{rule}">what to do about this rule</a>'),
        ("Fingerprint", f'<span class="mono">{escape(one.fingerprint)}</span>'),
    )
    pairs = "".join(f"<dt>{name}</dt><dd>{text}</dd>" for name, text in facts if text)
    rows = "".join(map(_place, one.places[:_MOST_PLACES]))
    if more := len(one.places) - _MOST_PLACES:
        rows += f"<li>and {more:,} more (the JSON and CSV forms list all)</li>" if more > 0 else ""
    return f'<dl>{pairs}</dl><ul class="places">{rows}</ul>'


def _place(one: FleetPlace) -> str:
    known = f" {one.commit[:10]} {one.since[:10]} {one.author}" if one.commit else ""
    now = "<i>still there</i>" if one.present else ""
    return f"<li><b>{escape(place(one))}</b> {now}{safe(known)}</li>"


def _rules(secrets: Iterable[FleetSecret]) -> str:
    first = {_rule_key(one): one for one in reversed(list(secrets))}
    ordered = dict.fromkeys(map(_rule_key, secrets))
    parts = "".join(_rule(number, first[key]) for number, key in enumerate(ordered))
    return f'<section><h2>What to do about each rule</h2><div class="rules">{parts}</div></section>'


def _rule(number: int, one: FleetSecret) -> str:
    see = f'<p class="see">{"<br>".join(map(rich, one.references))}</p>' if one.references else ""
    return (
        f'<div id="r-{number}"><h3>{safe(one.title)} <small>{safe(one.rule_id)}</small></h3>'
        f"<p>{rich(one.remediation)}</p>{see}</div>"
    )


def _rule_key(one: FleetSecret) -> tuple[str, str, str]:
    return one.rule_id, one.title, one.remediation


def _repositories(facts: FleetFacts) -> Iterator[str]:
    yield "<section><h2>Repositories</h2><details><summary>"
    yield f"{escape(states(facts))}</summary><div class='scroll'><table class='places'><thead><tr>"
    names = ("Repository", "State", "Secrets", "New", "Worst", "Not read", "Held back", "Limits")
    yield "".join(f"<th>{name}</th>" for name in names) + "</tr></thead><tbody>"
    yield from map(_repository, facts.repositories)
    yield "</tbody></table></div></details></section>"


def _repository(one: FleetMember) -> str:
    cells = (
        one.name,
        f"{one.state}: {one.reason}" if one.reason else one.state,
        f"{one.secrets:,}",
        f"{one.new:,}",
        one.worst or "-",
        phrase(one.skipped_for) or "-",
        phrase(one.suppressed) or "-",
        " ".join(one.limits) or "-",
    )
    return f"<tr>{''.join(f'<td>{safe(text)}</td>' for text in cells)}</tr>"


def _items(lines: Iterable[str]) -> str:
    return "".join(f"<li>{safe(line)}</li>" for line in lines)


def _owner(one: FleetSecret) -> str:
    return one.owners[0] if one.owners else _NOBODY


def _now(one: FleetSecret) -> str:
    if one.in_head is None:
        return "perhaps"
    return "head" if one.in_head else "present" if one.present else "gone"


def _new(one: FleetSecret) -> str:
    return "new" if one.new else "known"
