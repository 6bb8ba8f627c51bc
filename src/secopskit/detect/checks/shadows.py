"""Rules in each other's way: an example of one that another one claims."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from secopskit.detect.pattern import PatternDetector
from secopskit.detect.ruleset import Ruleset, ruleset_of
from secopskit.findings import Blob, Match
from secopskit.named_tuple import NamedTuple
from secopskit.rules.examples import expand
from secopskit.rules.load import load_builtin
from secopskit.rules.model import Rule, RuleKind


class RuleShadow(NamedTuple):
    """A rule with examples that `others` claim; `wholly` where no example is left to it."""

    rule: Rule
    others: tuple[str, ...]
    wholly: bool

    def __str__(self) -> str:
        claimed = "each of its examples is" if self.wholly else "an example of it is"
        return f"{claimed} claimed by {', '.join(self.others)}, of equal or better rank"


def shadowed(rules: Iterable[Rule]) -> Iterator[RuleShadow]:
    """Those of `rules` of which an example is claimed by another one, built-in ones included.

    As in a scan, of two matches that overlap the surer one stays, then the graver, then the longer one.
    """
    rules = tuple(rule for rule in rules if rule.kind is RuleKind.PATTERN)
    known = {rule.id: rule for rule in load_builtin() if rule.kind is RuleKind.PATTERN}
    ruleset = ruleset_of((known | {rule.id: rule for rule in rules}).values(), engine="re")
    detector = PatternDetector(ruleset)
    for rule in rules:
        claimants = [
            _claimant(rule, list(detector.detect(Blob(path=rule.example_path, data=data))), ruleset)
            for data in (expand(example, seed=rule.id).encode() for example in rule.examples)
        ]
        if others := tuple(dict.fromkeys(filter(None, claimants))):
            yield RuleShadow(rule, others, wholly=all(claimants))


def _claimant(rule: Rule, matches: Sequence[Match], ruleset: Ruleset) -> str:
    """The rule that takes everything which `rule` finds; empty if something is left to it."""
    own = [match for match in matches if match.rule_id == rule.id]
    others = [match for match in matches if match.rule_id != rule.id]
    claimed = ""
    for match in own:
        above = [
            other.rule_id
            for other in others
            if other.span.overlaps(match.span) and _rank(other, ruleset) > _rank(match, ruleset)
        ]
        if not above:
            return ""
        claimed = above[0]
    return claimed


def _rank(match: Match, ruleset: Ruleset) -> tuple[int, int, int]:
    rule = ruleset.by_id(match.rule_id)
    size = match.span.end - match.span.start
    return match.confidence or rule.confidence, match.severity or rule.severity, size
