"""An occurrence: one match that won over those it overlaps, with its place worked out.

Occurrences are made where the content is at hand (possibly in a worker process) and carry all
that later steps need, so that no content has to be kept.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import Any, Final, Self

from secopskit.detect.rule_examples import RuleExamples
from secopskit.detect.ruleset import Ruleset
from secopskit.findings import Blob, BlobPart, Confidence, Match, Severity, Span
from secopskit.lazy_regex import LazyRegex
from secopskit.named_tuple import NamedTuple
from secopskit.rules.model import Rule
from secopskit.scan.content.standing import standing
from secopskit.secret import SecretValue, plain_digest

_KEY_BEFORE: Final = LazyRegex(rb"[A-Za-z_][\w.-]{0,60}(?=[^\w]{0,12}\Z)")
_LOOK_BACK: Final = 80


class Occurrence(NamedTuple):
    """One secret at one place of one blob. Lines and columns are 1-based, columns in bytes.

    `key_digest` stands for the name before the secret, for telling places apart.
    `allowed` is the reason if the content itself allows it, by a comment or because it is the
    example of a rule in a rule file; else None. `offset` is where the match begins in its content, in bytes;
    -1 where that is not known. It `is_shown` where source code documents itself.
    """

    rule_id: str
    secret: SecretValue | None
    severity: Severity
    confidence: Confidence
    note: str
    path: str
    oid: str | None
    line: int
    end_line: int
    column: int
    end_column: int
    key_digest: str
    allowed: str | None
    offset: int = -1
    is_shown: bool = False

    def to_wire(self) -> tuple[Any, ...]:
        """Plain values, to cross a pipe between two processes of ours."""
        secret = self.secret.to_wire() if self.secret else None
        return (
            self.rule_id, secret, self.severity.value, self.confidence.value, self.note, self.path, self.oid,
            self.line, self.end_line, self.column, self.end_column, self.key_digest, self.allowed,
            self.is_shown, self.offset,
        )  # fmt: skip

    @classmethod
    def from_wire(cls, fields: tuple[Any, ...]) -> Self:
        """The other end of `to_wire`."""
        (
            rule_id,
            secret,
            severity,
            confidence,
            note,
            path,
            oid,
            line,
            end_line,
            column,
            end_column,
            key,
            allowed,
            is_shown,
            offset,
        ) = fields
        return cls(
            rule_id=rule_id,
            secret=None if secret is None else SecretValue.from_wire(secret),
            severity=Severity(severity),
            confidence=Confidence(confidence),
            note=note,
            path=path,
            oid=oid,
            line=line,
            end_line=end_line,
            column=column,
            end_column=end_column,
            key_digest=key,
            allowed=allowed,
            offset=offset,
            is_shown=is_shown,
        )

    def held_against(self, content: bytes) -> Self:
        """The same, without its offset where `content` has something else than the value there."""
        if self.secret is None or self.secret.stands_at(content, self.offset):
            return self
        return self._replace(offset=-1)

    def at(self, path: str) -> Self:
        """The same occurrence in a file of that name."""
        return self._replace(path=path)


def occurrences(blob: Blob, matches: Iterable[Match], ruleset: Ruleset) -> Iterator[Occurrence]:
    """The occurrences in `blob`: where matches overlap, the surest and most specific one stays."""
    kept = _winners(matches, ruleset)
    if not kept:
        return
    from secopskit.formats.code.documentation import is_shown
    from secopskit.known.allow_comments import InlineAllowances

    allowances, lines, before = InlineAllowances(blob.data), _Lines(blob.data), 0
    examples = RuleExamples(blob.data, ruleset)
    shown = is_shown(blob.data, blob.path, [match.span.start for match in kept])
    for match, to_be_read in zip(kept, shown, strict=True):
        occurrence = _occurrence(blob, match, ruleset.by_id(match.rule_id), lines, before)
        allowance = allowances.find(occurrence.line, match.rule_id, column=occurrence.column)
        reason = allowance.reason if allowance else examples.reason(match)
        if reason is None and (unknown := allowances.unknown(occurrence.line, ruleset.ids)):
            occurrence = occurrence._replace(note=_with_unknown(occurrence.note, unknown[0], ruleset))
        yield _in_whole(occurrence, blob.part)._replace(allowed=reason, is_shown=to_be_read)
        before = match.span.end


def _with_unknown(note: str, name: str, ruleset: Ruleset) -> str:
    """A note that also says that an allow comment there names no rule."""
    from secopskit.rules.closest import closest_rule

    told = f"the allow comment names no rule {name!r}: {closest_rule(name, ruleset.ids)}"
    return f"{note}; {told}" if note else told


def _in_whole(occurrence: Occurrence, part: BlobPart | None) -> Occurrence:
    """An occurrence in a part of a text, with its place in the whole of it."""
    if part is None:
        return occurrence
    before = part.column - 1
    return occurrence._replace(
        line=occurrence.line + part.line - 1,
        end_line=occurrence.end_line + part.line - 1,
        column=occurrence.column + (before if occurrence.line == 1 else 0),
        end_column=occurrence.end_column + (before if occurrence.end_line == 1 else 0),
        offset=-1,
    )


def _winners(matches: Iterable[Match], ruleset: Ruleset) -> list[Match]:
    """The matches that stay, in their order. One about a place rather than a value always does.

    Where two rules mean the very same value, the one that stays is as sure as the surer of both.
    """
    kept, taken = dict[Span, Match](), list[Span]()  # `taken` is in order, and no two of it overlap
    places = list[Match]()
    for match in sorted(matches, key=lambda m: _rank(m, ruleset.by_id(m.rule_id)), reverse=True):
        if match.secret is None:
            places.append(match)
            continue
        at = bisect_left(taken, match.span)
        if any(match.span.overlaps(other) for other in taken[max(at - 1, 0) : at + 1]):
            if winner := kept.get(match.span):
                kept[match.span] = _surer(winner, match, ruleset)
            continue
        taken.insert(at, match.span)
        kept[match.span] = match
    return sorted((*kept.values(), *places), key=lambda match: match.span)


def _surer(winner: Match, other: Match, ruleset: Ruleset) -> Match:
    """`winner`, as sure as `other` is of the same value."""
    if winner.secret != other.secret:
        return winner
    sure = max(_confidence(one, ruleset.by_id(one.rule_id)) for one in (winner, other))
    return winner._replace(confidence=sure)


def _confidence(match: Match, rule: Rule) -> Confidence:
    return match.confidence or rule.confidence


class _Lines:
    """Finds the lines of offsets that never decrease, looking at each byte once."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._line, self._start, self._offset = 1, 0, 0

    def at(self, offset: int) -> tuple[int, int]:
        """The 1-based number of the line that `offset` lies on, and where that line begins."""
        self._line += self._data.count(b"\n", self._offset, offset)
        self._start = max(self._start, self._data.rfind(b"\n", self._offset, offset) + 1)
        self._offset = offset
        return self._line, self._start


