"""What a result amounts to: the counts and sentences that several formats share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, TypeVar

from secopskit.findings import (
    Finding,
    ScanResult,
    ScanStats,
    Severity,
    Skipped,
    SkipReason,
    Suppressed,
    SuppressedBy,
)
from secopskit.report.facts.live import live_counts
from secopskit.report.text import count, place, size, visible

_Kind = TypeVar("_Kind", str, Severity)

_FRESH: Final = " that this change touches"
_BY: Final = {
    SuppressedBy.BASELINE: "by the baseline",
    SuppressedBy.INLINE: "by an inline comment",
    SuppressedBy.IGNORE_FILE: "by an ignore file",
    SuppressedBy.PATH: "by a path rule",
    SuppressedBy.RULE: "by a disabled rule",
    SuppressedBy.SEVERITY: "below the minimum severity",
    SuppressedBy.PRESENCE: "not asked for",
    SuppressedBy.TESTS: "in tests",
    SuppressedBy.MOVED: "that stood there before",
}
_ROTATE: Final = (
    "Rotate each secret at its provider (the fix shown with it). Deleting the line is not "
    "enough: assume that whoever could read it has copied it."
)
_REPLACE: Final = (
    "Put the new value where it is used: CI secrets, deployment settings, a local .env "
    "that git ignores. Never back into the repository."
)
_REWRITE: Final = (
    "Once the old value is dead, take it out of the history: `secops purge-history` shows what "
    "that would change."
)


def by_severity(findings: Iterable[Finding]) -> dict[Severity, int]:
    """How many findings of each severity, worst first; severities without any are left out."""
    counts = _tally(finding.severity for finding in findings)
    return {severity: counts[severity] for severity in sorted(counts, reverse=True)}


def by_reason(result: ScanResult) -> dict[str, int]:
    """How many things were skipped for each reason, most frequent first.

    What the scanned change itself has a hand in is counted apart.
    """
    return _by_frequency(f"{one.reason.value}{_FRESH if one.fresh else ''}" for one in result.skipped)


def by_suppression(result: ScanResult) -> dict[str, int]:
    """How many findings each kind of suppression kept out, most frequent first.

    What the scanned change itself has a hand in is counted apart.
    """
    return _by_frequency(f"{one.by.value}{_FRESH if one.fresh else ''}" for one in result.suppressed)


def suppressed_words(result: ScanResult) -> str:
    """`baseline (3), inline comment (1)`: what was held back on somebody's word; tests are told apart."""
    held = tuple(one for one in result.suppressed if one.by is not SuppressedBy.TESTS)
    return phrase(by_suppression(result._replace(suppressed=held)))


def tests_words(result: ScanResult) -> str:
    """`14 findings in tests are not shown (--show all)`; empty where there are none."""
    number = sum(one.by is SuppressedBy.TESTS for one in result.suppressed)
    verb = "is" if number == 1 else "are"
    return f"{count(number, 'finding')} in tests {verb} not shown (--show all)" if number else ""


def phrase(counts: dict[str, int]) -> str:
    """`binary content (3), cannot be read (1)`."""
    return ", ".join(f"{name} ({number:,})" for name, number in counts.items())


def asides(result: ScanResult, *, counts: bool = True) -> list[str]:
    """What a report tells besides the findings, a line each: limits and what was suppressed, always.

    With `counts`, what was not scanned as well.
    """
    lines = [f"not seen: {visible(limit)}" for limit in result.limits]
    if asked := live_counts(result):
        lines.append(f"asked their issuers: {asked}")
    if counts and result.skipped:
        lines.append(f"not scanned: {phrase(by_reason(result))}")
    if held := suppressed_words(result):
        lines.append(f"suppressed: {held}")
    if tests := tests_words(result):
        lines.append(tests)
    return lines


def held_back(result: ScanResult) -> str:
    """`suppressed: 2 by an inline comment, 1 by the baseline`: for a hook, which has a line for it.

    Files that the settings exclude are named with it: nothing in them was looked at. Empty where nothing
    was held back but what the default severity never reports.
    """
    counts = _by_frequency(
        _BY[one.by] + (_FRESH if one.fresh else "")
        for one in result.suppressed
        if one.by is not SuppressedBy.TESTS
        and (one.by is not SuppressedBy.SEVERITY or one.finding.severity > Severity.INFO)
    )
    parts = (f"{number:,} {name}" for name, number in counts.items())
    lines = [f"suppressed: {', '.join(parts)}"] if counts else []
    lines += [tests] if (tests := tests_words(result)) else []
    excluded = [one.fresh for one in result.skipped if one.reason is SkipReason.EXCLUDED]
    if excluded:
        change = ", which this change touches" if any(excluded) else ""
        lines.append(f"not scanned: {count(len(excluded), 'file')} that the settings exclude{change}")
    return "; ".join(lines)


def what_was_read(stats: ScanStats) -> str:
    """`1,234 blobs, 12.3 MiB, in 0.42 s`."""
    return f"{count(stats.blobs, 'blob')}, {size(stats.bytes)}, in {stats.seconds:.2f} s"


def how_it_was_read(stats: ScanStats) -> str:
    """`210 rules, hyperscan engine, 1,000 objects known from the cache`."""
    parts = [count(stats.rules, "rule")] if stats.rules else []
    if stats.engine:
        parts.append(f"{stats.engine} engine")
    if stats.cached_objects:
        parts.append(f"{count(stats.cached_objects, 'object')} known from the cache")
    return ", ".join(parts)


def suppression(item: Suppressed) -> str:
    """One suppressed finding in a line: where, what, who said so and why."""
    finding = item.finding
    where = place(finding.locations[0]) if finding.locations else "(no place)"
    reason = f": {visible(item.reason)}" if item.reason else ""
    return f"{where}  {visible(finding.title)} ({item.by.value}{reason})"


def skip_line(item: Skipped) -> str:
    """One skipped thing in a line: where and why."""
    detail = f" ({visible(item.detail)})" if item.detail else ""
    return f"{visible(item.path) or '(no name)'}  {item.reason.value}{detail}"


def in_history(finding: Finding) -> bool:
    """Whether git's history holds the finding, so that deleting the line is not enough."""
    return any(location.provenance is not None for location in finding.locations)


def next_steps(result: ScanResult) -> list[str]:
    """What to do about the findings, in the order that ends the exposure soonest."""
    if not result.findings:
        return []
    historic = any(in_history(finding) for finding in result.findings)
    return [_ROTATE, _REPLACE, _REWRITE] if historic else [_ROTATE, _REPLACE]


def _by_frequency(names: Iterable[str]) -> dict[str, int]:
    counts = _tally(names)
    return {name: counts[name] for name in sorted(counts, key=lambda name: (-counts[name], name))}


def _tally(kinds: Iterable[_Kind]) -> dict[_Kind, int]:
    counts: dict[_Kind, int] = {}
    for kind in kinds:
        counts[kind] = counts.get(kind, 0) + 1
    return counts
