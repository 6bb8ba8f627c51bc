"""The report at a terminal: what to do first, then less and less of each, then what was not looked at."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Final

from secopskit.audit.model import Mismatch
from secopskit.audit.outcome import AuditOutcome, Priority, RankedLine
from secopskit.audit.rank import each_alone
from secopskit.audit.tell.interface import AuditForm, AuditView
from secopskit.audit.tell.words import (
    by_priority,
    headline,
    held_back,
    held_line,
    limits,
    not_read,
    place_of,
    several_stacks,
    stale_entries,
    subjects,
    what_was_seen,
)
from secopskit.report.facts.summary import phrase, skip_line
from secopskit.report.page import TextStyle, wrapped
from secopskit.report.text import count, listed, visible

_TONE: Final = {
    Priority.P1: TextStyle.BAD,
    Priority.P2: TextStyle.CAUTION,
    Priority.P3: TextStyle.HEADING,
    Priority.P4: TextStyle.QUIET,
}
_WIDEST: Final = 110
_NARROWEST: Final = 40
_INDENT: Final = "  "
_UNDER: Final = "    "
_EVIDENCE_SHOWN: Final = 3
_LINES_SHOWN: Final = 12
_FEW: Final = 4


class ConsoleAudit:
    """By priority; ends with a summary and what to do next."""

    name = "console"

    def render(self, outcome: AuditOutcome, view: AuditView) -> str:
        """The whole report."""
        width = min(max(view.width, _NARROWEST), _WIDEST)
        page = _Page(view._replace(width=width), stacks=several_stacks(outcome.lines))
        lines: list[str] = []
        if view.every:
            lines += page.brief(each_alone(outcome.lines))
        else:
            for priority, group in groupby(outcome.lines, key=lambda line: line.priority):
                lines += page.section(priority, list(group))
        lines += page.summary(outcome)
        return "\n".join(line.rstrip(" ") for line in lines) + "\n"


def _vain(outcome: AuditOutcome) -> str:
    return f"{count(outcome.unanswered, 'question was', 'questions were')} asked in vain."


class _Page:
    """The lines of the report, of one width and in one paint."""

    def __init__(self, view: AuditView, *, stacks: bool) -> None:
        self._view = view
        self._stacks = stacks

    def section(self, priority: Priority, lines: list[RankedLine]) -> Iterator[str]:
        number = sum(len(line.mismatches) for line in lines)
        head = f"{priority.name} {priority.title}"
        told = f"  {count(number, 'mismatch', 'mismatches')}"
        if len(head) + len(told) + len(priority.meaning) < self._view.width - 2:
            told += f": {priority.meaning}"
        told += " "
        rule = "─" * max(self._view.width - len(head) - len(told), 0)
        yield self._paint(head, _TONE[priority]) + self._paint(told + rule, TextStyle.QUIET)
        if priority is Priority.P4 and self._view.verbosity <= 0:
            yield from self._later(lines)
            return
        for line in lines:
            yield ""
            yield from self._folded(line) if line.folded else self._single(line)
        yield ""

    def _single(self, line: RankedLine) -> Iterator[str]:
        mismatch = line.mismatches[0]
        yield from self._title(line)
        yield from self._wrap(mismatch.message)
        yield from self._evidence(mismatch)
        yield from self._labelled("fix", mismatch.fix, TextStyle.GOOD)
        yield from self._known_as(line, mismatch)

    def _folded(self, line: RankedLine) -> Iterator[str]:
        first = line.mismatches[0]
        few = None if self._view.verbosity > 0 else 8
        yield from self._title(line)
        yield from self._wrap(subjects(line, few))
        yield from self._labelled("e.g.", f"{place_of(first.evidence[0].place)}  {first.message}")
        yield from self._labelled("fix", first.fix, TextStyle.GOOD)
        yield from self._known_as(line, first)

    def brief(self, lines: Iterable[RankedLine]) -> Iterator[str]:
        """A line each, as compilers print them: place, priority, what."""
        for line in lines:
            where = self._paint(place_of(line.mismatches[0].evidence[0].place), TextStyle.COMMAND)
            name = self._paint(line.priority.name, _TONE[line.priority])
            rule = self._paint(line.rule.id, TextStyle.QUIET)
            yield f"{where}  {name}  {headline(line, stacks=self._stacks)}  {rule}"

    def _later(self, lines: list[RankedLine]) -> Iterator[str]:
        """What can wait: a line a rule, for it is the longest part of most reports."""
        rules: dict[tuple[str, bool], list[RankedLine]] = {}
        for line in lines:
            rules.setdefault((line.rule.id, line.development), []).append(line)
        for group in rules.values():
            found = [mismatch for line in group for mismatch in line.mismatches]
            names = list(dict.fromkeys(visible(one.subject) for one in found))
            title = visible(group[0].rule.title)
            few = listed(names, _FEW)
            text = f"{title}: {few}" if len(names) <= _FEW else f"{title}: {len(found):,} ({few})"
            text += " (development only)" if group[0].development else ""
            yield from wrapped(text, self._view.width, f"{_INDENT}· ", _UNDER)
        yield _UNDER + self._paint("-v shows each of them", TextStyle.QUIET)
        yield ""

    def _title(self, line: RankedLine) -> Iterator[str]:
        mark = self._paint("●", _TONE[line.priority])
        for number, text in enumerate(
            wrapped(headline(line, stacks=self._stacks), self._view.width - 4, "", "")
        ):
            yield f"{_INDENT}{mark if number == 0 else ' '} {self._paint(text, TextStyle.HEADING)}"

    def _evidence(self, mismatch: Mismatch) -> Iterator[str]:
        """Places on lines of their own, never wrapped, so that terminals make them links."""
        shown = mismatch.evidence if self._view.verbosity > 0 else mismatch.evidence[:_EVIDENCE_SHOWN]
        wide = max(len(place_of(one.place)) for one in shown)
        for place, text in shown:
            where, what = place_of(place), visible(text)
            room = self._view.width - len(_UNDER) - wide - 2
            if len(what) <= room:
                gap = " " * (wide - len(where) + 2)
                yield _UNDER + self._paint(where, TextStyle.COMMAND) + (gap + what if what else "")
            else:
                yield _UNDER + self._paint(where, TextStyle.COMMAND)
                yield from wrapped(what, self._view.width, _UNDER + _INDENT, _UNDER + _INDENT)
        if more := len(mismatch.evidence) - len(shown):
            yield _UNDER + self._paint(f"+{count(more, 'more place')} (-v lists them)", TextStyle.QUIET)

    def _known_as(self, line: RankedLine, mismatch: Mismatch) -> Iterator[str]:
        text = f"{_UNDER}{line.rule.id}" + ("" if line.folded else f"  id {mismatch.id}")
        yield self._paint(text, TextStyle.QUIET)

    def _wrap(self, text: str) -> Iterator[str]:
        yield from wrapped(visible(text), self._view.width, _UNDER, _UNDER)

    def _labelled(self, label: str, text: str, style: TextStyle = TextStyle.QUIET) -> Iterator[str]:
        if not text:
            return
        after = " " * (len(label) + 2)
        first, *rest = wrapped(visible(text), self._view.width, _UNDER + after, _UNDER + after)
        yield _UNDER + self._paint(label, style) + first[len(_UNDER) + len(label) :]
        yield from rest

    def summary(self, outcome: AuditOutcome) -> Iterator[str]:
        seen = what_was_seen(outcome)
        if outcome.total:
            yield self._paint("─" * self._view.width, TextStyle.QUIET)
            yield from self._row("audited", f"{visible(outcome.name)}: {seen}")
            yield from self._row("found", by_priority(outcome))
        else:
            vain = f" {_vain(outcome)}" if outcome.unanswered else ""
            new = "new " if outcome.held_back else ""
            text = f"No {new}mismatches in {visible(outcome.name)}: {seen}.{vain}"
            mark = self._paint("✓", TextStyle.GOOD)
            if vain or outcome.empty_handed:
                mark = self._paint("!", TextStyle.CAUTION)
            first, *rest = wrapped(text, self._view.width - 2, "", "")
            yield f"{mark} {first}"
            yield from (f"  {one}" for one in rest)
        if self._view.verbosity >= 0:
            yield from self._row("not read", phrase(not_read(outcome)))
            yield from self._row("held back", phrase(held_back(outcome)))
        yield from self._limits(outcome)
        yield from self._stale(outcome)
        yield from self._lists(outcome)
        yield from self._next(outcome)

    def _limits(self, outcome: AuditOutcome) -> Iterator[str]:
        told = limits(outcome)
        shown = told if self._view.verbosity > 0 else told[:_LINES_SHOWN]
        for limit in shown:
            yield from self._row("not seen", limit)
        if more := len(told) - len(shown):
            yield from self._row("not seen", f"and {more:,} more (-v lists them)")

    def _stale(self, outcome: AuditOutcome) -> Iterator[str]:
        if not outcome.stale:
            return
        yield from self._row("stale", f"{stale_entries(outcome)}:")
        shown = outcome.stale if self._view.verbosity > 0 else outcome.stale[:_LINES_SHOWN]
        for entry in shown:
            text = f"{visible(entry.file)}  {visible(entry.rule)}: {visible(entry.subject)}"
            yield self._paint(f"{_UNDER}{text}", TextStyle.QUIET)
        if more := len(outcome.stale) - len(shown):
            yield self._paint(f"{_UNDER}and {more:,} more (-v lists them)", TextStyle.QUIET)

    def _lists(self, outcome: AuditOutcome) -> Iterator[str]:
        """What was held back or not read, one by one, for those who asked."""
        told = [held_line(held) for held in outcome.held_back] if self._view.show_held_back else []
        if self._view.verbosity > 0:
            told += [skip_line(item) for item in outcome.facts.skipped]
        for line in told:
            yield self._paint(f"{_UNDER}{line}", TextStyle.QUIET)

    def _next(self, outcome: AuditOutcome) -> Iterator[str]:
        if not outcome.lines or self._view.verbosity < 0:
            return
        yield ""
        yield _INDENT + self._paint("What to do next", TextStyle.HEADING)
        where = f" {shlex.quote(visible(self._view.path))}" if self._view.path else ""
        for command, text in (
            (f"secops audit --explain {outcome.lines[0].rule.id}", "what the first is about"),
            (f"secops audit -f html -o report.html{where}", "all of it, with a picture and a plan"),
            (f"secops audit --update-baseline{where}", "accept what is known; --check tells what is new"),
        ):
            yield _UNDER + self._paint(command, TextStyle.COMMAND)
            yield _UNDER + _INDENT + self._paint(text, TextStyle.QUIET)

    def _row(self, label: str, text: str) -> Iterator[str]:
        if not text:
            return
        after = _INDENT + " " * 11
        first, *rest = wrapped(text, self._view.width, after, after)
        yield _INDENT + self._paint(f"{label:<9}", TextStyle.QUIET) + first[len(_INDENT) + 9 :]
        yield from rest

    def _paint(self, text: str, style: TextStyle) -> str:
        return self._view.paint(text, style)


FORM: Final[AuditForm] = ConsoleAudit()
