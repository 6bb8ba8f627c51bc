"""The one sieve: all that keeps a finding out of the report, and says so.

Severity, disabled rules, excluded paths, allow comments, baselines and ignore files suppress: what
they hold back becomes `Suppressed` values that reports count. A `ScanScope` does not suppress: lines
that a commit does not add, or a place that a range of commits did not bring, were not asked about.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from typing import NamedTuple, Protocol

from secopskit.detect.ruleset import Ruleset
from secopskit.findings import Finding, Location, Severity, Suppressed, SuppressedBy
from secopskit.scan.assemble import Located, assemble
from secopskit.scan.expiry import with_expiry
from secopskit.scan.names import without_kind
from secopskit.scan.occurrence import Occurrence


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


class ScanScope(NamedTuple):
    """What a scan was asked about; everything else is context.

    `counts` tells it of the lines `first` to `last` of a path, see `Source.counts`. `brings` tells it
    of a place of a finding; it is asked last, also of what is suppressed: what a change did not bring, it
    did not hide. It may raise GitError.
    """

    counts: Callable[[str, int, int], bool] = _every_line
    brings: Callable[[Finding, Location], bool] = _every_place


EVERYTHING = ScanScope()


class Sifted(NamedTuple):
    """What went through the sieve, worst first, and what it held back."""

    findings: tuple[Finding, ...]
    suppressed: tuple[Suppressed, ...]


def _asked(finding: Finding, scope: ScanScope) -> Finding | None:
    """`finding` at those of its places that the scan was asked about; None where there is none."""
    places = tuple(one for one in finding.locations if scope.brings(finding, one))
    return finding._replace(locations=places) if places else None


class Sieve(NamedTuple):
    """What a scan does not report. Everything it holds back is kept and can be shown.

    Without `heeds_comments`, comments in the content allow nothing: a server that checks a push
    may not want the pusher to have a say. `accepts` may refuse single ones, and raise GitError.
    """

    disabled_rules: frozenset[str] = frozenset()
    min_severity: Severity = Severity.LOW
    excluded: Callable[[str], bool] = _nothing_excluded
    known: Sequence[tuple[SuppressedBy, KnownFindings]] = ()
    heeds_comments: bool = True
    accepts: Callable[[Occurrence], bool] = _every_comment

    def excludes(self, path: str) -> bool:
        """Whether settings exclude the file: by its path, that of an archive it is in, or its path in there.

        A pattern for a directory holds for one in an archive, too.
        """
        if self.excluded(path):
            return True
        if "!" not in path:
            return False
        from secopskit.formats.archives.parts import SEPARATOR, outer_paths

        inner = path.replace(SEPARATOR, "/")
        return self.excluded(inner) or any(self.excluded(outer) for outer in outer_paths(path))

    def sift(
        self,
        located: Iterable[Located],
        ruleset: Ruleset,
        key: Callable[[], bytes],
        scope: ScanScope = EVERYTHING,
    ) -> Sifted:
        """The findings that `located` amounts to, and the suppressed ones. Raises what `scope` raises.

        `key` gives the repository's fingerprint key when it is first needed.
        """
        groups, key = self._grouped(with_expiry(located), scope), cache(key)
        findings, suppressed = list[Finding](), list[Suppressed]()
        for by, group in groups.items():
            assembled = assemble(group, ruleset, key)
            if by is not None:
                reasons = {(s.rule_id, s.secret): s.allowed for s, _ in group if s.allowed}
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
                    findings.append(part)
        return Sifted(findings=tuple(findings), suppressed=tuple(suppressed))

    def _grouped(
        self, located: Iterable[Located], scope: ScanScope
    ) -> dict[SuppressedBy | None, list[Located]]:
        """Occurrences by what holds them back at first sight; under None, those that go on."""
        groups: dict[SuppressedBy | None, list[Located]] = {}
        for pair in located:
            occurrence, _ = pair
            if scope.counts(occurrence.path, occurrence.line, occurrence.end_line):
                groups.setdefault(self._holds_back(pair), []).append(pair)
        return groups

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
