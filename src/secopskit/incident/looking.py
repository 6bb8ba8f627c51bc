"""A look at the whole history: which secrets it exposes now, and which of them somebody has accepted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from secopskit.findings import Finding, Location, ScanResult, SkipReason, SuppressedBy
from secopskit.incident.model import Acceptance, ExposedSecret
from secopskit.incident.request import IncidentContext
from secopskit.known.baseline import Baseline
from secopskit.purge.model import PurgeTarget
from secopskit.purge.tell.facts import shown
from secopskit.purge.values.matcher import ValueMatcher
from secopskit.purge.values.targets import why_delicate
from secopskit.report.exposure import exposure
from secopskit.report.text import visible
from secopskit.scan.history.selection import WHOLE_HISTORY

_MOST_PATHS: Final = 50
# Findings that somebody has judged to be none: the rest of a scan's report tells of them.
_ALLOWED: Final = (SuppressedBy.INLINE, SuppressedBy.IGNORE_FILE)


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenSecret:
    """A secret that the history holds now. `finding` has its value, where it has one."""

    secret: ExposedSecret
    finding: Finding
    acceptance: Acceptance | None = None
    present: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryLook:
    """What a look has seen. `allowed` counts findings that comments and ignore files hold back."""

    target: str
    seen: dict[str, SeenSecret] = field(repr=False)
    limits: tuple[str, ...] = ()
    complete: bool = True
    allowed: int = 0
    blobs: int = 0


def look_at_history(context: IncidentContext) -> HistoryLook:
    """Scan all that the repository holds, as its settings say. Raises SecopsError."""
    with context.tell.progress() as advance:
        result = context.session.scan_commits(
            WHOLE_HISTORY, purpose="looking at an incident", progress=advance
        )
    findings = _merged(result)
    mask = _mask(findings)
    acceptances = _Acceptances.of(context)
    complete = not (context.repository.shallow or context.repository.partial) and not any(
        skip.reason is SkipReason.MISSING_OBJECT for skip in result.skipped
    )
    seen = {
        one.fingerprint.text: _seen(one, acceptances.of_finding(one, uncovered), mask)
        for one, uncovered in findings
    }
    return HistoryLook(
        target=result.target,
        seen=seen,
        limits=tuple(map(visible, result.limits)),
        complete=complete,
        allowed=sum(one.by in _ALLOWED for one in result.suppressed),
        blobs=result.stats.blobs,
    )


def _merged(result: ScanResult) -> list[tuple[Finding, tuple[Location, ...]]]:
    """Each finding with all its places, and those of them that no baseline covers; worst first."""
    whole = dict[str, tuple[Finding, tuple[Location, ...]]]()
    for finding in result.findings:
        whole[finding.fingerprint.text] = finding, finding.locations
    for one in result.suppressed:
        if one.by is not SuppressedBy.BASELINE:
            continue
        known, uncovered = whole.get(one.finding.fingerprint.text, (None, ()))
        merged = known._replace(locations=known.locations + one.finding.locations) if known else one.finding
        whole[merged.fingerprint.text] = merged, uncovered
    return list(whole.values())


def _mask(findings: list[tuple[Finding, tuple[Location, ...]]]) -> Callable[[str], str]:
    """What takes values out of names: a file may be called as the secret in it."""
    values = [
        (one.secret, one.fingerprint.text)
        for one, _ in findings
        if one.secret is not None and not why_delicate(one.secret)
    ]
    targets = [
        PurgeTarget(number=number, value=value, label="", fingerprint=fingerprint)
        for number, (value, fingerprint) in enumerate(values, 1)
    ]
    return shown(ValueMatcher(targets)) if targets else visible


def _seen(finding: Finding, acceptance: Acceptance | None, mask: Callable[[str], str]) -> SeenSecret:
    known, place = exposure(finding), _first_place(finding)
    first = known.first if known else None
    last = known.last if known else None
    paths = tuple(dict.fromkeys(mask(one.path) for one in finding.locations if one.path))
    name = mask(place.path) if place.path else f"object {(place.oid or '')[:12]}"
    secret = ExposedSecret(
        fingerprint=finding.fingerprint.text,
        rule_id=finding.rule_id,
        title=_title(finding, mask),
        severity=finding.severity.label,
        place=f"{name}:{place.line}",
        value=finding.secret is not None,
        places=len(finding.locations),
        paths=paths[:_MOST_PATHS],
        first_commit=first.first_commit if first else "",
        first_date=visible(first.date) if first else "",
        author=mask(first.author) if first else "",
        last_commit=last.last_commit if last else "",
        last_date=visible(last.last_date) if last else "",
    )
    return SeenSecret(
        secret=secret, finding=finding, acceptance=acceptance, present=bool(known and known.present)
    )


def _first_place(finding: Finding) -> Location:
    """The first place in a file; a message of a commit only where there is none."""
    return next((one for one in finding.locations if not one.path.startswith("<")), finding.locations[0])


def _title(finding: Finding, mask: Callable[[str], str]) -> str:
    """What it is, with the key that it stands behind: a dotenv file holds many a secret."""
    return visible(finding.title) + (f" ({mask(finding.note)})" if finding.note else "")


class _Acceptances:
    """What our baseline says of findings, with who said it and until when."""

    def __init__(self, baseline: Baseline | None, today: date) -> None:
        self._baseline, self._today = baseline, today

    @classmethod
    def of(cls, context: IncidentContext) -> _Acceptances:
        """Those of the repository's baseline, if it has one. Raises ConfigError."""
        path = context.session.baseline_path
        if not path.is_file():
            return cls(None, context.now.date())
        return cls(Baseline.load(path, within=context.session.root), context.now.date())

    def of_finding(self, finding: Finding, uncovered: tuple[Location, ...]) -> Acceptance | None:
        """The acceptance of a finding: of all its places if it holds, of any if it has run out.

        Where several entries cover it, the one that runs out first counts.
        """
        if self._baseline is None:
            return None
        # On the first of all days nothing has run out.
        entries = [
            entry
            for place in (uncovered or finding.locations)
            if (entry := self._baseline.covers(finding, place, date.min)) is not None
        ]
        if not entries:
            return None
        first = min(entries, key=lambda entry: entry.expires or date.max)
        reason = min((entry.reason for entry in entries), key=len)
        acceptance = Acceptance(
            reason=visible(reason),
            owner=visible(first.owner),
            expires=first.expires.isoformat() if first.expires else "",
            expired=first.expired(self._today),
        )
        # Where some places are covered and others are not, nobody has accepted the secret as such.
        return acceptance if not uncovered or acceptance.expired else None


def remembered(before: ExposedSecret | None, seen: ExposedSecret, moment: str) -> ExposedSecret:
    """What is remembered of a secret that a look has seen: its own facts, and those of the times before."""
    if before is None:
        return replace(seen, first_seen=moment)
    earlier = before.first_date and (not seen.first_date or before.first_date < seen.first_date)
    came = before if earlier else seen  # a rewritten history may have forgotten how it came in
    return replace(
        seen,
        first_commit=came.first_commit,
        first_date=came.first_date,
        author=came.author,
        paths=tuple(dict.fromkeys((*before.paths, *seen.paths)))[:_MOST_PATHS],
        first_seen=before.first_seen,
        credential=before.credential,
        digest=before.digest,
        synced=before.synced,
        revoked=before.revoked,
        removed=before.removed if not before.gone else None,
        gone="",
        reopened=(*before.reopened, moment) if before.gone else before.reopened,
        states=before.states,
    )
