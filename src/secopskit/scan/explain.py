"""Why a value in a file is reported, or is not: each one that was judged, with all that was decided of it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from secopskit.detect.structure import DETECTORS
from secopskit.detect.witness import NAME_SAYS_NOTHING, Judged, witnessed
from secopskit.errors import UsageError
from secopskit.findings import Blob, Finding, Suppressed
from secopskit.named_tuple import NamedTuple
from secopskit.report.text import visible
from secopskit.sources.binaries import archive_bounds, contents

if TYPE_CHECKING:
    from secopskit.findings import ScanResult, Skipped
    from secopskit.scan.session import ScanSession
    from secopskit.sources.interface import Source


class Decision(NamedTuple):
    """One decision. `kept` tells whether the value was still one to report after it."""

    kept: bool
    text: str


class Explained(NamedTuple):
    """One value of a line with the decisions about it, in their order.

    Lines and columns are 1-based, columns in bytes. `preview` is the value as reports show it. `reported`
    tells whether a scan reports it.
    """

    line: int
    column: int
    preview: str
    reported: bool
    steps: tuple[Decision, ...]


class Explanation(NamedTuple):
    """What a scan decided about a file, or about one line of it.

    `readers` are the structured detectors that parse such a file; `rules` is the number of rules whose
    expressions were looked for.
    """

    path: str
    line: int | None
    rules: int
    readers: tuple[str, ...]
    values: tuple[Explained, ...]
    skipped: tuple[Skipped, ...]


def explain(session: ScanSession, source: Source, line: int | None = None, member: str = "") -> Explanation:
    """Scan the one file of `source` and tell what was decided, on `line` alone if it is given.

    `member` is the path in it if it is an archive: `.env`, `inner.zip!.env`. Raises UsageError if an
    archive has no such member or none is named, if the file has no such line or is read in parts, and
    SecopsError as a scan does.
    """
    events, blobs = list[Judged](), list[Blob]()
    with witnessed(events.append):
        result = session.scan(_Watched(source, blobs, member, session.detector_options.archives))
    _check_one(source, blobs, member)
    data = blobs[0].data if blobs else b""
    path = blobs[0].path if blobs else next((one.path for one in result.skipped), "")
    lines = _LineStarts(data)
    if line is not None and blobs and not 1 <= line <= lines.count:
        raise UsageError(
            f"{visible(path)}: has {lines.count} lines, and no line {line}", advice="Give one of its lines."
        )
    if line is None:  # of a whole file, what has the name of a secret
        events = [event for event in events if event.against != NAME_SAYS_NOTHING]
    values = (_explained(group, lines, result) for group in _by_place(events))
    return Explanation(
        path=path,
        line=line,
        rules=result.stats.rules,
        readers=tuple(each.name for each in DETECTORS if each.wants(path)),
        values=tuple(one for one in values if line is None or one.line == line),
        skipped=result.skipped,
    )


def _check_one(source: Source, blobs: list[Blob], member: str) -> None:
    """Spans say nothing without their text. Raises UsageError if there were several, or not this one."""
    if member and not blobs:
        raise UsageError(
            f"{visible(source.target)}: nothing was read in it that is called {visible(member)}",
            advice="Give the place as a report of `secops scan` names it.",
        )
    if blobs and blobs[0].part:
        raise UsageError(
            f"{visible(source.target)}: larger than the size limit, and only searched in parts",
            advice="Raise `scan.max_file_size` to explain it.",
        )
    if len(blobs) > 1:
        raise UsageError(
            f"{visible(source.target)}: an archive, of which {len(blobs)} files were read",
            advice=f"Name one of them, as in '{visible(blobs[0].path)}'.",
        )


class _Watched:
    """A source whose blobs are remembered as they pass: of an archive, its members, or only `member`."""

    def __init__(self, source: Source, seen: list[Blob], member: str, limit: int) -> None:
        self._source, self._seen, self._member = source, seen, member
        self._bounds = archive_bounds(limit)
        self.limits: tuple[str, ...] = ()

    @property
    def target(self) -> str:
        return self._source.target

    def counts(self, path: str, first: int, last: int) -> bool:
        return self._source.counts(path, first, last)

    def brings_name(self, path: str) -> bool:
        return self._source.brings_name(path)

    def blobs(self) -> Iterator[Blob | Skipped]:
        for item in self._opened():
            if self._member and item.path.partition("!")[2] != self._member:
                continue
            if isinstance(item, Blob):
                self._seen.append(item)
            yield item
        self.limits = self._source.limits

    def _opened(self) -> Iterator[Blob | Skipped]:
        for item in self._source.blobs():
            if isinstance(item, Blob):
                yield from contents(item, self._bounds)
            else:
                yield item


class _LineStarts:
    def __init__(self, data: bytes) -> None:
        self._starts, self._size = [0], len(data)
        at = data.find(b"\n")
        while at >= 0:
            self._starts.append(at + 1)
            at = data.find(b"\n", at + 1)

    @property
    def count(self) -> int:
        """How many lines there are; a line feed at the end begins none."""
        return len(self._starts) - (len(self._starts) > 1 and self._starts[-1] == self._size)

    def place(self, offset: int) -> tuple[int, int]:
        """The line and the column of `offset`."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1


def _by_place(events: Iterable[Judged]) -> list[list[Judged]]:
    """Events about the same bytes together, in the order of the file."""
    groups: dict[tuple[int, int], list[Judged]] = {}
    for event in events:
        groups.setdefault(event.span, []).append(event)
    return [groups[span] for span in sorted(groups)]


def _explained(group: list[Judged], lines: _LineStarts, result: ScanResult) -> Explained:
    line, column = lines.place(group[0].span.start)
    steps = [_decided(event) for event in dict.fromkeys(group)]
    kept = [event for event in group if not event.against]
    reported = False
    if kept:
        last, reported = _outcome(line, column, kept, result)
        steps += last
    return Explained(line, column, group[0].value.preview(), reported, tuple(steps))


def _decided(event: Judged) -> Decision:
    about = f"{event.rule} (key {event.name})" if event.name else event.rule
    if event.against:
        return Decision(kept=False, text=f"{about}: dropped, for it {event.against}")
    return Decision(kept=True, text=f"{about}: a match")


def _outcome(line: int, column: int, kept: list[Judged], result: ScanResult) -> tuple[list[Decision], bool]:
    """What became of a match after its detector."""
    rules = {event.rule for event in kept}
    for finding in result.findings:
        if _stands_at(finding, line, column):
            return [_won(finding, rules), _reported(finding)], True
    for suppressed in result.suppressed:
        if _stands_at(suppressed.finding, line, column):
            return [_won(suppressed.finding, rules), _held_back(suppressed)], False
    return [Decision(kept=False, text="a surer or longer match overlaps it, and stands for it")], False


def _stands_at(finding: Finding, line: int, column: int) -> bool:
    return any(place.line == line and place.column == column for place in finding.locations)


def _won(finding: Finding, rules: set[str]) -> Decision:
    if len(rules) > 1:
        return Decision(
            kept=True, text=f"of {len(rules)} rules, {finding.rule_id} is the surest: {finding.title}"
        )
    return Decision(kept=True, text=f"{finding.rule_id}: {finding.title}")


def _reported(finding: Finding) -> Decision:
    text = f"reported: severity {finding.severity.label}, confidence {finding.confidence.label}"
    return Decision(kept=True, text=f"{text}, id {finding.id}")


def _held_back(suppressed: Suppressed) -> Decision:
    why = f" ({suppressed.reason})" if suppressed.reason else ""
    return Decision(kept=False, text=f"held back: {suppressed.by.value}{why}")
