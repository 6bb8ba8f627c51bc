"""The nouns of an audit: a mismatch, its evidence and its rule."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from enum import Enum

from secopskit.collect.facts import FactPlace, ProjectFacts
from secopskit.findings import Severity
from secopskit.named_tuple import NamedTuple
from secopskit.secret import plain_digest

_ID_BYTES = 8


class Fold(Enum):
    """How mismatches of a rule are shown when there are many: each, one line a stack, one line a project."""

    EACH = "each"
    STACK = "stack"
    PROJECT = "project"


class FixStage(Enum):
    """When a mismatch is put right: what is open is closed first, what nobody reads goes last.

    The order is one that breaks nothing that runs: a name is given before anybody counts on it, and taken
    away when nobody does any more. The value is what a plan calls the step.
    """

    CLOSE = "Close what is open"
    POINT = "Point everything at the right place"
    JOIN = "Let each password stand in one place"
    REPLACE = "Replace what others know or can guess"
    UNTRACK = "Take out of git what does not belong there"
    GIVE = "Give every program what it reads"
    AGREE = "Make the files say the same"
    DROP = "Take away what goes nowhere"
    LAST = "Make it last"


class MismatchEvidence(NamedTuple):
    """A place that shows the mismatch, and what stands there in a few words, free of values."""

    place: FactPlace
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mismatch:
    """One disagreement.

    `subject` is what disagrees (a variable, a service, a file), `stack` the stack it belongs to (empty:
    the project). `message` is a sentence that says what happens because of it, `fix` what to do. `evidence`
    has at least one place; the first is where a reader begins. `severity` overrides the rule's.
    `development` tells that it concerns only a stack that listens on loopback or serves development.
    `alone` asks for a line of its own though its rule folds. `key` tells it from another mismatch of the same
    rule, subject and file, where there is one. No text holds a value.
    """

    rule_id: str
    subject: str
    message: str
    fix: str
    evidence: tuple[MismatchEvidence, ...]
    stack: str = ""
    severity: Severity | None = None
    development: bool = False
    alone: bool = False
    key: str = ""

    @property
    def id(self) -> str:
        """What it is known by in a baseline: rule, subject, file and `key`; not the line.

        Nor the stack: where Compose files say no name, it is called as the directory, and that is another
        in each clone.
        """
        known = [self.rule_id, self.subject, self.evidence[0].place.path]
        known += [self.key] if self.key else []
        return plain_digest("\0".join(known).encode("utf-8", "surrogateescape"), _ID_BYTES)


def told_apart(found: Iterable[Mismatch]) -> Iterator[Mismatch]:
    """`found` with a `key` where two would have one id, so that who accepts one accepts no other.

    The first keeps its id. The key is what the evidence says, and a number where that is the same, too: no
    line, so that ids stay when lines move.
    """
    mismatches = list(found)
    ordered = sorted(mismatches, key=lambda each: (each.evidence[0].text, each.evidence[0].place))
    seen, keys = set[str](), dict[int, str]()
    for each in ordered:
        named, number = each, 1
        while named.id in seen:
            key = each.evidence[0].text if number == 1 else f"{each.evidence[0].text} {number}"
            named, number = replace(each, key=key), number + 1
        seen.add(named.id)
        keys[id(each)] = named.key
    return (replace(each, key=keys[id(each)]) if keys[id(each)] else each for each in mismatches)


class MismatchRule(NamedTuple):
    """A rule: `judge` is pure, and its mismatches come in the order of their places.

    `explanation` is Markdown for `--explain`: why it matters, an example of the wrong and of the right,
    when it is no fault. `reference` is a public page about it, if there is one. `stage` is the step of the
    reconciliation plan in which it is put right.
    """

    id: str
    title: str
    severity: Severity
    judge: Callable[[ProjectFacts], Iterable[Mismatch]]
    explanation: str
    fold: Fold = Fold.EACH
    reference: str = ""
    stage: FixStage = FixStage.AGREE
