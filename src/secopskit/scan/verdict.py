"""What a scan amounts to for whoever started it: its exit code, and why it is not clean without a finding.

A file that somebody named and that cannot be read is an error. With `strict`, so is whatever else was not
scanned or could not be seen, but for what is none of the content that was asked for: see `Skipped.heeded`.
Whoever has looked at binary content says with `exclude_paths` that it holds nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from secopskit.errors import ExitCode
from secopskit.findings import SkipReason
from secopskit.named_tuple import NamedTuple

if TYPE_CHECKING:
    from secopskit.findings import ScanResult, Skipped

_NOT_READ: Final = (SkipReason.UNREADABLE, SkipReason.NOT_REGULAR)


class Verdict(NamedTuple):
    """How a scan ends. `why` are sentences on what makes it end so besides the findings."""

    code: ExitCode
    why: tuple[str, ...] = ()


def judge(result: ScanResult, *, strict: bool = False, heeds_findings: bool = True) -> Verdict:
    """The verdict on a scan. What could not be read although somebody named it weighs most."""
    named = [one for one in result.skipped if one.asked and one.reason in _NOT_READ]
    if named:
        return Verdict(ExitCode.OPERATION, tuple(_named(one) for one in named))
    found = ExitCode.FINDINGS if result.findings and heeds_findings else ExitCode.OK
    if not strict:
        return Verdict(found)
    why = _unscanned(result)
    return Verdict(ExitCode.FINDINGS if why else found, why)


def _named(one: Skipped) -> str:
    from secopskit.report.text import visible

    return f"{visible(one.path)}: {one.reason.value}" + (f": {visible(one.detail)}" if one.detail else "")


def _unscanned(result: ScanResult) -> tuple[str, ...]:
    from secopskit.report.facts.summary import by_reason, phrase

    heeded = tuple(one for one in result.skipped if one.heeded)
    if not heeded and not result.limits:
        return ()
    parts = [phrase(by_reason(result._replace(skipped=heeded)))] if heeded else []
    if result.limits:
        parts.append("see what could not be seen")
    return (f"strict: not everything was scanned: {'; '.join(parts)}",)
