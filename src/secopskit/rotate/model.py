"""The nouns of a rotation: which credential, by whom, who reads it, and how far it has come."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from os.path import normpath

from secopskit.named_tuple import NamedTuple
from secopskit.provider.interface import Credential, Outline, RotationPhase
from secopskit.secret import SecretValue


class RotationStep(Enum):
    """The step that the rotation of one credential has come to. The value is what reports print."""

    PLANNED = "planned"
    DRAFTED = "drafted"  # names and value are decided and safe; the vendor may have been told already
    CREATED = "created"
    VERIFIED = "verified"
    PUBLISHED = "published"
    DRAINED = "drained"
    REVOKING = "revoking"  # the old value may be dead: there is no way back from here
    REVOKED = "revoked"
    DONE = "done"
    ROLLING_BACK = "rolling-back"
    ROLLED_BACK = "rolled-back"
    COVERED = "covered"  # another credential's rotation has changed this value, too
    LEFT = "left"

    @property
    def ended(self) -> bool:
        """Whether nothing more will be done."""
        return self in _ENDED

    @property
    def reversible(self) -> bool:
        """Whether a rollback may begin, or go on."""
        return self in _REVERSIBLE


_ENDED = frozenset({RotationStep.DONE, RotationStep.ROLLED_BACK, RotationStep.COVERED, RotationStep.LEFT})
_REVERSIBLE = frozenset(
    {
        RotationStep.DRAFTED,
        RotationStep.CREATED,
        RotationStep.VERIFIED,
        RotationStep.PUBLISHED,
        RotationStep.DRAINED,
        RotationStep.ROLLING_BACK,
    }
)


class ReaderKind(Enum):
    """What kind of file reads a credential."""

    DOTENV = "dotenv file"
    COMPOSE = "compose file"
    WORKFLOW = "workflow"
    CONFIG = "configuration"
    REPORT = "report"
    TEXT = "other file"


class ReaderLink(Enum):
    """How a file reads a credential."""

    EQUALS = "is the value"
    CONTAINS = "contains the value"
    NAMES = "refers to the name"


class Reader(NamedTuple):
    """A place that reads a credential and breaks with its old value. `path` is relative, `line` 1-based."""

    path: str
    line: int
    key: str
    kind: ReaderKind
    link: ReaderLink


class UnreadFile(NamedTuple):
    """A file, or a directory, that was not looked into for readers, and the reason in words."""

    path: str
    reason: str

    @property
    def words(self) -> str:
        """Both, as a part of a sentence."""
        return f"{self.path} ({self.reason})"


class FindingNote(NamedTuple):
    """A finding that led to a rotation: its id, its rule, its keyed fingerprint and where it stands.

    `dies` tells that its value is worthless when the old one is revoked: then that goes on record.
    """

    id: str
    rule_id: str
    title: str
    fingerprint: str
    place: str
    dies: bool = True


class LostFinding(NamedTuple):
    """A finding of a report whose value could not be found again: it cannot be rotated from the report."""

    id: str
    rule_id: str
    title: str
    place: str


class PlannedWrite(NamedTuple):
    """A declared name that gets a new value. `origin` is where it comes from, in words, empty for nowhere.

    `key` is its name there, `writable` tells whether we write there; `sinks` are where it is published, in
    words, and `files` those of them that are dotenv files, relative to the top.
    """

    environment: str
    name: str
    origin: str
    key: str
    writable: bool
    sinks: tuple[str, ...]
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedRotation:
    """The rotation of one credential, as it is planned.

    `fingerprint` is that of the value until now, empty where it is not at hand. `edits` are files that
    we were told to edit, `edited` the keys in them that change: (file, key). `unread` may have the value,
    too: nobody has looked. `problem` says why it cannot be carried out, `advice` what to do then;
    `misdeclared` that its declaration is wrong.
    """

    id: str
    name: str
    environment: str
    provider: str
    rule_id: str
    phase: RotationPhase
    fingerprint: str
    outline: Outline | None
    findings: tuple[FindingNote, ...] = ()
    readers: tuple[Reader, ...] = ()
    unread: tuple[UnreadFile, ...] = ()
    writes: tuple[PlannedWrite, ...] = ()
    edits: tuple[str, ...] = ()
    edited: tuple[tuple[str, str], ...] = ()
    to_file: str = ""
    problem: str = ""
    advice: str = ""
    misdeclared: bool = False
    notes: tuple[str, ...] = ()

    @property
    def blocked(self) -> bool:
        """Whether it cannot be carried out as things stand."""
        return bool(self.problem)

    @property
    def by_hand(self) -> tuple[Reader, ...]:
        """The readers that have the value and that nobody but a person can change."""
        ours = {(normpath(write.origin), write.key) for write in self.writes if write.writable}
        ours |= {(normpath(file), write.name) for write in self.writes for file in write.files}
        ours |= {(normpath(file), key) for file, key in self.edited}
        changed = set(map(normpath, self.outline.edits if self.outline else ()))
        return tuple(
            reader
            for reader in self.readers
            if reader.link is not ReaderLink.NAMES
            and (normpath(reader.path), reader.key) not in ours
            and normpath(reader.path) not in changed
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RotationPlan:
    """What is to be rotated. `lost` are findings without a value; `notes` say what is not known."""

    rotations: tuple[PlannedRotation, ...]
    lost: tuple[LostFinding, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """See `conduct.plan.ChangePlan`."""
        return not self.rotations

    @property
    def names(self) -> tuple[tuple[str, str, str], ...]:
        """What two plans for the same work have in common: credentials, providers and old values."""
        return tuple((one.id, one.provider, one.fingerprint) for one in self.rotations if not one.blocked)


class ChosenCredential(NamedTuple):
    """A credential that was chosen, with its value if that is at hand, and why.

    `values` are those of the findings, in their order; they may be a part of the old value. `problem` and
    `advice` say what its provider lacks, `misdeclared` that its declaration is wrong.
    """

    credential: Credential
    findings: tuple[FindingNote, ...] = ()
    values: tuple[SecretValue, ...] = ()
    problem: str = ""
    advice: str = ""
    misdeclared: bool = False
    notes: tuple[str, ...] = ()
