"""Rule files in what is scanned: the examples of rules are no findings of other rules.

A rule file shows what its rules find. That no secret passes unseen this way:

- it is one only if it reads as a rule file, and a rule in it counts only if this scan knows a rule of
  that id. The expressions that stand in the file are never run, those of this scan are;
- a match must lie within an entry of `examples` or `negative_examples`; other keys are scanned as ever;
- it must be made up: hold or touch a `{{class:length}}`; or be the value that the rule itself finds
  in that example; or stand in a negative example and be of low confidence, weak, or not look drawn;
- a value in a fixed format that somebody issues (a rule of high confidence without a validator) is
  reported wherever it is spelled out.

What is held back is counted, and can be shown with the reason.
"""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property
from typing import TYPE_CHECKING, Final

from secopskit.findings import Blob, Confidence, Span
from secopskit.lazy_regex import LazyRegex
from secopskit.named_tuple import NamedTuple
from secopskit.rules.model import RuleKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from secopskit.detect.ruleset import Ruleset
    from secopskit.findings import Match
    from secopskit.formats.trees.yaml_tree import Mapping, Node
    from secopskit.rules.model import Rule

_SIGNS: Final = (b"rules:", b"examples:", b"remediation:")
_PLACEHOLDER: Final = LazyRegex(rb"\{\{[A-Za-z0-9]{1,16}(?::[^{}\n]{0,200})?\}\}")
_BOUND: Final = LazyRegex(rb"[\s\"'`]")
_NEIGHBOURHOOD: Final = 400


class RuleExample(NamedTuple):
    """One entry of `examples` or `negative_examples`: where it stands, its text, and whose it is."""

    span: Span
    text: str
    rule_id: str
    negative: bool
    path: str


class RuleExamples:
    """The examples in `data`, if it is a rule file."""

    def __init__(self, data: bytes, ruleset: Ruleset) -> None:
        self._data = data
        self._ruleset = ruleset

    def reason(self, match: Match) -> str | None:
        """Why `match` is no finding but an example; None if it is none."""
        start, end = match.span
        at = bisect_right(self._examples, start, key=lambda example: example.span.start)
        example = self._examples[at - 1] if at else None
        if example is None or end > example.span.end or not self._is_made_up(match, example):
            return None
        return f"example of the rule {example.rule_id} in a rule file"

    @cached_property
    def _examples(self) -> list[RuleExample]:
        """Ascending, and apart from each other: each is a text of the document."""
        if not all(sign in self._data for sign in _SIGNS):
            return []
        from secopskit.formats.trees.yaml_tree import documents  # loads the YAML parser

        found = (example for root in documents(self._data) or () for example in _examples_in(root))
        return sorted(found, key=lambda example: example.span)

    def _is_made_up(self, match: Match, example: RuleExample) -> bool:
        rule, own = self._rule(match.rule_id), self._rule(example.rule_id)
        if rule is None or own is None:
            return False
        issued = rule.kind is RuleKind.PATTERN and rule.confidence is Confidence.HIGH and not rule.validator
        # A key over several lines may break off where generated characters follow; a token is whole.
        text = self._data[slice(*match.span)]
        if not issued or rule.multiline:
            text = self._run_around(match.span, example.span)
        if (generated := _is_generated(text)) or issued:
            return generated
        if example.negative:
            from secopskit.detect.judgement.judge import WEAK_RULE

            guessed = rule.kind is RuleKind.STRUCTURE and match.confidence is not Confidence.HIGH
            weak = guessed or rule.id == WEAK_RULE
            return weak or (match.confidence or rule.confidence) is Confidence.LOW
        return self._finds(own, example, self._data[slice(*match.span)])

    def _rule(self, rule_id: str) -> Rule | None:
        try:
            return self._ruleset.by_id(rule_id)
        except KeyError:
            return None

    def _run_around(self, span: Span, bounds: Span) -> bytes:
        """The text around `span` up to the next blank or quote on either side."""
        data = self._data
        before = data[max(bounds.start, span.start - _NEIGHBOURHOOD) : span.start]
        after = data[span.end : min(bounds.end, span.end + _NEIGHBOURHOOD)]
        lead = _BOUND.split(before)[-1]
        return lead + data[span.start : span.end] + _BOUND.split(after, maxsplit=1)[0]

    def _finds(self, rule: Rule, example: RuleExample, written: bytes) -> bool:
        """Whether `rule` itself finds what is written there, in its example."""
        from secopskit.rules.examples import expand

        text = expand(example.text, seed=rule.id)
        blob = Blob(path=example.path, data=text.encode("utf-8", "surrogateescape"))
        found = (blob.data[slice(*match.span)] for match in _matches(rule, blob))
        return any(own and (own in written or written in own) for own in found)


def _matches(rule: Rule, blob: Blob) -> Iterator[Match]:
    if rule.kind is RuleKind.PATTERN:
        from secopskit.detect.confirmer import matches_of

        yield from matches_of(rule, blob)
        return
    from secopskit.detect.structure import DETECTORS

    for detector in DETECTORS:
        if detector.wants(blob.path):
            yield from (match for match in detector.detect(blob) if match.rule_id == rule.id)


def _is_generated(written: bytes) -> bool:
    """Whether a `{{class:length}}` that examples are filled in at stands in `written`."""
    from secopskit.rules.examples import expand

    texts: Iterable[str] = (found[0].decode() for found in _PLACEHOLDER.finditer(written))
    return any(expand(text, seed="") != text for text in texts)


def _examples_in(root: Node) -> Iterator[RuleExample]:
    from secopskit.formats.trees.yaml_tree import Mapping, Sequence

    rules = root.get("rules") if isinstance(root, Mapping) else None
    for rule in rules.items if isinstance(rules, Sequence) else ():
        if isinstance(rule, Mapping):
            yield from _examples_of(rule)


def _examples_of(rule: Mapping) -> Iterator[RuleExample]:
    """The examples of one entry of a rule file; none if it has other fields than a rule has."""
    from secopskit.formats.trees.yaml_tree import Scalar, Sequence
    from secopskit.rules.load import FIELDS, REQUIRED_FIELDS

    texts = {key.value.decode("utf-8", "replace"): node for key, node in rule.pairs}
    name, path = texts.get("id"), texts.get("example_path")
    if not texts.keys() <= FIELDS or not texts.keys() >= set(REQUIRED_FIELDS) or not isinstance(name, Scalar):
        return
    for key in ("examples", "negative_examples"):
        entries = texts.get(key)
        for entry in entries.items if isinstance(entries, Sequence) else ():
            if isinstance(entry, Scalar):
                yield RuleExample(
                    span=Span(entry.start, entry.end),
                    text=entry.value.decode("utf-8", "replace"),
                    rule_id=name.value.decode("utf-8", "replace"),
                    negative=key != "examples",
                    path=path.value.decode("utf-8", "replace") if isinstance(path, Scalar) else "example.txt",
                )
