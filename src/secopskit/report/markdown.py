"""Markdown for a comment in a pull request, or an issue: a table of the rules, the places folded away.

All that stands in the repository is code in it: no name can make a link, a mention, a cell or an element.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from secopskit.findings import Finding, Location, ScanResult
from secopskit.report.facts.clean import cleanness
from secopskit.report.facts.exposure import place_in_time, presence_words
from secopskit.report.facts.grouped import RuleGroup, ShownFinding, how_many, rule_groups, select
from secopskit.report.facts.live import noted
from secopskit.report.facts.presence import is_gone
from secopskit.report.facts.summary import (
    asides,
    by_severity,
    in_history,
    next_steps,
    suppression,
    what_was_read,
)
from secopskit.report.interface import RenderOptions, Reporter
from secopskit.report.markup import code, element_text, prose, sentence, table
from secopskit.report.text import count, place, role_words

# A comment of GitHub has at most 65,536 characters.
_LONGEST: Final = 65_000
_PLACES_OF_ONE: Final = 5


class MarkdownReporter:
    """One document. With a limit it fits a comment."""

    name = "md"
    complete = True

    def render(self, result: ScanResult, options: RenderOptions) -> str:
        """The whole report."""
        limit = options.limit
        while True:
            text = "\n\n".join(_parts(result, options._replace(limit=limit))) + "\n"
            if limit <= 1 or len(text) <= _LONGEST:
                return text
            limit //= 2


def _parts(result: ScanResult, options: RenderOptions) -> Iterator[str]:
    if result.findings:
        yield f"## secops: {count(len(result.findings), 'finding')} in {code(result.target)}"
        groups = rule_groups(result.findings)
        shown = select(groups, options.limit, _PLACES_OF_ONE if options.limit else 0)
        historic = any(in_history(finding) for finding in result.findings)
        yield _counts(result, historic=historic)
        yield _rules(groups, historic=historic)
        yield from (_folded(group, some) for group, some in zip(groups, shown, strict=True) if some)
        yield "\n".join(f"{n}. {sentence(step)}" for n, step in enumerate(next_steps(result), 1))
    else:
        yield f"## secops: {cleanness(result).value} {code(result.target)}"
    told = [f"- {prose(line)}" for line in asides(result, counts=options.verbosity >= 0)]
    if options.show_suppressed:
        told += [f"  - {code(suppression(one))}" for one in result.suppressed]
    yield "\n".join([*told, f"- read: {what_was_read(result.stats)}"])


def _counts(result: ScanResult, *, historic: bool) -> str:
    text = ", ".join(f"{number:,} {name.label}" for name, number in by_severity(result.findings).items())
    if not historic:
        return f"{text}."
    gone = sum(map(is_gone, result.findings))
    return f"{text}; {len(result.findings) - gone:,} still there, {gone:,} only in history."


def _rules(groups: Sequence[RuleGroup], *, historic: bool) -> str:
    head = ["Severity", "What", "Rule", "Findings", *(["Still there"] if historic else []), "Places"]
    rows = [
        [
            group.severity.label,
            prose(group.title),
            code(group.rule_id),
            f"{len(group.findings):,}",
            *([f"{len(group.there):,}"] if historic else []),
            f"{group.places:,}",
        ]
        for group in groups
    ]
    return table(head, rows)


def _folded(group: RuleGroup, shown: Sequence[ShownFinding]) -> str:
    """The places of a rule. Empty lines part the elements from what is Markdown again."""
    head = f"{group.severity.label}: {element_text(group.title)} ({how_many(group)})"
    lines = [line for one in shown for line in _places(one)]
    if more := len(group.findings) - len(shown):
        lines.append(f"- and {count(more, 'more finding')} that `--limit 0` shows")
    advice = [sentence(group.remediation)] if group.remediation else []
    parts = [f"<details><summary>{head}</summary>", *advice, "\n".join(lines), "</details>"]
    return "\n\n".join(parts)


def _places(shown: ShownFinding) -> Iterator[str]:
    finding = shown.finding
    for number, where in enumerate(shown.places):
        what = _what(finding) if not number else "the same value" if finding.preview else ""
        told = (code(place(where)), what, _when(where), role_words(where))
        yield "- " + ", ".join(part for part in told if part)
    if more := len(finding.locations) - len(shown.places):
        yield f"  - and {count(more, 'more place')} of it that `--limit 0` shows"


def _what(finding: Finding) -> str:
    return " ".join(code(part) for part in (finding.preview, noted(finding)) if part)


def _when(where: Location) -> str:
    known = where.provenance
    if known is None:
        return ""
    return f"{presence_words(known)} {prose(place_in_time(known))}"


REPORTER: Final[Reporter] = MarkdownReporter()
