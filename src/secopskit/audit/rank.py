"""The order of a report: what leaks or breaks first. What there is much of becomes one line.

A line is a pure function of its mismatches, and the order of lines one of what stands in them: the same
project gives the same report.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from secopskit.audit.model import Fold, Mismatch, MismatchRule
from secopskit.audit.outcome import Priority, RankedLine
from secopskit.findings import Severity

_PRIORITY: Final = {
    Severity.CRITICAL: Priority.P1,
    Severity.HIGH: Priority.P2,
    Severity.MEDIUM: Priority.P3,
    Severity.LOW: Priority.P4,
    Severity.INFO: Priority.P4,
}

Judged = tuple[MismatchRule, Mismatch]


def severity_of(rule: MismatchRule, mismatch: Mismatch) -> Severity:
    """How bad it is: what the mismatch says of itself, else what its rule says."""
    return rule.severity if mismatch.severity is None else mismatch.severity


def priority_of(rule: MismatchRule, mismatch: Mismatch) -> Priority:
    """How urgent it is. What concerns development only is never urgent."""
    return Priority.P4 if mismatch.development else _PRIORITY[severity_of(rule, mismatch)]


def rank(judged: Iterable[Judged]) -> tuple[RankedLine, ...]:
    """The lines of a report, the most urgent first."""
    groups: dict[tuple[object, ...], list[Judged]] = {}
    for rule, mismatch in sorted(judged, key=_place):
        groups.setdefault(_group(rule, mismatch), []).append((rule, mismatch))
    return tuple(sorted(map(_line, groups.values()), key=_urgency))


def each_alone(lines: Iterable[RankedLine]) -> Iterator[RankedLine]:
    """The lines with nothing told together: one for each mismatch."""
    for line in lines:
        for mismatch in line.mismatches:
            severity = severity_of(line.rule, mismatch)
            yield line._replace(severity=severity, mismatches=(mismatch,), folded=False, stack=mismatch.stack)


def _group(rule: MismatchRule, mismatch: Mismatch) -> tuple[object, ...]:
    """What a mismatch shares with those that are told on one line with it."""
    known = (rule.id, priority_of(rule, mismatch), mismatch.development)
    if rule.fold is Fold.EACH or mismatch.alone:
        return (*known, _place((rule, mismatch)))
    return (*known, mismatch.stack) if rule.fold is Fold.STACK else known


def _line(group: list[Judged]) -> RankedLine:
    rule, first = group[0]
    return RankedLine(
        priority=priority_of(rule, first),
        severity=max(severity_of(rule, mismatch) for rule, mismatch in group),
        rule=rule,
        mismatches=tuple(mismatch for _, mismatch in group),
        folded=len(group) > 1,
        stack="" if len(group) > 1 and rule.fold is Fold.PROJECT else first.stack,
    )


def _urgency(line: RankedLine) -> tuple[object, ...]:
    """Worst first; what stands alone before what is folded; then by rule and place."""
    first = line.mismatches[0]
    return (
        line.priority,
        line.development,
        -line.severity,
        line.folded,
        line.rule.id,
        *_place((line.rule, first)),
    )


def _place(judged: Judged) -> tuple[object, ...]:
    _, mismatch = judged
    path, number = mismatch.evidence[0].place
    return mismatch.stack, path, number, mismatch.subject, mismatch.message
