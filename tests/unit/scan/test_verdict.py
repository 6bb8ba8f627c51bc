"""How a scan ends: what is found, what somebody named and cannot be read, and what strictness heeds."""

from __future__ import annotations

import pytest

from secopskit.errors import ExitCode
from secopskit.findings import SYMBOLIC_LINK, ScanResult, Skipped, SkipReason
from secopskit.scan.verdict import judge
from support.report_samples import rich_result

CLEAN = ScanResult(target="here")
DELIBERATE = (
    Skipped("a.png", SkipReason.EXCLUDED),
    Skipped("link", SkipReason.NOT_REGULAR, SYMBOLIC_LINK),
    Skipped("out", SkipReason.SYMLINK_ESCAPE),
)


def skipping(*skipped: Skipped) -> ScanResult:
    return CLEAN._replace(skipped=skipped)


@pytest.mark.parametrize(
    "reason", [one for one in SkipReason if one not in {skip.reason for skip in DELIBERATE}]
)
def test_strictness_heeds_what_was_not_scanned(reason: SkipReason) -> None:
    unscanned = skipping(*DELIBERATE, Skipped("a", reason), Skipped("b", reason))
    assert judge(unscanned).code is ExitCode.OK
    verdict = judge(unscanned, strict=True)
    assert verdict.code is ExitCode.FINDINGS
    assert verdict.why == (f"strict: not everything was scanned: {reason.value} (2)",)


def test_strictness_heeds_what_could_not_be_seen() -> None:
    shallow = CLEAN._replace(limits=("This is a shallow clone.",))
    assert (judge(shallow).code, judge(shallow, strict=True).code) == (ExitCode.OK, ExitCode.FINDINGS)


def test_strictness_leaves_what_somebody_decided_on() -> None:
    assert judge(skipping(*DELIBERATE), strict=True) == (ExitCode.OK, ())


def test_findings() -> None:
    assert judge(rich_result()).code is ExitCode.FINDINGS
    assert judge(rich_result(), heeds_findings=False).code is ExitCode.OK


def test_a_named_file_that_cannot_be_read_weighs_most() -> None:
    named = Skipped("a\x1b", SkipReason.UNREADABLE, "Permission denied", asked=True)
    for found in (skipping(named), rich_result()._replace(skipped=(named,))):
        verdict = judge(found, heeds_findings=False)
        assert verdict == (ExitCode.OPERATION, ("a\\x1b: cannot be read: Permission denied",))
    assert judge(skipping(named._replace(reason=SkipReason.BINARY))).code is ExitCode.OK
