"""The nouns of an incident: the secrets that were exposed, what is known of each, how far each has come."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from secopskit.named_tuple import NamedTuple


class IncidentState(Enum):
    """The state of an exposed secret, from bad to good. The value is what reports print."""

    FOUND = "found"
    """Nothing is known to have been done."""
    ACCEPTED = "accepted"
    """It works, and somebody has said why it may stay."""
    ROTATED = "rotated"
    """It opens nothing any more; places that it was published to may still hand it out."""
    SYNCED = "synced"
    """Every declared place has its successor."""
    PURGED = "purged"
    """It is gone from this history."""
    VERIFIED = "verified"
    """A look that named it found nothing of it here."""
    CLOSED = "closed"
    """Nothing is left to do that can be done from here."""

    @property
    def rank(self) -> int:
        """How far it is: more evidence never makes it less."""
        return _ORDER.index(self)

    @property
    def settled(self) -> bool:
        """Whether nothing has to be done now."""
        return self in {IncidentState.ACCEPTED, IncidentState.CLOSED}


_ORDER: Final = tuple(IncidentState)


class SinkState(Enum):
    """Whether the places that a secret is published to have its successor; the value is for reports."""

    NONE = "no place declared"
    FOLLOWED = "all have its successor"
    BEHIND = "some still have it"
    UNKNOWN = "not on record"


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentEvidence:
    """What is known of one exposed secret, by whoever could know it.

    `value` is False for a finding about a file rather than a value: there is nothing to rotate. `found`
    tells that the history holds it now, `complete` that all of the history was there to be read.
    `accepted` is an acceptance with a reason that holds today. `dead` is a rotation on record or a
    revocation that somebody has confirmed, and `on_record` that this clone's own records say so, which is
    what a purge goes by. `purged`: a purge took it out, or somebody has confirmed that
    another tool did. `proved`: a look that named it, after that, found nothing. `unpushed`: a remote still
    waits for the new history. `returned`: objects that a purge removed exist again.
    """

    value: bool = True
    found: bool = True
    complete: bool = False
    accepted: bool = False
    dead: bool = False
    on_record: bool = True
    sinks: SinkState = SinkState.UNKNOWN
    purged: bool = False
    proved: bool = False
    unpushed: bool = True
    returned: bool = False


class Acceptance(NamedTuple):
    """What a baseline says of a finding. `expires` is the last day it holds, as ISO 8601; empty for never."""

    reason: str
    owner: str
    expires: str
    expired: bool

    @property
    def holds(self) -> bool:
        """Whether it counts: an acceptance without a reason is none."""
        return bool(self.reason.strip()) and not self.expired


class Revocation(NamedTuple):
    """Somebody's word on a secret, as that it was revoked where it was issued: when, and who said so."""

    at: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExposedSecret:
    """An exposed secret as it is remembered from the first look on, when no scan finds it any more.

    `place` is `path:line` of the first place, `places` the number of them, `paths` the files; no value
    stands in any. Dates of commits are as the commits claim them, all other times are ours, in ISO 8601.
    `credential` is what a rotation called it, `digest` its slow digest in the record that may be committed.
    `gone` is the first look that did not find it any more,
    `reopened` are the looks that then did. `states` says when each state was first seen. `objects` are ids
    of objects that held it: while one is there, so is the secret, whatever a scan is told to leave out.
    `dismissed` is somebody's word that it is no secret at all.
    """

    fingerprint: str
    rule_id: str
    title: str
    severity: str
    place: str
    value: bool = True
    places: int = 1
    paths: tuple[str, ...] = ()
    first_commit: str = ""
    first_date: str = ""
    author: str = ""
    last_commit: str = ""
    last_date: str = ""
    first_seen: str = ""
    credential: str = ""
    digest: str = ""
    synced: str = ""
    revoked: Revocation | None = None
    removed: Revocation | None = None
    gone: str = ""
    reopened: tuple[str, ...] = ()
    states: dict[str, str] = field(default_factory=dict)
    objects: tuple[str, ...] = ()
    dismissed: Revocation | None = None

    @property
    def id(self) -> str:
        """The id of the finding, as every command knows it."""
        return self.fingerprint[:12]


class NextStep(NamedTuple):
    """What is to be done next: in words, by which command (empty where no command does it), and by whom."""

    words: str
    command: str = ""
    who: str = "you"


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentRow:
    """One exposed secret, how far it has come, and why. Times are empty for what has not been.

    `held` tells that the history has it, and that settings, a comment or an ignore file keep a scan from
    reporting it.
    """

    secret: ExposedSecret
    evidence: IncidentEvidence
    state: IncidentState
    next: NextStep
    acceptance: Acceptance | None = None
    present: bool = False
    rotated: str = ""
    rotated_how: str = ""
    purged: str = ""
    proved: str = ""
    came_back: bool = False
    held: bool = False

    @property
    def open(self) -> bool:
        """Whether a merge has to wait: it may still work, or has come back after it was taken out."""
        return self.evidence.value and (self.state is IncidentState.FOUND or self.came_back)


class UnfinishedWork(NamedTuple):
    """A command that has stopped half-way, or runs, and the command that goes on with it."""

    what: str
    running: bool
    command: str
