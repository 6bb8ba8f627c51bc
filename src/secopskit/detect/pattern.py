"""The pattern detector: rules as regular expressions, decided where the prefilter points.

What is found depends on the content alone, never on the engine: both engines point at every
line that matters, and a line (for a multi-line rule: the blob) is always judged whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final, Self

from secopskit.detect import witness
from secopskit.detect.anchors import PERCENT
from secopskit.detect.confirmer import RuleConfirmer, lines_from
from secopskit.detect.decode import Decoded, decode_percent, decode_run
from secopskit.detect.engine import Hit
from secopskit.detect.long_lines import LONG_LINE, RuleHits
from secopskit.detect.ruleset import Ruleset
from secopskit.findings import Blob, Match, Severity, Span
from secopskit.lazy_regex import LazyRegex
from secopskit.named_tuple import NamedTuple
from secopskit.secret import SecretValue, plain_digest

if TYPE_CHECKING:
    from secopskit.detect.barren import BarrenHits

MAX_DECODED_LINE: Final = 64 * 1024
_MEMORABLE: Final = 400
_RECOGNISED: Final = 2000  # bytes of what comes to nothing
_MAX_KNOWN: Final = 20_000
# What a filter sees of a secret's line on either side: a line may be as long as a file.
_NEIGHBOURHOOD: Final = 200
_MOST_NAME: Final = 300
_PERCENT: Final = LazyRegex(PERCENT.encode())


class PatternDetector:
    """Applies every pattern rule of a rule set, and looks into encoded text to a small depth."""

    name = "pattern"

    def __init__(self, ruleset: Ruleset, *, decode_depth: int = 2) -> None:
        self._ruleset = ruleset
        self._depth = decode_depth
        self._judges: dict[int, RuleConfirmer] = {}
        self._known: dict[tuple[int, bytes], tuple[_Placed, ...]] = {}
        self._idle = _Memory()

    def wants(self, path: str) -> bool:
        """See `Detector.wants`."""
        return True

    def has_rule_for(self, path: str) -> bool:
        """Whether a rule that applies to files of certain names alone applies to this one."""
        return any(self._judge(number).applies(path) for number in self._ruleset.numbers_with_path)

    def detect(self, blob: Blob) -> Iterator[Match]:
        """See `Detector.detect`."""
        return self.confirm(blob, self._ruleset.prefilter.scan(blob.data))

    def confirm(self, blob: Blob, hits: Iterable[Hit], barren: BarrenHits | None = None) -> Iterator[Match]:
        """The matches in `blob`, given the prefilter's `hits` in it (offsets within the blob).

        Those that come to nothing for what stands around them alone are noted in `barren`.
        """
        return self._confirm(blob.data, blob.path, hits, self._depth, barren)

    def _confirm(
        self, data: bytes, path: str, hits: Iterable[Hit], depth: int, barren: BarrenHits | None = None
    ) -> Iterator[Match]:
        anchors, judged, idle = self._ruleset.anchors, dict[int, int](), dict[int, Span]()
        hits = hits if isinstance(hits, list) else list(hits)
        by_rule = RuleHits(hits) if self._ruleset.prefilter.exhaustive else None
        for number, end in hits:
            if end <= judged.get(number, -1):
                if barren and number in idle:
                    barren.note((number, end), idle[number])
            elif number < anchors.rules:
                found, judged[number], lines = self._at_hit(
                    number, end, data, path, judged.get(number, -1), by_rule
                )
                yield from found
                idle.pop(number, None)
                if barren and lines:
                    idle[number] = lines
                    barren.note((number, end), lines)
            elif number >= anchors.hint:
                judged[number] = len(data)
            elif depth > 0:
                found, judged[number] = self._encoded(data, number, end, path, depth)
                yield from found

    def _at_hit(
        self, number: int, end: int, data: bytes, path: str, judged: int, by_rule: RuleHits | None
    ) -> tuple[list[Match], int, Span | None]:
        """A rule's matches where it has a hit, up to where that settles it, and the lines that tell of none.

        Up to `judged`, the rule has been. Lines without a match are not judged again, in whatever text.
        """
        judge = self._judge(number)
        line = Span(0, len(data)) if judge.rule.multiline else _line_around(data, end)
        if not judge.goes_by_lines or witness.present() or not judge.applies(path):
            return list(self._matches(judge, number, data, path, line, judged, by_rule)), line.end, None
        start, stop = lines = line if judge.rule.lines == 1 else _lines_that_count(judge, data, line)
        key = (number, _short(data[start:stop])) if stop - start <= _RECOGNISED else None
        if key in self._idle:
            return [], line.end, lines
        found = list(self._matches(judge, number, data, path, line, judged, by_rule))
        if found:
            return found, line.end, None
        if key and judged < start:  # else what began before is told already
            self._idle.add(key)
        return found, line.end, lines

    def _matches(
        self,
        judge: RuleConfirmer,
        number: int,
        data: bytes,
        path: str,
        scope: Span,
        judged: int,
        by_rule: RuleHits | None,
    ) -> Iterator[Match]:
        """The matches of one rule on the line (or in the blob) where it has a hit."""
        if not judge.applies(path):
            return iter(())
        if judge.rule.lines > 1:
            return self._wrapped(judge, number, data, path, scope, judged)
        if by_rule and scope.end - scope.start >= LONG_LINE:
            return judge.matches(data, path, scope, by_rule.starts(number, judge.reach, scope))
        return self._judged(judge, number, data, path, scope)

    def _wrapped(
        self, judge: RuleConfirmer, number: int, data: bytes, path: str, line: Span, judged: int
    ) -> Iterator[Match]:
        """The matches of a rule of several lines that begin on `line` or on one of those before it.

        An engine may point at any line of a match. Where it begins decides what it is, so every line
        that may be that of a beginning is judged with those behind it; up to `judged` they have been.
        """
        starts = [line]
        for _ in range(judge.rule.lines - 1):
            if starts[-1].start == 0 or starts[-1].start <= judged:
                break
            starts.append(_line_around(data, starts[-1].start))
        for start in reversed(starts):
            if start.end > judged:
                scope = lines_from(data, start, judge.rule.lines)
                yield from self._judged(judge, number, data, path, scope)

    def _judged(
        self, judge: RuleConfirmer, number: int, data: bytes, path: str, scope: Span
    ) -> Iterator[Match]:
        """The judge's matches. What a line meant once it is not judged for again.

        The versions of a file share most of their lines, and what a line means depends on
        nothing but itself.
        """
        if scope.end - scope.start > _MEMORABLE or judge.rule.allow or witness.present():
            yield from judge.matches(data, path, scope)
            return
        line = (number, data[scope.start : scope.end])
        known = self._known.get(line)
        if known is None:
            if len(self._known) >= _MAX_KNOWN:
                self._known.clear()
            found = judge.matches(data, path, scope)
            known = self._known[line] = tuple(_Placed.of(match, scope.start) for match in found)
        for one in known:
            yield one.match(judge.rule.id, data, scope.start)

    def _judge(self, number: int) -> RuleConfirmer:
        if number not in self._judges:
            self._judges[number] = RuleConfirmer(self._ruleset[number])
        return self._judges[number]

    def _encoded(self, data: bytes, number: int, end: int, path: str, depth: int) -> tuple[list[Match], int]:
        """The matches in the encoded text at an anchor, and up to where that settles the matter."""
        if number == self._ruleset.anchors.encoded:
            decoded, settled = decode_run(data, end - 1)
            return self._inside(decoded, path, depth - 1), settled
        line, half = _line_around(data, end), MAX_DECODED_LINE // 2
        start, stop = max(line.start, end - half), min(line.end, end + half)
        return self._in_percent(data[start:stop], start, path, depth), stop

    def _in_percent(self, line: bytes, start: int, path: str, depth: int) -> list[Match]:
        """The matches in what a percent-encoded line says; one in which nothing was is not decoded again."""
        if not _PERCENT.search(line):
            return []
        if len(line) > _RECOGNISED or witness.present():
            return self._inside(decode_percent(line, start), path, depth - 1)
        if (key := (depth, path, _short(line))) in self._idle:
            return []
        found = self._inside(decode_percent(line, start), path, depth - 1)
        if not found:
            self._idle.add(key)
        return found

    def _inside(self, decoded: Decoded | None, path: str, depth: int) -> list[Match]:
        """The matches in a decoded text, where they stand encoded."""
        if decoded is None:
            return []
        hits = self._ruleset.prefilter.scan(decoded.text)
        with witness.placed(decoded.source):
            found = list(self._confirm(decoded.text, path, hits, depth))
        note = f"decoded from {decoded.encoding}"
        return [
            match._replace(
                span=decoded.source(match.span), note=f"{match.note}, {note}" if match.note else note
            )
            for match in found
        ]


class _Placed(NamedTuple):
    """A match by where it stands in a text; the text itself has the value."""

    span: Span
    severity: Severity | None
    note: str

    @classmethod
    def of(cls, match: Match, start: int) -> Self:
        span = Span(match.span.start - start, match.span.end - start)
        return cls(span, match.severity, match.note)

    def match(self, rule_id: str, data: bytes, start: int) -> Match:
        span = Span(self.span.start + start, self.span.end + start)
        secret = SecretValue(data[span.start : span.end])
        return Match(rule_id=rule_id, span=span, secret=secret, severity=self.severity, note=self.note)


def _short(text: bytes) -> bytes | str:
    """What stands for a text in memory: itself, or its digest."""
    return text if len(text) <= _MEMORABLE else plain_digest(text, 16)


class _Memory(set[object]):
    """A set that begins anew when it is full."""

    def add(self, one: object) -> None:
        if len(self) >= _MAX_KNOWN:
            self.clear()
        super().add(one)


def _lines_that_count(judge: RuleConfirmer, data: bytes, line: Span) -> Span:
    """The lines that decide what a hit on `line` comes to: of a rule of several, those around it."""
    first = line
    for _ in range(judge.rule.lines - 1):
        first = _line_around(data, first.start) if first.start else first
    return Span(first.start, lines_from(data, line, judge.rule.lines).end)


def _line_around(data: bytes, end: int) -> Span:
    """The line, without its newline, that the byte before offset `end` stands on."""
    inside = max(end - 1, 0)
    start = data.rfind(b"\n", 0, inside + 1)
    # A prefilter's hit may end with the newline itself: then the line before it is meant.
    if start == inside and start > 0:
        start = data.rfind(b"\n", 0, inside)
    stop = data.find(b"\n", inside)
    return Span(start + 1, stop if stop >= 0 else len(data))
