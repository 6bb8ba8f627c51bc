"""What is told first: what anybody can use now, then what is worst."""

from __future__ import annotations

from secopskit.findings import Finding, Severity
from secopskit.report.facts.grouped import rule_groups
from secopskit.report.facts.order import order_of
from support.report_samples import GONE, STILL_THERE, finding, place


def test_live_formats_that_are_still_there_come_first_then_the_worst() -> None:
    findings = [
        finding("live-low", Severity.LOW, place("tests/a.py", 1, STILL_THERE), live_format=True),
        finding("gone-critical", Severity.CRITICAL, place("a", 1, GONE)),
        finding("live-gone", Severity.HIGH, place("b", 1, GONE), live_format=True),
        finding("there-critical", Severity.CRITICAL, place("c", 1, STILL_THERE)),
        finding("live-medium", Severity.MEDIUM, place("d", 1, STILL_THERE), live_format=True),
        finding("live-high", Severity.HIGH, place("e"), live_format=True),
    ]
    wanted = ["live-high", "there-critical", "gone-critical", "live-gone", "live-medium", "live-low"]
    assert _names(sorted(findings, key=order_of)) == wanted
    assert [group.rule_id for group in rule_groups(findings)] == wanted


def _names(findings: list[Finding]) -> list[str]:
    return [one.rule_id for one in findings]
