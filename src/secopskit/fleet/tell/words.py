"""Words about a run that all forms for people share."""

from __future__ import annotations

from typing import Final

from secopskit.findings import Severity
from secopskit.fleet.tell.facts import FleetFacts, FleetPlace, FleetSecret
from secopskit.report.text import count, visible

SEVERITIES: Final = tuple(one.label for one in sorted(Severity, reverse=True))
"""Their words, the worst first."""
_STATES: Final = ("scanned", "unchanged", "failed", "set aside", "waiting")


def headline(facts: FleetFacts) -> str:
    """What was found, and whether everything was looked into."""
    found = count(facts.total, "secret") if facts.total else "No secrets"
    where = count(len(facts.repositories), "repository", "repositories")
    words = f"{found} in {where}"
    if facts.complete:
        return words
    unseen = sum(not one.seen for one in facts.repositories)
    if not unseen:
        return f"{words}; the list is not complete"
    return f"{words}, of which {unseen:,} {'was' if unseen == 1 else 'were'} not looked into"


def states(facts: FleetFacts) -> str:
    """`180 scanned, 18 unchanged, 2 failed`."""
    parts = [f"{facts.states[name]:,} {name}" for name in _STATES if facts.states.get(name)]
    return ", ".join(parts) or "none"


def severities(facts: FleetFacts) -> str:
    """`2 critical, 10 high`."""
    return ", ".join(f"{number:,} {label}" for label, number in facts.by_severity.items()) or "none"


def changes(facts: FleetFacts) -> str:
    """What is different from earlier runs."""
    perhaps = f", {facts.gone_perhaps:,} not found again where not all was read" if facts.gone_perhaps else ""
    return f"{facts.new:,} new, {facts.gone:,} no longer found{perhaps}"


def moment(time: str) -> str:
    """A time of the store for a reader: `2026-11-28 11:20 UTC`."""
    return f"{time[:10]} {time[11:16]} UTC" if "T" in time else time


def when(facts: FleetFacts) -> str:
    """When the run was."""
    started = moment(facts.started)
    return (
        f"{started} to {moment(facts.ended)}"
        if "T" in facts.ended
        else f"{started}, {facts.ended or 'not ended'}"
    )


def standing(one: FleetSecret) -> str:
    """Whether a secret is still there."""
    if one.in_head:
        return "still in the default branch"
    if one.in_head is None:
        return "perhaps still in the default branch, where not all was read"
    return "still in a branch or tag" if one.present else "only in history"


def place(one: FleetPlace) -> str:
    """The repository, the path and the line of a place."""
    where = f"{visible(one.path)}:{one.line}" if one.path else "(no name)"
    return f"{visible(one.repository)}: {where}"


def spread(one: FleetSecret) -> str:
    """In how many repositories and places a secret stands."""
    where = count(len(one.places), "place")
    return f"{where} in {count(len(one.repositories), 'repository', 'repositories')}"
