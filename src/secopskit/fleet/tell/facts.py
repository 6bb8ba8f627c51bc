"""The facts of a run: each secret once, with every place in every repository; and what was not read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetPlace:
    """A place of a secret. Times are ISO 8601, empty where nobody knows; `since` is when it entered.

    `present`: the tip of a ref still holds it.
    """

    repository: str
    path: str
    line: int
    column: int
    commit: str
    author: str
    since: str
    until: str
    present: bool
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetHolder:
    """A repository that has a secret: whether it is new there, in the default branch there, and whose it is.

    As in `FleetSecret`, of this repository alone.
    """

    repository: str
    new: bool
    in_head: bool | None
    owners: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetSecret:
    """A secret, or a place that should not be: one finding, in however many repositories.

    `new`: in at least one of them no earlier run had seen it. `first_seen` is when a run first saw it.
    `since` is when it entered the first repository, as far as commits tell. `present`: the tip of a ref still
    holds it. `in_head`: a default branch does; None where nobody knows, as what is there was not read.
    `holders` say for each repository what `new`, `in_head` and `owners` say for all of them.
    """

    id: str
    rule_id: str
    title: str
    severity: str
    confidence: str
    fingerprint: str
    preview: str
    note: str
    remediation: str
    references: tuple[str, ...]
    new: bool
    first_seen: str
    since: str
    present: bool
    in_head: bool | None
    owners: tuple[str, ...]
    repositories: tuple[str, ...]
    holders: tuple[FleetHolder, ...]
    places: tuple[FleetPlace, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetMember:
    """A repository of the run. `state` is scanned, unchanged, failed, set aside or waiting.

    `reason` says why it was not looked into. `limits` are sentences on what could not be seen in it;
    `skipped_for` and `suppressed` count what was passed over and held back, `unread` what nobody has read.
    """

    name: str
    state: str
    reason: str
    advice: str
    scanned_at: str
    seconds: float
    visibility: str
    archived: bool
    fork: bool
    secrets: int
    new: int
    worst: str
    blobs: int
    bytes: int
    unread: int
    limits: tuple[str, ...]
    skipped_for: dict[str, int]
    suppressed: dict[str, int]

    @property
    def seen(self) -> bool:
        """Whether there is a result."""
        return self.state in ("scanned", "unchanged")


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetFacts:
    """A run. `complete`: all repositories are listed, and each has a result.

    `filtered` says in words which of its secrets are told, empty for all; `total` is how many there are, and
    `hidden` how many are left out for the length of the report.
    `gone` counts those that an earlier run had seen and this one has not, in repositories that it has read;
    `gone_perhaps` those in repositories of which it has not read all. What is held back is neither.
    """

    run: int
    selection: str
    started: str
    ended: str
    complete: bool
    notes: tuple[str, ...]
    states: dict[str, int]
    by_severity: dict[str, int]
    total: int
    new: int
    gone: int
    gone_perhaps: int
    filtered: str
    hidden: int
    repositories: tuple[FleetMember, ...]
    secrets: tuple[FleetSecret, ...]