def _rank(match: Match, rule: Rule) -> tuple[int | str, ...]:
    """Higher wins. No two matches rank alike, so their order, which is the engine's, never decides."""
    severity = match.severity or rule.severity
    size = match.span.end - match.span.start
    sure = _confidence(match, rule)
    return standing(rule), sure, severity, size, -match.span.start, -len(match.note), rule.id, match.note


def _occurrence(blob: Blob, match: Match, rule: Rule, lines: _Lines, before: int) -> Occurrence:
    """The place of `match`. `before` is where the match before it ends."""
    data, span = blob.data, match.span
    line, line_start = lines.at(span.start)
    last = max(span.end - 1, span.start)
    last_start = max(line_start, data.rfind(b"\n", span.start, last) + 1)
    return Occurrence(
        rule_id=match.rule_id,
        secret=match.secret,
        severity=match.severity or rule.severity,
        confidence=match.confidence or rule.confidence,
        note=match.note,
        path=blob.path,
        oid=blob.oid,
        line=line,
        end_line=line + data.count(b"\n", span.start, last),
        column=span.start - line_start + 1,
        end_column=span.end - last_start + 1,
        key_digest=_key_digest(data[max(line_start, before, span.start - _LOOK_BACK) : span.start]),
        allowed=None,
        offset=span.start,
    )


def _key_digest(before: bytes) -> str:
    key = _KEY_BEFORE.search(before)
    return plain_digest(key[0] if key else b"", 8)
