"""The order in which findings are told: what has to be seen to first comes first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from secopskit.findings import Severity, VerificationState
from secopskit.report.facts.live import is_active
from secopskit.report.facts.presence import is_gone

if TYPE_CHECKING:
    from secopskit.findings import Finding

FindingOrder: TypeAlias = tuple[int | str | bool, ...]

_SAID: Final = (VerificationState.ACTIVE, VerificationState.INACTIVE)


def is_urgent(finding: Finding) -> bool:
    """Whether it is of a live format, still there, and high at least: anybody can use it now.

    What is less is no more than half of a credential, is good for little, or stands in tests alone. Where its
    issuer was asked, that alone counts.
    """
    if finding.verification is not None and finding.verification.state in _SAID:
        return is_active(finding)
    return finding.live_format and finding.severity >= Severity.HIGH and not is_gone(finding)


def order_of(finding: Finding) -> FindingOrder:
    """What findings are sorted by.

    First live formats that are still there, the worst first; then by severity, those first that are still
    there, and the surer ones; then by path and line.
    """
    first = finding.locations[0]
    urgent, gone = is_urgent(finding), is_gone(finding)
    return not urgent, -finding.severity, gone, -finding.confidence, first.path, first.line
