"""A look at the whole history: which secrets it exposes now, and which of them somebody has accepted."""

from __future__ import annotations

import os
import shlex
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from secopskit.findings import Finding, Location, ScanResult, SkipReason, SuppressedBy
from secopskit.git.remotes import narrow_remotes
from secopskit.git.repository import Repository
from secopskit.incident.model import Acceptance, ExposedSecret
from secopskit.incident.request import IncidentContext
from secopskit.known.baseline import Baseline
from secopskit.purge.model import PurgeTarget
from secopskit.purge.tell.gather_facts import shown
from secopskit.purge.tell.secrets import paths_of, place_of, title_of
from secopskit.purge.values.matcher import ValueMatcher
from secopskit.purge.values.targets import why_delicate
from secopskit.report.facts.exposure import exposure
from secopskit.report.text import count, visible
from secopskit.scan.history.objects.selection import WHOLE_HISTORY
from secopskit.scan.history.objects.whole import is_whole

# Findings that somebody has judged to be none: the rest of a scan's report tells of them.
_ALLOWED: Final = (SuppressedBy.INLINE, SuppressedBy.IGNORE_FILE)
_SETTINGS: Final = {
    SuppressedBy.PATH: "exclude_paths",
    SuppressedBy.RULE: "disable_rules",
}
_LACKS: Final = (SkipReason.MISSING_OBJECT, SkipReason.UNREADABLE)
_DAMAGED: Final = "git fsck --no-dangling"


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenSecret:
    """A secret that the history holds now. `finding` has its value, where it has one."""

    secret: ExposedSecret
    finding: Finding
    acceptance: Acceptance | None = None
    present: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryLook:
    """What a look has seen. `allowed` counts findings that comments and ignore files hold back.

    `held` are the fingerprints of all that is held back by anything but a baseline: by those, or by settings.
    `files` are those that are findings as such, and that only the minimum severity holds back.
    `cure` is the command that helps where the clone does not have all of the history; empty where it has.
    """

    target: str
    seen: dict[str, SeenSecret] = field(repr=False)
    limits: tuple[str, ...] = ()
    cure: str = ""
    allowed: int = 0
    blobs: int = 0
    held: frozenset[str] = frozenset()
    files: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether all of the history was there to be read."""
        return not self.cure


def look_at_history(context: IncidentContext) -> HistoryLook:
    """Scan all that the repository holds, as its settings say. Raises SecopsError."""
    with context.tell.progress() as progress:
        result = context.session.scan_commits(
            WHOLE_HISTORY, purpose="looking at an incident", progress=progress
        )
    findings = _merged(result)
    mask = mask_of(one for one, _ in findings)
    acceptances = _Acceptances.of(context)
    cure, lacks = _what_lacks(context, result)
    limits = (*result.limits, *lacks, *_not_read(context, result), *_elsewhere(context))
    seen = {
        one.fingerprint.text: _seen(one, acceptances.of_finding(one, uncovered), mask)
        for one, uncovered in findings
    }
    return HistoryLook(
        target=result.target,
        seen=seen,
        limits=tuple(map(visible, limits)),
        cure=cure,
        allowed=sum(one.by in _ALLOWED for one in result.suppressed),
        blobs=result.stats.blobs,
        held=frozenset(
            one.finding.fingerprint.text
            for one in result.suppressed
            if one.by is not SuppressedBy.BASELINE and one.finding.fingerprint.text not in seen
        ),
        files=tuple(
            place.path
            for one in result.suppressed
            if one.by is SuppressedBy.SEVERITY and one.finding.secret is None
            for place in one.finding.locations
        ),
    )


def _what_lacks(context: IncidentContext, result: ScanResult) -> tuple[str, tuple[str, ...]]:
    """What helps where not all of the history was there to be read, empty where it was; and a sentence on it.

    Raises GitError.
    """
    repository, scan = context.repository, context.session.config.scan
    if repository.shallow:
        return "git fetch --unshallow", ()
    missing = any(skip.reason in _LACKS for skip in result.skipped)
    keys = context.session.environment.cache_directory if scan.cache else None
    if not missing and is_whole(repository, keys=keys):
        return "", ()
    if repository.partial:
        return "git fetch --refetch --no-filter", ()
    return _DAMAGED, ("Objects of the history are missing in this clone, or damaged.",)


def _not_read(context: IncidentContext, result: ScanResult) -> Iterator[str]:
    """What was there and was not read, why ever, and what settings leave out: sentences with counts."""
    for reason in SkipReason:
        if number := sum(skip.reason is reason for skip in result.skipped):
            noun = (
                ("part of an archive", "parts of archives") if reason is SkipReason.ARCHIVE else ("object",)
            )
            yield f"Not read: {count(number, *noun)}, {reason.value}."
    held = Counter(one.by for one in result.suppressed if one.by in _SETTINGS)
    if held:
        parts = ", ".join(f"{number} by {_SETTINGS[by]}" for by, number in sorted(held.items(), key=str))
        yield f"Settings leave out {count(held.total(), 'finding')}: {parts}."
    if mild := sum(one.by is SuppressedBy.SEVERITY for one in result.suppressed):
        least = context.session.config.scan.min_severity.label
        yield f"Not here: {count(mild, 'finding')} below the severity {least}. `min_severity: info` has all."


def _elsewhere(context: IncidentContext) -> Iterator[str]:
    """Where more of this history may be that was not looked at."""
    for name in narrow_remotes(context.repository):
        yield (
            f"Only some branches of {name} are fetched; the others were not seen. All of them: "
            f"git remote set-branches {shlex.quote(name)} '*' && git fetch {shlex.quote(name)}"
        )
    if context.repository.succeeds("cat-file", "-e", "HEAD:.gitmodules"):
        yield "Submodules are repositories of their own: secops status PATH, for each."
    if os.path.isdir(os.path.join(context.repository.common_dir, "lfs", "objects")):
        yield "What Git LFS keeps outside of git was not looked at."


def still_there(repository: Repository, secrets: Iterable[ExposedSecret]) -> frozenset[str]:
    """The fingerprints of those values of which an object is there that held them. Raises GitError.

    A file as such is another matter: its content may stand elsewhere, under a name that is no finding.
    """
    known = {oid: one.fingerprint for one in secrets if one.value for oid in one.objects}
    if not known:
        return frozenset()
    asked = "".join(f"{oid}\n" for oid in known).encode()
    answers = repository.run("cat-file", "--batch-check=%(objectname)", stdin=asked)
    return frozenset(known[oid] for oid in answers.decode().split("\n") if oid in known)


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


def mask_of(findings: Iterable[Finding]) -> Callable[[str], str]:
    """What takes values out of names: a file may be called as the secret in it."""
    values = [
        (one.secret, one.fingerprint.text)
        for one in findings
        if one.secret is not None and not why_delicate(one.secret)
    ]
    targets = [
        PurgeTarget(number=number, value=value, label="", fingerprint=fingerprint)
        for number, (value, fingerprint) in enumerate(values, 1)
    ]
    return shown(ValueMatcher(targets)) if targets else visible


def _seen(finding: Finding, acceptance: Acceptance | None, mask: Callable[[str], str]) -> SeenSecret:
    known = exposure(finding)
    first = known.first if known else None
    last = known.last if known else None
    secret = ExposedSecret(
        fingerprint=finding.fingerprint.text,
        rule_id=finding.rule_id,
        title=title_of(finding, mask),
        severity=finding.severity.label,
        place=place_of(finding, mask),
        value=finding.secret is not None,
        places=len(finding.locations),
        paths=paths_of(finding, mask),
        objects=tuple(dict.fromkeys(one.oid for one in finding.locations if one.oid)),
        first_commit=first.first_commit if first else "",
        first_date=visible(first.date) if first else "",
        author=mask(first.author) if first else "",
        last_commit=last.last_commit if last else "",
        last_date=visible(last.last_date) if last else "",
    )
    return SeenSecret(
        secret=secret, finding=finding, acceptance=acceptance, present=bool(known and known.present)
    )


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
        paths=tuple(dict.fromkeys((*before.paths, *seen.paths))),
        objects=tuple(dict.fromkeys((*seen.objects, *before.objects))),
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
