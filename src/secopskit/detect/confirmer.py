"""One rule, ready to decide: its expression, its filters, its validator."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Final

from secopskit.detect import witness
from secopskit.detect.validators import TELLERS, VALIDATORS
from secopskit.detect.value.fakes import against_named_example
from secopskit.detect.value.filters import FILTERS, entropy
from secopskit.detect.value.web_tokens import TokenSays
from secopskit.findings import Blob, Match, Span
from secopskit.lazy_regex import compiled
from secopskit.rules.model import CONTEXT_GROUP, Rule
from secopskit.secret import SecretValue

if TYPE_CHECKING:
    from secopskit.detect.allowed import AllowedMatches

# What a filter sees of a secret's line on either side: a line may be as long as a file.
_NEIGHBOURHOOD: Final = 200
_MOST_NAME: Final = 300


class SearchAt:
    """`re.Pattern.search` for matches that begin in `starts`, which ascend, as what is asked for has to."""

    def __init__(self, regex: re.Pattern[bytes], starts: Sequence[Span]) -> None:
        self._match = regex.match
        self._starts = deque(starts)

    def __call__(self, data: bytes, at: int, end: int) -> re.Match[bytes] | None:
        """The first match from `at` on; it sees nothing from `end` on."""
        while self._starts:
            start, stop = self._starts[0]
            for place in range(max(start, at), stop):
                if found := self._match(data, place, end):
                    return found
            self._starts.popleft()
        return None


class RuleConfirmer:
    """One rule, ready to decide."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self._filters = [FILTERS[name] for name in rule.filters]
        self._validator = VALIDATORS[rule.validator] if rule.validator else None
        self._tell = TELLERS.get(rule.validator)
        self.goes_by_lines = not (rule.multiline or rule.allow)
        """Whether nothing but some lines decides what it makes of a hit in a file that it applies to."""

    @cached_property
    def _regex(self) -> re.Pattern[bytes]:
        return self.rule.compiled()

    @cached_property
    def _path(self) -> re.Pattern[str] | None:
        return compiled(self.rule.path) if self.rule.path else None

    @cached_property
    def reach(self) -> int:
        """How far before the end of a hit of an exhaustive engine a match begins at most, in bytes.

        0 where that is not known: a rule's keyword may stand anywhere on the line.
        """
        from secopskit.rules.loosened import reach  # few files have lines for which this counts

        if self.rule.keywords:
            return 0
        return max(reach(part.expression) for part in self.rule.parts)

    @cached_property
    def _groups(self) -> tuple[int, ...]:
        """The groups of which one holds the secret."""
        named = [number for name, number in self._regex.groupindex.items() if name.startswith("secret")]
        return tuple(sorted(named)) or (min(self._regex.groups, 1),)

    @cached_property
    def _allowed(self) -> tuple[AllowedMatches, ...]:
        from secopskit.detect.allowed import AllowedMatches

        return tuple(map(AllowedMatches, self.rule.allow))

    def _is_allowed(self, data: bytes, path: str, match: Span, secret: Span) -> bool:
        return any(one.covers(data, path, match, secret) for one in self._allowed)

    def applies(self, path: str) -> bool:
        """Whether the rule is one for files of that path."""
        return self._path is None or self._path.search(path) is not None

    def matches(
        self, data: bytes, path: str, scope: Span, starts: Sequence[Span] | None = None
    ) -> Iterator[Match]:
        """The matches in `scope`; of a rule of several lines, those that begin on its first one.

        With `starts`, ascending, no match begins anywhere else. A value that is refused may hold the name of
        the one behind it, as `get("API_KEY", "...")` does.
        """
        last = data.find(b"\n", scope.start, scope.end) if self.rule.lines > 1 else -1
        last = last if last >= 0 else scope.end
        search = self._regex.search if starts is None else SearchAt(self._regex, starts)
        at = scope.start
        while at <= last and (found := search(data, at, scope.end)):
            if found.start() > last:
                return
            span = self._span(found)
            at = max(found.end(), found.start() + 1)
            if span.start == span.end:
                continue
            secret = data[span.start : span.end]
            against = self._against(secret, _near(data, span, scope))
            if not against and self.rule.allow and self._is_allowed(data, path, Span(*found.span()), span):
                against = "is what the rule's own allowlist takes out"
            witness.tell(span, secret, self.rule.id, against=against)
            if not against:
                yield self._match(found, span, secret)
            elif found.start() < span.start and len(secret) <= _MOST_NAME:
                at = span.start

    def _match(self, found: re.Match[bytes], span: Span, secret: bytes) -> Match:
        says = self._tell(secret) if self._tell else TokenSays()
        return Match(
            rule_id=self.rule.id,
            span=span,
            secret=SecretValue(secret),
            severity=says.severity,
            note=says.note or self._note(found),
        )

    def _note(self, found: re.Match[bytes]) -> str:
        """Which word of its context the value stands beside, if the rule wants it told."""
        if not self.rule.named:
            return ""
        word = found[CONTEXT_GROUP].decode("ascii", "replace").strip("_").replace("_", " ")
        return f"beside the name {word}"

    def _span(self, found: re.Match[bytes]) -> Span:
        """Where the secret stands in a match; at its end, and empty, where no group took part."""
        taken = (found.span(group) for group in self._groups if found.start(group) >= 0)
        return Span(*next(taken, (found.end(), found.end())))

    def _against(self, secret: bytes, around: bytes) -> str:
        """What speaks against `secret`, in words that follow "it"; "" if nothing does."""
        if self.rule.entropy and entropy(secret) < self.rule.entropy:
            return f"has less than {self.rule.entropy} bits of entropy a character"
        for against in (against_named_example, *self._filters):
            if reason := against(secret, around):
                return reason
        if self._validator is not None and not self._validator(secret):
            return f"is not what the validator {self.rule.validator} takes"
        return ""


def _near(data: bytes, span: Span, scope: Span) -> bytes:
    """What stands around a secret in the line (or blob) that is judged, and never beyond it."""
    return data[max(span.start - _NEIGHBOURHOOD, scope.start) : min(span.end + _NEIGHBOURHOOD, scope.end)]


def matches_of(rule: Rule, blob: Blob) -> Iterator[Match]:
    """What `rule`, of kind pattern, finds in `blob` by itself: no prefilter, nothing decoded."""
    confirmer, data, start = RuleConfirmer(rule), blob.data, 0
    while start <= len(data) and confirmer.applies(blob.path):
        end = -1 if rule.multiline else data.find(b"\n", start)
        line = Span(start, end if end >= 0 else len(data))
        yield from confirmer.matches(data, blob.path, lines_from(data, line, rule.lines))
        start = line.end + 1


def lines_from(data: bytes, line: Span, count: int) -> Span:
    """`line` and those behind it, `count` in all."""
    end = line.end
    for _ in range(count - 1):
        end = data.find(b"\n", end + 1)
        if end < 0:
            return Span(line.start, len(data))
    return Span(line.start, end)
