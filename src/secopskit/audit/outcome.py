"""What an audit comes to: what is reported, in its order, and what is not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum

from secopskit.audit.live.model import LiveFacts
from secopskit.audit.model import Mismatch, MismatchRule
from secopskit.collect.facts import ProjectFacts
from secopskit.findings import Severity, SuppressedBy
from secopskit.named_tuple import NamedTuple


class Priority(IntEnum):
    """How soon it should be seen to. Its order is that of reports."""

    P1 = 1
    P2 = 2
    P3 = 3
    P4 = 4

    @property
    def title(self) -> str:
        """What it asks for."""
        return _PRIORITIES[self][0]

    @property
    def meaning(self) -> str:
        """What belongs to it."""
        return _PRIORITIES[self][1]


_PRIORITIES: Mapping[Priority, tuple[str, str]] = {
    Priority.P1: ("now", "leaks or is open as it stands"),
    Priority.P2: ("soon", "fails with the next deployment, or leaks to who looks"),
    Priority.P3: ("next", "misleads, and fails once somebody relies on it"),
    Priority.P4: ("later", "hardening, documents, development only"),
}


class RankedLine(NamedTuple):
    """A line of a report: one mismatch, or several of a rule that are told together.

    `severity` is the worst of theirs. `stack` is the stack that a folded line is about, empty for a project.
    """

    priority: Priority
    severity: Severity
    rule: MismatchRule
    mismatches: tuple[Mismatch, ...]
    folded: bool = False
    stack: str = ""

    @property
    def development(self) -> bool:
        """Whether it concerns development only."""
        return self.mismatches[0].development


class HeldBack(NamedTuple):
    """A mismatch that is not reported: by what, and who says so why."""

    mismatch: Mismatch
    rule: MismatchRule
    by: SuppressedBy
    reason: str = ""
    owner: str = ""


class AcceptedMismatch(NamedTuple):
    """An entry of a baseline: a mismatch that somebody has looked at. `id` is the mismatch's."""

    id: str
    rule: str
    subject: str
    stack: str
    file: str
    reason: str = ""
    owner: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditOutcome:
    """An audit of a project.

    `lines` are in the order of their urgency. `stale` are entries of the baseline that accept nothing any
    more. `asked` counts the rules that judged. `limits` say what could not be looked at, the facts' own
    and those of their stacks among them. `unspoken` are the rules that could not say all, for want of an
    answer.
    """

    name: str
    facts: ProjectFacts
    live: LiveFacts | None = None
    lines: tuple[RankedLine, ...] = ()
    held_back: tuple[HeldBack, ...] = ()
    stale: tuple[AcceptedMismatch, ...] = ()
    asked: int = 0
    limits: tuple[str, ...] = ()
    unspoken: frozenset[str] = frozenset()

    @property
    def empty_handed(self) -> bool:
        """Whether no file has anything that could be held against another. Silence says nothing then."""
        return not has_subjects(self.facts)

    @property
    def unanswered(self) -> int:
        """How many questions were asked in vain outside of the files. With one, silence says nothing."""
        return 0 if self.live is None else len(self.live.unanswered)

    @property
    def mismatches(self) -> Iterator[tuple[RankedLine, Mismatch]]:
        """All that is reported, each beside its line."""
        return ((line, mismatch) for line in self.lines for mismatch in line.mismatches)

    def count(self, priority: Priority) -> int:
        """How many mismatches are that urgent."""
        return sum(len(line.mismatches) for line in self.lines if line.priority is priority)

    @property
    def total(self) -> int:
        """How many mismatches are reported."""
        return sum(len(line.mismatches) for line in self.lines)


def has_subjects(facts: ProjectFacts) -> bool:
    """Whether there is anything that rules hold against something else."""
    return bool(facts.uses or facts.settings or facts.stacks or facts.dockerfiles or facts.jobs)
