"""What several forms say with the same words. All of it went through `visible`; escaping is the form's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final

from secopskit.audit.outcome import AuditOutcome, HeldBack, Priority, RankedLine
from secopskit.audit.picture.databases import databases_of
from secopskit.audit.picture.find import stack_groups
from secopskit.collect.facts import FactPlace, FileRole
from secopskit.report.text import count, listed, visible

SUBJECTS_SHOWN: Final = 8
"""How many names a folded line shows."""


def place_of(place: FactPlace) -> str:
    """`path:line`, as terminals and editors make clickable; the path alone for a file as a whole."""
    return f"{visible(place.path)}:{place.line}" if place.line > 0 else visible(place.path)


def several_stacks(lines: Iterable[RankedLine]) -> bool:
    """Whether it needs to be said which stack a line is about."""
    return len({line.stack for line in lines if line.stack}) > 1


def headline(line: RankedLine, *, stacks: bool = True) -> str:
    """What a line is about: the rule and the subject, or how many there are; with `stacks`, in which."""
    stack = f" in {visible(line.stack)}" if line.stack and stacks else ""
    if line.folded:
        return f"{visible(line.rule.title)}: {len(line.mismatches):,}{stack}"
    return f"{visible(line.rule.title)}: {visible(line.mismatches[0].subject)}{stack}"


def to_do(lines: Iterable[RankedLine]) -> list[str]:
    """The lines of a step of the plan: those of a rule and a priority are one, with all their subjects."""
    found: dict[tuple[Priority, str, bool], list[RankedLine]] = {}
    for line in lines:
        found.setdefault((line.priority, line.rule.title, line.development), []).append(line)
    told = []
    for (priority, title, development), group in found.items():
        names = list(dict.fromkeys(visible(one.subject) for line in group for one in line.mismatches))
        why = " (development only)" if development else ""
        told.append(f"{priority.name} {visible(title)}: {listed(names, SUBJECTS_SHOWN)}{why}")
    return told


def subjects(line: RankedLine, few: int | None = SUBJECTS_SHOWN) -> str:
    """The subjects of a line: `A, B and 12 more`."""
    names = list(dict.fromkeys(visible(one.subject) for one in line.mismatches))
    return listed(names, few)


def stale_entries(outcome: AuditOutcome) -> str:
    """How many entries of the baseline accept nothing any more."""
    return f"{count(len(outcome.stale), 'entry', 'entries')} of the baseline no longer met"


def what_was_seen(outcome: AuditOutcome) -> str:
    """`45 files, 3 stacks with 12 services, 4 workflow jobs, 130 variables`."""
    return ", ".join([*_read(outcome), count(outcome.asked, "rule")])


def _read(outcome: AuditOutcome) -> list[str]:
    """What was read, each with its number. A stack with its overlays is one, as it is drawn."""
    facts = outcome.facts
    stacks = stack_groups(facts)
    services = sum(len(stack.services) for stack in stacks)
    names = {use.name for use in facts.uses if use.role is FileRole.PRODUCT}
    names |= {setting.name for setting in facts.settings if setting.role is FileRole.PRODUCT}
    parts = [count(len(facts.paths), "file")]
    if stacks:
        parts.append(f"{count(len(stacks), 'stack')} with {count(services, 'service')}")
    if facts.jobs:
        parts.append(count(len(facts.jobs), "workflow job"))
    return [*parts, count(len(names), "variable")]


def summary(outcome: AuditOutcome) -> str:
    """The whole in a paragraph: what was read, what was found, what to look at first."""
    rows = databases_of(outcome.facts)
    told = [f"secops read {', '.join(_read(outcome))}, and held {count(outcome.asked, 'rule')} against them."]
    if rows:
        outside = sum(row.outside for row in rows)
        elsewhere = f", {outside} of them outside of what these files define" if outside else ""
        told.append(f"{count(len(rows), 'database')}{elsewhere}.")
    if not outcome.total:
        return " ".join([*told, _nothing(outcome)])
    told.append(f"{count(outcome.total, 'mismatch', 'mismatches')}: {by_priority(outcome)}.")
    first = outcome.lines[0]
    told.append(f"The first to see to: {headline(first, stacks=several_stacks(outcome.lines))}.")
    if outcome.held_back:
        told.append(f"{count(len(outcome.held_back), 'other is', 'others are')} known and not reported.")
    return " ".join(told)


def _nothing(outcome: AuditOutcome) -> str:
    if outcome.empty_handed:
        return "Nothing in it could be held against anything."
    if outcome.unanswered:
        number = count(outcome.unanswered, "question was", "questions were")
        return f"No mismatches in what answered; {number} asked in vain."
    known = count(len(outcome.held_back), "known mismatch is", "known mismatches are")
    rest = f"No new mismatch; {known} not reported" if outcome.held_back else "All of it agrees"
    return f"{rest}, as far as it was looked at."


def by_priority(outcome: AuditOutcome) -> str:
    """`2 now (P1), 5 soon (P2)`; what there is none of is left out."""
    counts = ((priority, outcome.count(priority)) for priority in Priority)
    return ", ".join(f"{number:,} {each.title} ({each.name})" for each, number in counts if number)


def not_read(outcome: AuditOutcome) -> dict[str, int]:
    """How many files were not read for each reason, most frequent first."""
    return _counted(item.reason.value for item in outcome.facts.skipped)


def held_back(outcome: AuditOutcome) -> dict[str, int]:
    """How many mismatches were held back by what, most frequent first."""
    return _counted(item.by.value for item in outcome.held_back)


def unnamed(outcome: AuditOutcome) -> str:
    """How many lookups compute the name, so that nobody knows which variables they read; else empty."""
    lookups = [one for one in outcome.facts.dynamic if one.role is FileRole.PRODUCT and not one.relaxed]
    if not lookups:
        return ""
    files = listed(list(dict.fromkeys(place_of(one.place) for one in lookups)), 3)
    what = "it reads" if len(lookups) == 1 else "they read"
    return f"{count(len(lookups), 'lookup')} of a computed name ({files}): what {what} is not known"


def overridable(outcome: AuditOutcome) -> str:
    """How many properties a variable of their name overrides, though settings files hold them; else empty."""
    lookups = [one for one in outcome.facts.dynamic if one.role is FileRole.PRODUCT and one.relaxed]
    if not lookups:
        return ""
    return (
        f"{count(len(lookups), 'property', 'properties')} of settings files may also come from a variable of "
        "the same name (relaxed binding): such variables are not judged"
    )


def limits(outcome: AuditOutcome) -> tuple[str, ...]:
    """All that could not be looked at, a sentence each."""
    told = (*map(visible, outcome.limits), unnamed(outcome), overridable(outcome))
    return tuple(filter(None, told))


def held_line(held: HeldBack) -> str:
    """One mismatch that is held back, in a line: where, what, by what and why."""
    mismatch = held.mismatch
    who = f", {visible(held.owner)}" if held.owner else ""
    why = f": {visible(held.reason)}" if held.reason else ""
    where = place_of(mismatch.evidence[0].place)
    return f"{where}  {visible(held.rule.title)}: {visible(mismatch.subject)} ({held.by.value}{who}{why})"


def _counted(names: Iterable[str]) -> dict[str, int]:
    counts = Counter(names)
    return {name: counts[name] for name in sorted(counts, key=lambda name: (-counts[name], name))}
