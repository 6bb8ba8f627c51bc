"""The report for a team: what there is, what does not agree, what to do in which order, what was not seen."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Final

from secopskit.audit.model import Mismatch
from secopskit.audit.outcome import AuditOutcome, Priority, RankedLine
from secopskit.audit.picture.databases import databases_of
from secopskit.audit.picture.draw import picture_of
from secopskit.audit.picture.mermaid import legend, mermaid
from secopskit.audit.picture.model import DatabaseRow
from secopskit.audit.plan import PlanStep, plan_of
from secopskit.audit.tell.interface import AuditForm, AuditView
from secopskit.audit.tell.words import (
    held_back,
    held_line,
    limits,
    not_read,
    place_of,
    several_stacks,
    subjects,
    summary,
    to_do,
)
from secopskit.collect.own import REPORT_MARK
from secopskit.findings import SkipReason
from secopskit.report.facts.summary import phrase, skip_line
from secopskit.report.markup import code, prose, sentence, table
from secopskit.report.text import count, listed

_SKIPS_LISTED: Final = 50
_POINTERS_SHOWN: Final = 12
_NAMES_SHOWN: Final = 60


class MarkdownAudit:
    """One document, fit to be committed and compared."""

    name = "md"

    def render(self, outcome: AuditOutcome, view: AuditView) -> str:
        """The whole report. The view changes nothing."""
        parts = [
            f"<!-- {REPORT_MARK}: written by `secops audit`, which does not read it -->",
            f"# {prose(outcome.name)}: what does not agree",
            prose(summary(outcome)),
            _priorities(outcome),
            *_picture(outcome),
            *_mismatches(outcome),
            *_plan(outcome),
            *_unseen(outcome),
        ]
        return "\n\n".join(parts) + "\n"


def _priorities(outcome: AuditOutcome) -> str:
    rows = [(f"**{each.name}** {each.title}", f"{outcome.count(each):,}", each.meaning) for each in Priority]
    return table(("Priority", "Mismatches", "What belongs to it"), rows)


# --- what there is ----------------------------------------------------------------------------


def _picture(outcome: AuditOutcome) -> Iterator[str]:
    picture, rows = picture_of(outcome.facts), databases_of(outcome.facts)
    if not picture.nodes and not rows:
        return
    yield "## What there is"
    for title, chart in mermaid(picture):
        if title:
            yield f"### {prose(title)}"
        yield f"```mermaid\n{chart}\n```"
    if marks := legend(picture):
        yield prose(marks)
    if picture.left_out:
        yield prose("; ".join(picture.left_out) + ".")
    if rows:
        yield "## Databases, and who points at them"
        yield table(("Database", "Where", "Who points at it"), map(_database, rows))


def _database(row: DatabaseRow) -> tuple[str, ...]:
    what = row.kind + (f" {code(row.database)}" if row.database else "")
    if row.odoo:
        what += " (Odoo's)"
    where = code(row.where) + (" (outside)" if row.outside else "")
    pointers = [
        f"{code(key)}{f' (TLS {code(tls)})' if tls else ''} of {prose(listed(who, _POINTERS_SHOWN))}"
        for key, tls, who in row.by_key
    ]
    return what, where, "<br>".join(pointers) or "nobody that is seen from here"


# --- what does not agree ----------------------------------------------------------------------


def _mismatches(outcome: AuditOutcome) -> Iterator[str]:
    if not outcome.lines:
        yield "## Mismatches"
        yield "None."
    for priority, lines in groupby(outcome.lines, key=lambda line: line.priority):
        yield f"## {priority.name}: {priority.title}"
        yield f"{priority.meaning[:1].upper()}{priority.meaning[1:]}."
        for _, group in groupby(lines, key=lambda line: (line.rule.id, line.development)):
            yield from _rule(list(group), stacks=several_stacks(outcome.lines))


def _rule(lines: list[RankedLine], *, stacks: bool) -> Iterator[str]:
    """The lines of one rule. Where all ask for the same, that is told once."""
    rule = lines[0].rule
    number = sum(len(line.mismatches) for line in lines)
    known = f", {count(number, 'time')}" if number > 1 else ""
    known += ", development only" if lines[0].development else ""
    yield f"### {prose(rule.title)}"
    yield f"{code(rule.id)}, {max(line.severity for line in lines).label}{known}"
    fixes = {line.mismatches[0].fix for line in lines}
    each = len(fixes) > 1 or any(line.folded for line in lines)
    for line in lines:
        yield _line(line, stacks=stacks, with_fix=each)
    if not each:
        yield f"**Fix:** {sentence(fixes.pop())}"


def _line(line: RankedLine, *, stacks: bool, with_fix: bool) -> str:
    first = line.mismatches[0]
    fix = [f"  - **Fix:** {sentence(first.fix)}"] if with_fix else []
    stack = f" in {prose(line.stack)}" if line.stack and stacks else ""
    if line.folded:
        names = subjects(line, _NAMES_SHOWN)
        found = [f"- {count(len(line.mismatches), 'place')}{stack}: {prose(names)}"]
        return "\n".join([*found, f"  - for example {_evidence(first, 0)}: {sentence(first.message)}", *fix])
    places = [f"  - {_evidence(first, number)}" for number in range(len(first.evidence))]
    head = f"- {code(first.subject)}{stack}: {sentence(first.message)}"
    return "\n".join([head, *places, *fix])


def _evidence(mismatch: Mismatch, number: int) -> str:
    place, text = mismatch.evidence[number]
    return code(place_of(place)) + (f" {sentence(text)}" if text else "")


# --- what to do -------------------------------------------------------------------------------


def _plan(outcome: AuditOutcome) -> Iterator[str]:
    steps = plan_of(outcome)
    if not steps:
        return
    yield "## Reconciliation plan"
    yield "In this order, nothing that runs breaks on the way."
    for number, step in enumerate(steps, 1):
        yield f"### {number}. {step.title}"
        yield from _step(step)


def _step(step: PlanStep) -> Iterator[str]:
    yield prose(step.how)
    if step.lines:
        yield "\n".join(f"- [ ] {prose(text)}" for text in to_do(step.lines))
    if step.commands:
        fence = "```" if "```" not in "".join(step.commands) else "````````"
        yield "\n".join([f"{fence}sh", *step.commands, fence])


# --- what was not seen ------------------------------------------------------------------------


def _unseen(outcome: AuditOutcome) -> Iterator[str]:
    skipped = outcome.facts.skipped
    told = [f"- {prose(limit)}" for limit in limits(outcome)]
    if skipped:
        told.append(f"- Not read: {prose(phrase(not_read(outcome)))}")
        named = [item for item in skipped if item.reason is not SkipReason.BINARY]  # pictures, mostly
        told += [f"  - {prose(skip_line(item))}" for item in named[:_SKIPS_LISTED]]
        if len(named) > _SKIPS_LISTED:
            told.append(f"  - and {len(named) - _SKIPS_LISTED:,} more")
    if outcome.held_back:
        told.append(f"- Not reported: {prose(phrase(held_back(outcome)))}")
        told += [f"  - {prose(held_line(held))}" for held in outcome.held_back]
    told += [
        f"- The baseline accepts what is no more: {code(one.rule)} {code(one.subject)} in {code(one.file)}"
        for one in outcome.stale
    ]
    yield "## What was not looked at"
    yield "\n".join(told) if told else "Nothing that is known of."


FORM: Final[AuditForm] = MarkdownAudit()
