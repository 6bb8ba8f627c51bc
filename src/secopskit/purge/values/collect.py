"""The values that a purge is about: those given by hand, and those of findings that a scan has made.

Who scans is the caller's affair; here the findings are chosen from, and turned into candidates.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from secopskit.findings import Finding
from secopskit.git.repository import Repository
from secopskit.purge.values import targets
from secopskit.purge.values.spelling import spellings
from secopskit.purge.values.targets import Candidate
from secopskit.report.text import count

NOT_SPELT: Final = "the file is too large to be looked into for how it is spelt"


@dataclass(frozen=True, slots=True, kw_only=True)
class ValuesToPurge:
    """The candidates for a purge, and what else the search for them has shown.

    `notes` are sentences about what cannot be purged; `valueless` are findings about a place rather
    than a value. `scanned` tells that the history was scanned for them. `remaining` are the findings that
    are not meant; `scope_known` tells that a scan was made at all, so that nothing else remains. `unspelt`
    are files with a value that a scan has found, in which nobody has looked how it is spelt.
    """

    candidates: tuple[Candidate, ...] = ()
    notes: tuple[str, ...] = ()
    valueless: tuple[Finding, ...] = ()
    scanned: bool = False
    remaining: tuple[Finding, ...] = ()
    scope_known: bool = False
    unspelt: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingChoice:
    """The findings that are meant: those of `rules`, and those whose id begins as in `ids`; or all.

    With `may_be_gone`, it is no mistake if a finding that is named is not found any more.
    """

    rules: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    may_be_gone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ScannedFindings:
    """The findings of a scan of the whole history, or those of a report that it has found again.

    `accepted` are those that a baseline, an ignore file or a comment accepts, `in_tests` those that only
    stand in tests. `notes` are sentences about the limits of the scan. `from_report` tells that a report
    named the findings; `everything` then has those that it did not name, too.
    """

    findings: tuple[Finding, ...]
    accepted: tuple[Finding, ...] = ()
    in_tests: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()
    from_report: bool = False
    everything: tuple[Finding, ...] = ()


def values_found(
    repository: Repository,
    scanned: ScannedFindings,
    choice: FindingChoice,
    given: Iterable[Candidate] = (),
) -> ValuesToPurge:
    """The values of the chosen findings, and those `given`. Raises UsageError, GitError."""
    findings, notes = scanned.findings, list(scanned.notes)
    if choice.ids:  # who names one of those means it
        findings += scanned.accepted + scanned.in_tests
    elif scanned.in_tests and not scanned.from_report:
        notes.append(
            f"Not purged: {count(len(scanned.in_tests), 'finding')} in tests. "
            "`secops scan --history --show all` lists them; --finding ID takes one."
        )
    if not choice.ids and scanned.accepted and not scanned.from_report:
        notes.append(
            f"Not purged: {count(len(scanned.accepted), 'finding')} that a baseline, a comment or an "
            "ignore file accepts. --no-baseline takes what baselines and ignore files accept."
        )
    chosen = targets.choose(findings, rules=choice.rules, ids=choice.ids, strict=not choice.may_be_gone)
    valueless = tuple(finding for finding in chosen if finding.secret is None)
    if valueless:
        names = ", ".join(_with_place(finding) for finding in valueless)
        notes.append(
            f"About a place rather than a value: {names}. There is nothing to replace; --path "
            "removes such a file from every commit."
        )
    spelt = spellings(repository, chosen)
    found = targets.from_findings(chosen, spelt.forms)
    meant = {finding.id for finding in chosen if finding.secret is not None}
    return ValuesToPurge(
        candidates=targets.merged((*found, *given)),
        notes=tuple(notes),
        valueless=valueless,
        scanned=True,
        remaining=tuple(one for one in scanned.everything or findings if one.id not in meant),
        scope_known=True,
        unspelt=spelt.too_large,
    )


def _with_place(finding: Finding) -> str:
    place = finding.locations[0].path if finding.locations else "no place"
    return f"{finding.title} ({place})"
