"""The facts of an incident as reports have them: plain texts and numbers, no value, fit to be shown."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ExposureFacts:
    """How long a secret was exposed: from the first commit with it until it was worthless.

    `until` is empty while it may still work; `days` is None then, and where a date is none.
    """

    first_commit: str
    since: str
    author: str
    until: str
    days: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptanceFacts:
    """Who has accepted it, why and until when. One without a reason does not `hold`."""

    reason: str
    owner: str
    expires: str
    holds: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NextFacts:
    """What is to be done next, and the command; both empty where nothing is."""

    step: str
    command: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretFacts:
    """One exposed secret. `kind` is `value`, or `file` for a finding about a file as such.

    `in_history` tells whether the history holds it now, `at_tip` whether a branch or tag still shows it.
    `gates` tells that `--check` fails for it.
    """

    id: str
    kind: str
    state: str
    rule: str
    title: str
    severity: str
    place: str
    places: int
    paths: tuple[str, ...]
    exposure: ExposureFacts
    in_history: bool
    at_tip: bool
    rotated: str
    rotated_how: str
    sinks: str
    purged: str
    proved: str
    acceptance: AcceptanceFacts | None
    came_back: bool
    gates: bool
    next: NextFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFacts:
    """Something that happened, with the id of the secret that it happened to."""

    at: str
    what: str
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFacts:
    """What somebody has to do; `command` is empty where no command does it."""

    who: str
    what: str
    command: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnfinishedFacts:
    """A command that has stopped half-way, or runs."""

    what: str
    running: bool
    command: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentFacts:
    """An incident. `looked_at` says what was looked at, `unreachable` what cannot be known from here.

    `counts` has the number of secrets by state, `gating` of those for which `--check` fails. `complete`
    tells that all of the history was there. `notes` are further sentences for the reader.
    """

    repository: str
    looked_at: str
    complete: bool
    limits: tuple[str, ...]
    counts: dict[str, int]
    gating: int
    secrets: tuple[SecretFacts, ...]
    unfinished: tuple[UnfinishedFacts, ...] = ()
    timeline: tuple[EventFacts, ...] = ()
    tasks: tuple[TaskFacts, ...] = ()
    unreachable: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    remote: str = ""
    rewritten: bool = False
