"""The result of one repository as a document: what a worker sends, the store keeps and reports are made of.

It is the JSON report (docs/report-json.md) without what was suppressed, of which the counts stay, and with
at most some of what was skipped. `held` are the fingerprints and rules of what was suppressed: it is there,
and not told. Each finding has three fields besides: `value`, whether it is about a value rather than a place;
`in_head`, whether the default branch still has it, null where nobody knows; `owners`, who looks after it.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Mapping
from typing import Any, Final

from secopskit.errors import SecopsError
from secopskit.findings import (
    Confidence,
    Finding,
    Location,
    PathRole,
    Provenance,
    ScanResult,
    ScanStats,
    Severity,
    Skipped,
    SkipReason,
)
from secopskit.redaction import redacted_result
from secopskit.report.facts.summary import by_reason, by_suppression, phrase
from secopskit.report.json import document
from secopskit.report.text import count
from secopskit.secret import Fingerprint

_MOST_SKIPPED: Final = 500
_MOST_BYTES: Final = 1 << 30


def make_document(
    result: ScanResult,
    *,
    owners: Callable[[str], tuple[str, ...]],
    in_head: Callable[[Finding], bool | None],
) -> bytes:
    """The document of `result`, without values.

    `owners` tells those of a path, `in_head` whether the default branch still has a finding (None: nobody
    knows).
    """
    safe = redacted_result(result)
    told = document(safe._replace(suppressed=(), skipped=_few(safe.skipped)))
    told["suppressed"] = by_suppression(safe)
    told["held"] = sorted({(one.finding.fingerprint.text, one.finding.rule_id) for one in safe.suppressed})
    told["skipped_for"] = by_reason(safe)
    told["unread"] = sum(one.heeded for one in result.skipped)
    for kept, finding in zip(told["findings"], result.findings, strict=True):
        kept |= {
            "value": finding.secret is not None,
            "owners": _owners(finding, owners),
            "in_head": in_head(finding),
        }
    return zlib.compress(json.dumps(told, allow_nan=False).encode("ascii"), 6)


def read_document(packed: bytes) -> dict[str, Any]:
    """The document that a worker has made. Raises SecopsError for what is none."""
    try:
        inflate = zlib.decompressobj()
        found = json.loads(inflate.decompress(packed, _MOST_BYTES))
        whole = inflate.eof and isinstance(found["findings"], list)
    except (zlib.error, ValueError, KeyError, TypeError):
        whole = False
    if not whole:
        raise SecopsError("the result of a repository is damaged", advice="Scan it again: --again.")
    return dict(found)


def result_of(told: Mapping[str, Any]) -> ScanResult:
    """The document as the result of a scan, for the forms of reports that are made of one."""
    skipped = tuple(map(_skipped, told["skipped"]))
    limits = list(told["limits"])
    if more := sum(told["skipped_for"].values()) - len(skipped):
        limits.append(f"{count(more, 'more thing')} not scanned: see `secops fleet report`.")
    if held := sum(told["suppressed"].values()):
        limits.append(f"{count(held, 'finding')} held back: {phrase(told['suppressed'])}.")
    stats = told["stats"]
    return ScanResult(
        target=told["target"],
        findings=tuple(map(_finding, told["findings"])),
        skipped=skipped,
        limits=tuple(limits),
        stats=ScanStats(
            blobs=stats["blobs"],
            bytes=stats["bytes"],
            seconds=stats["seconds"],
            cached_objects=stats["cached_objects"],
            rules=stats["rules"],
            engine=stats["engine"],
        ),
    )


def _owners(finding: Finding, owners: Callable[[str], tuple[str, ...]]) -> list[str]:
    return list(dict.fromkeys(owner for place in finding.locations for owner in owners(place.path)))


def _few(skipped: tuple[Skipped, ...]) -> tuple[Skipped, ...]:
    """Those first that nobody has decided on."""
    return tuple(sorted(skipped, key=lambda one: not one.heeded)[:_MOST_SKIPPED])


def _skipped(told: Mapping[str, Any]) -> Skipped:
    return Skipped(path=told["path"], reason=SkipReason[told["reason"].upper()], detail=told["detail"])


def _finding(told: Mapping[str, Any]) -> Finding:
    return Finding(
        id=told["id"],
        rule_id=told["rule_id"],
        title=told["title"],
        severity=Severity[told["severity"].upper()],
        confidence=Confidence[told["confidence"].upper()],
        fingerprint=Fingerprint(told["fingerprint"]),
        preview=told["preview"],
        locations=tuple(map(_location, told["locations"])),
        note=told["note"],
        remediation=told["remediation"],
        references=tuple(told["references"]),
        live_format=told["live_format"],
    )


def _location(told: Mapping[str, Any]) -> Location:
    return Location(
        path=told["path"],
        line=told["line"],
        end_line=told["end_line"],
        column=told["column"],
        end_column=told["end_column"],
        oid=told["oid"],
        place=told["place"],
        role=PathRole(told["role"]),
        provenance=_provenance(told) if "first_commit" in told else None,
    )


def _provenance(told: Mapping[str, Any]) -> Provenance:
    return Provenance(
        commit=told["commit"],
        first_commit=told["first_commit"],
        last_commit=told["last_commit"],
        author=told["author"],
        date=told["date"],
        last_date=told["last_date"],
        refs=tuple(told["refs"]),
        present=told["present"],
    )
