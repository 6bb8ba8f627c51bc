"""The nouns of an audit: levels, what they hold, findings, and what was looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from secopskit.named_tuple import NamedTuple


class LevelKind(Enum):
    """Where a secret or a variable is kept. Of those that a job sees the first that has a name wins."""

    ENVIRONMENT = "environment"
    REPOSITORY = "repository"
    ORGANISATION = "organisation"
    DEPENDABOT = "Dependabot"


class Level(NamedTuple):
    """A level. `name` is that of an environment, as it is spelled where it is kept."""

    kind: LevelKind
    name: str = ""

    def __str__(self) -> str:
        return f"{self.kind.value} {self.name}" if self.name else self.kind.value


REPOSITORY = Level(LevelKind.REPOSITORY)
ORGANISATION = Level(LevelKind.ORGANISATION)
DEPENDABOT = Level(LevelKind.DEPENDABOT)


class Presence(Enum):
    """Whether a level has a name."""

    THERE = "there"
    ABSENT = "absent"
    UNSEEN = "unseen"
    """The level could not be listed."""


class Shelf(NamedTuple):
    """The secrets or (`variables`) the variables of a level."""

    level: Level
    variables: bool

    def __str__(self) -> str:
        return f"{'variables' if self.variables else 'secrets'} of {self.level}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditInventory:
    """What exists, or what is declared: names alone, in upper case, by shelf.

    `source` says whose word it is. `live` tells that the host was asked. `unlisted` says why a shelf is
    not known; `environments_unlisted` why it is not known which environments there are.
    """

    source: str
    live: bool
    names: Mapping[Shelf, frozenset[str]] = field(default_factory=dict)
    unlisted: Mapping[Shelf, str] = field(default_factory=dict)
    environments_unlisted: str = ""

    def environment(self, name: str) -> Level:
        """The level of an environment. Names of environments do not differ by case."""
        known = {level.name.lower(): level for level in self.environments()}
        return known.get(name.lower(), Level(LevelKind.ENVIRONMENT, name))

    def environments(self) -> tuple[Level, ...]:
        """The environments that there are."""
        shelves = (*self.names, *self.unlisted)
        return tuple(
            dict.fromkeys(shelf.level for shelf in shelves if shelf.level.kind is LevelKind.ENVIRONMENT)
        )

    def presence(self, level: Level, name: str, *, variable: bool) -> Presence:
        """Whether the level has `name` (upper case)."""
        shelf = Shelf(level, variable)
        if name in self.names.get(shelf, ()):
            return Presence.THERE
        if shelf in self.unlisted:
            return Presence.UNSEEN
        unknown = level.kind is LevelKind.ENVIRONMENT and shelf not in self.names
        return Presence.UNSEEN if unknown and self.environments_unlisted else Presence.ABSENT

    def levels_with(self, name: str, *, variable: bool) -> tuple[Level, ...]:
        """The levels that have `name`."""
        return tuple(
            shelf.level
            for shelf, names in self.names.items()
            if shelf.variables == variable and name in names
        )


class AuditKind(Enum):
    """What is wrong. The value is what reports print."""

    MISSING = "missing"
    """Used, and not at any level that the job sees."""
    MISPLACED = "misplaced"
    """At a level, of a kind or in a place where it does not belong."""
    UNUSED = "unused"
    """There, and no workflow uses it."""
    SHADOWED = "shadowed"
    """At several levels: one of them wins."""
    UNKNOWN = "unknown"
    """Not to be known from here, so neither right nor wrong."""


class AuditSeverity(Enum):
    """How bad it is: an error fails the audit, a warning a strict one, a notice none."""

    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"


class AuditPlace(NamedTuple):
    """A place in a file of the work tree; `line` is 1-based."""

    path: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFinding:
    """One finding. `subject` names what it is about, `levels` where that is kept.

    `message` is a sentence about what is, `advice` one about what to do. `places` are where it is used,
    none where no file names it.
    """

    kind: AuditKind
    severity: AuditSeverity
    subject: str
    message: str
    advice: str
    levels: tuple[Level, ...] = ()
    places: tuple[AuditPlace, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditReport:
    """What was looked at and what was found.

    `names` counts the different names that are looked up, `references` the places where that is done.
    `remarks` are sentences about what no audit of this kind can see.
    """

    inventory: AuditInventory
    workflows: int
    actions: int
    references: int
    names: int
    findings: tuple[AuditFinding, ...]
    remarks: tuple[str, ...] = ()

    def count(self, severity: AuditSeverity) -> int:
        """How many findings are that bad."""
        return sum(finding.severity is severity for finding in self.findings)
