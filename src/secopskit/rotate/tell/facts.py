"""The facts of a rotation as reports have them: plain texts and numbers, no value."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderFacts:
    """A place that reads a credential. `by_hand` tells that nobody but a person changes it.

    `mention` tells that it does no more than name it, in a document, a template, a report or the like.
    """

    place: str
    key: str
    kind: str
    link: str
    by_hand: bool
    mention: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteFacts:
    """A declared name that gets a new value."""

    environment: str
    name: str
    source: str
    written: bool
    sinks: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StepFacts:
    """What each step will do, in sentences."""

    create: str = ""
    verify: str = ""
    drain: str = ""
    revoke: str = ""
    strength: str = ""
    costs: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFacts:
    """A finding. `dies` tells that its value is worthless when the old one is revoked."""

    id: str
    rule: str
    title: str
    place: str
    dies: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedFacts:
    """The rotation of one credential, planned. `unread` are files that may read it: nobody has looked."""

    id: str
    provider: str
    phase: str
    rule: str
    has_old_value: bool
    steps: StepFacts
    findings: tuple[FoundFacts, ...]
    writes: tuple[WriteFacts, ...]
    edits: tuple[str, ...]
    to_file: str
    readers: tuple[ReaderFacts, ...]
    unread: tuple[str, ...]
    problem: str
    advice: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RotationPlanFacts:
    """A plan."""

    rotations: tuple[PlannedFacts, ...]
    not_found: tuple[FoundFacts, ...]
    notes: tuple[str, ...]
    saved: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordFacts:
    """How far the rotation of one credential has come. Times are ISO 8601, by step."""

    id: str
    provider: str
    step: str
    ended: bool
    times: dict[str, str]
    told: tuple[str, ...]
    problem: str
    advice: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RotationOutcomeFacts:
    """What became of a rotation."""

    rotations: tuple[RecordFacts, ...]
    blocked: tuple[PlannedFacts, ...]
    code: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RotationResultFacts:
    """What became of a command, in a sentence."""

    result: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RotationStatusFacts:
    """How things stand. `state` is none, planned, unfinished or running."""

    state: str
    started: str
    rotations: tuple[RecordFacts, ...]
    last: tuple[RecordFacts, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingFacts:
    """A setting of a provider."""

    name: str
    kind: str
    default: str
    help: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderFacts:
    """A provider, and how many rules lead to it."""

    name: str
    phase: str
    summary: str
    settings: tuple[SettingFacts, ...]
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvidersFacts:
    """All providers, and which one a rule leads to, if one was asked for."""

    providers: tuple[ProviderFacts, ...]
    in_full: bool = False
    rule: str = ""
    provider: str = ""
