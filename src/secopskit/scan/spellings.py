r"""One secret, one finding, however it is written: `p%40ss` in a URL is `p@ss`, a key with other line ends
or with `\n` written out is the same key.

Only reports are put together so. What keeps records of values (a baseline, an incident, a purge) has to know
each spelling.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from secopskit.report.facts.order import order_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from secopskit.findings import Finding, ScanResult

_PERCENT: Final = rb"%([0-9A-Fa-f]{2})"
_PEM: Final = rb"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----"
# Line ends, indents, and both as JSON, dotenv and source code write them.
_BREAKS: Final = rb"(?:\\+[nrt]|[\s\"'+,])+"


def joined(result: ScanResult) -> ScanResult:
    """`result` with findings of one value in several spellings put together, under the first of them."""
    groups: dict[object, list[Finding]] = {}
    for finding in result.findings:
        groups.setdefault(_meant(finding), []).append(finding)
    if len(groups) == len(result.findings):
        return result
    together = (_one(group) if len(group) > 1 else group[0] for group in groups.values())
    return result._replace(findings=tuple(sorted(together, key=order_of)))


def _meant(finding: Finding) -> object:
    """What is equal for findings of the same secret."""
    if finding.secret is None:
        return finding.id
    value = finding.secret.reveal()
    if re.match(_PEM, value):
        return re.sub(_BREAKS, b"", value)
    return re.sub(_PERCENT, lambda found: bytes([int(found[1], 16)]), value) if b"%" in value else value


def _length(finding: Finding) -> int:
    return len(finding.secret) if finding.secret else 0


def _one(group: Sequence[Finding]) -> Finding:
    """The plainest of them, with all places; as bad as the worst and as sure as the surest."""
    best = max(group, key=lambda one: (one.severity, one.confidence, -_length(one)))
    return best._replace(
        locations=tuple(dict.fromkeys(place for one in (best, *group) for place in one.locations)),
        confidence=max(one.confidence for one in group),
        live_format=any(one.live_format for one in group),
    )
