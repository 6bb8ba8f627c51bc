"""What a live check has learnt, in words that all formats share."""

from __future__ import annotations

from typing import Final

from secopskit.findings import Finding, ScanResult, Suppressed, SuppressedBy, VerificationState
from secopskit.report.text import visible

_COUNTED: Final = {
    VerificationState.ACTIVE: "active",
    VerificationState.INACTIVE: "inactive",
    VerificationState.UNKNOWN: "unknown",
    VerificationState.UNASKED: "cannot be asked",
}
_MOST: Final = 8  # scopes that a line names


def is_active(finding: Finding) -> bool:
    """Whether its issuer has said that it works."""
    known = finding.verification
    return known is not None and known.state is VerificationState.ACTIVE


def live_words(finding: Finding) -> str:
    """`active: works as acme-bot (repo, workflow)`; empty where nobody was or can be asked."""
    known = finding.verification
    if known is None or known.state is VerificationState.UNASKED:
        return ""
    if known.state is not VerificationState.ACTIVE:
        return f"{known.state.value}: {known.detail}"
    account = f" as {known.account}" if known.account else ""
    more = len(known.scopes) - _MOST
    scopes = ", ".join((*known.scopes[:_MOST], *([f"and {more} more"] if more > 0 else ())))
    return f"active: works{account}{f' ({scopes})' if scopes else ''}"


def noted(finding: Finding) -> str:
    """The note of a finding, and before it what its issuer says. Not yet fit to be shown: see `visible`."""
    return "; ".join(part for part in (live_words(finding), finding.note) if part)


def only_active(result: ScanResult) -> ScanResult:
    """The result with those findings alone that work; the others are counted as suppressed."""
    left = tuple(Suppressed(one, SuppressedBy.PRESENCE) for one in result.findings if not is_active(one))
    kept = tuple(one for one in result.findings if is_active(one))
    return result._replace(findings=kept, suppressed=(*result.suppressed, *left))


def live_counts(result: ScanResult) -> str:
    """`3 active, 2 inactive, 5 unknown, 12 cannot be asked`; empty without a live check."""
    states = [one.verification.state for one in result.findings if one.verification is not None]
    counts = ((states.count(state), words) for state, words in _COUNTED.items())
    return visible(", ".join(f"{number:,} {words}" for number, words in counts if number)) if states else ""
