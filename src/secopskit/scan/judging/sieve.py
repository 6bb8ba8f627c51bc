"""The one sieve: all that keeps a finding out of the report, and says so.

Severity, disabled rules, excluded paths, allow comments, baselines, ignore files and the role of a path
suppress: what they hold back becomes `Suppressed` values that reports count. A `ScanScope` leaves out, and
does not count, what was not asked about: lines that a commit does not add, a place that a range of commits
did not bring. What was only moved was asked about, and is counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING, Protocol

from secopskit.detect.ruleset import Ruleset
from secopskit.findings import Finding, Location, PathRole, Severity, Suppressed, SuppressedBy
from secopskit.named_tuple import NamedTuple
from secopskit.scan.content.occurrence import Occurrence
from secopskit.scan.content.standing import has_live_format
from secopskit.scan.display import heeded_severity, holds_back_tests, role_of, to_be_read
from secopskit.scan.names import without_kind
from secopskit.settings.shown import Shown

if TYPE_CHECKING:
    from secopskit.scan.assemble import Located


class KnownFindings(Protocol):
    """A record of findings that somebody already judged: a baseline, an ignore file."""

    def covers(self, finding: Finding, location: Location) -> str | None:
        """The reason why `finding` at `location` is known, or None if it is not."""
        ...


def _nothing_excluded(_path: str) -> bool:
    return False


def _every_line(_path: str, _first: int, _last: int) -> bool:
    return True


def _every_comment(_occurrence: Occurrence) -> bool:
    return True


def _every_place(_finding: Finding, _location: Location) -> bool:
    return True


def _nothing_moved(_finding: Finding, _location: Location) -> str:
    return ""


class ScanScope(NamedTuple):
    """What a scan was asked about; everything else is context.

    `counts` tells it of the lines `first` to `last` of a path, see `Source.counts`. `brings` tells it
    of a place of a finding; it is asked last, also of what is suppressed: what a change did not bring, it
    did not hide. `moved` says where the secret at a place stood before, in words, or "" where it is new; it
    is asked of what would be reported. Both may raise GitError. `foresee` is told early, while content is
    read, what `moved` will mostly be asked about.
    """

    counts: Callable[[str, int, int], bool] = _every_line
    brings: Callable[[Finding, Location], bool] = _every_place
    moved: Callable[[Finding, Location], str] = _nothing_moved
    foresee: Callable[[Occurrence], None] | None = None


EVERYTHING = ScanScope()


class Sifted(NamedTuple):
    """What went through the sieve, in its order, and what it held back."""

    findings: tuple[Finding, ...]
    suppressed: tuple[Suppressed, ...]


def _why(occurrence: Occurrence, by: SuppressedBy, ruleset: Ruleset) -> str:
    """What the reader of a list of what was held back is told beside `by`."""
    if by is SuppressedBy.SEVERITY:
        return to_be_read(occurrence, ruleset.by_id(occurrence.rule_id))
    return occurrence.allowed or ""


def _asked(finding: Finding, scope: ScanScope) -> Finding | None:
    """`finding` at those of its places that the scan was asked about; None where there is none."""
    places = tuple(one for one in finding.locations if scope.brings(finding, one))
    return finding._replace(locations=places) if places else None


def _new(finding: Finding, scope: ScanScope) -> Iterator[Finding | Suppressed]:
    """`finding` at those of its places where it is new; the others are told as moved."""
    if scope.moved is _nothing_moved:
        yield finding
        return
    before = {place: scope.moved(finding, place) for place in finding.locations}
    new = tuple(place for place, words in before.items() if not words)
    if moved := tuple(place for place, words in before.items() if words):
        part = finding._replace(locations=moved)
        yield Suppressed(finding=part, by=SuppressedBy.MOVED, reason=before[moved[0]])
    if new:
        yield finding._replace(locations=new)


class Sieve(NamedTuple):
    """What a scan does not report. Everything it holds back is kept and can be shown.

    Without `heeds_comments`, comments in the content allow nothing: a server that checks a push
    may not want the pusher to have a say. `accepts` may refuse single ones, and raise GitError. `show` tells
    how much of what stands in tests and documents is reported.
    """

    disabled_rules: frozenset[str] = frozenset()
    min_severity: Severity = Severity.LOW
    excluded: Callable[[str], bool] = _nothing_excluded
    known: Sequence[tuple[SuppressedBy, KnownFindings]] = ()
    heeds_comments: bool = True
    accepts: Callable[[Occurrence], bool] = _every_comment
    show: Shown = Shown.DEFAULT

    def excludes(self, path: str) -> bool:
        """Whether settings exclude the file: by its path, that of an archive it is in, or its path in there.

        A pattern for a directory holds for one in an archive, too.
        """
        if self.excluded(path):
            return True
        if "!" not in path:
            return False
        from secopskit.formats.archives.member_paths import SEPARATOR, outer_paths

        inner = path.replace(SEPARATOR, "/")
        return self.excluded(inner) or any(self.excluded(outer) for outer in outer_paths(path))

    def sift(
        self,
        located: Sequence[Located],
        ruleset: Ruleset,
        key: Callable[[], bytes],
        scope: ScanScope = EVERYTHING,
    ) -> Sifted:
        """The findings that `located` amounts to, and the suppressed ones. Raises what `scope` raises.

        `key` gives the repository's fingerprint key when it is first needed.
        """
        if not located:
            return Sifted(findings=(), suppressed=())
        # Most commits have none; of one that has, git looks for the secret while these are loaded.
        from secopskit.scan.assemble import assemble
        from secopskit.scan.expiry import with_expiry

        groups, key = self._grouped(with_expiry(located), ruleset, scope), cache(key)
        findings, suppressed = list[Finding](), list[Suppressed]()
        for by, group in groups.items():
            assembled = assemble(group, ruleset, key)
            if by is not None:
                reasons = {(s.rule_id, s.secret): why for s, _ in group if (why := _why(s, by, ruleset))}
                outcomes: Iterable[Finding | Suppressed] = (
                    Suppressed(finding=f, by=by, reason=reasons.get((f.rule_id, f.secret), ""))
                    for f in assembled
                )
            else:
                outcomes = self._without_known(assembled)
            for outcome in outcomes:
                if isinstance(outcome, Suppressed):
                    part = _asked(outcome.finding, scope)
                    suppressed += [outcome._replace(finding=part)] if part else []
                elif part := _asked(outcome, scope):
                    for new in _new(part, scope):
                        if isinstance(new, Suppressed):
                            suppressed.append(new)
                        else:
                            findings.append(new)
        return Sifted(findings=tuple(findings), suppressed=tuple(suppressed))

    def may_report(self, occurrence: Occurrence, ruleset: Ruleset) -> bool:
        """Whether nothing holds `occurrence` back at first sight; something may all the same."""
        held_back = self._holds_back((occurrence, None)) or self._role_holds_back(occurrence, ruleset)
        return held_back is None

    def _grouped(
        self, located: Iterable[Located], ruleset: Ruleset, scope: ScanScope
    ) -> dict[SuppressedBy | None, list[Located]]:
        """Occurrences by what holds them back at first sight; under None, those that go on.

        What only the role of its place holds back goes on where the same secret goes on anyway.
        """
        groups: dict[SuppressedBy | None, list[Located]] = {}
        doubtful: list[tuple[SuppressedBy, Located]] = []
        for pair in located:
            occurrence, _ = pair
            if not scope.counts(occurrence.path, occurrence.line, occurrence.end_line):
                continue
            by = self._holds_back(pair)
            if by is None and (role := self._role_holds_back(occurrence, ruleset)):
                doubtful.append((role, pair))
            else:
                groups.setdefault(by, []).append(pair)
        told = {occurrence.secret for occurrence, _ in groups.get(None, ()) if occurrence.secret}
        for role, pair in doubtful:
            groups.setdefault(None if pair[0].secret in told else role, []).append(pair)
        return groups

    def _role_holds_back(self, occurrence: Occurrence, ruleset: Ruleset) -> SuppressedBy | None:
        rule = ruleset.by_id(occurrence.rule_id)
        made_up = role_of(occurrence) is PathRole.TEST and not has_live_format(rule)
        if made_up and holds_back_tests(self.show):
            return SuppressedBy.TESTS
        low = heeded_severity(occurrence, rule, self.show) < self.min_severity
        return SuppressedBy.SEVERITY if low else None

    def _holds_back(self, located: Located) -> SuppressedBy | None:
        occurrence, _ = located
        if occurrence.allowed is not None and self.heeds_comments and self.accepts(occurrence):
            return SuppressedBy.INLINE
        if occurrence.rule_id in self.disabled_rules:
            return SuppressedBy.RULE
        if self.excludes(without_kind(occurrence.path)):
            return SuppressedBy.PATH
        return SuppressedBy.SEVERITY if occurrence.severity < self.min_severity else None

    def _without_known(self, findings: Iterable[Finding]) -> Iterator[Finding | Suppressed]:
        """Findings without the places that are known; a finding without places is suppressed."""
        for finding in findings:
            left = finding.locations
            for by, record in self.known:
                covered = {
                    location: reason
                    for location in left
                    if (reason := record.covers(finding, location)) is not None
                }
                left = tuple(location for location in left if location not in covered)
                if covered:
                    part = finding._replace(locations=tuple(covered))
                    yield Suppressed(finding=part, by=by, reason=next(iter(covered.values())))
            if left:
                yield finding._replace(locations=left)
