"""What is still there, told apart from what only the history holds."""

from __future__ import annotations

import pytest

from secopskit.findings import ScanResult, Severity, SuppressedBy
from secopskit.report import load
from secopskit.report.facts.presence import HistoryPresence, is_gone, only
from secopskit.report.interface import RenderOptions
from support.report_samples import GONE, finding, place, rich_result


def names(result: ScanResult) -> list[str]:
    return [finding.rule_id for finding in result.findings]


def test_gone_is_what_no_tip_and_no_tree_holds() -> None:
    gone = [finding.rule_id for finding in rich_result().findings if is_gone(finding)]
    assert gone == ["postgres-password", "slack-webhook", "stash-token"]


def test_present_keeps_the_places_that_are_still_there() -> None:
    kept = only(rich_result(), HistoryPresence.PRESENT)
    assert names(kept) == ["github-pat", "weak-password", "env-file", "public-key"]
    assert [place.path for place in kept.findings[0].locations] == [
        "src/app/config.py",
        "docs/how to deploy.md",
    ]


def test_gone_keeps_what_only_the_history_holds() -> None:
    assert names(only(rich_result(), HistoryPresence.GONE)) == [
        "postgres-password",
        "slack-webhook",
        "stash-token",
    ]


@pytest.mark.parametrize("presence", HistoryPresence)
def test_what_is_left_out_is_counted(presence: HistoryPresence) -> None:
    before, after = rich_result(), only(rich_result(), presence)
    left = [one.finding for one in after.suppressed if one.by is SuppressedBy.PRESENCE]
    assert len(after.findings) + len(left) == len(before.findings)
    assert after.suppressed[: len(before.suppressed)] == before.suppressed


ORPHANED = GONE._replace(refs=())
_NO_BRANCH = "in no branch any more"


@pytest.mark.parametrize("form", ["oneline", "md", "html", "junit", "sarif", "gitlab", "github", "console"])
def test_what_no_ref_reaches_is_said_so_and_not_that_it_lasted_for_a_time(form: str) -> None:
    result = ScanResult(target="x", findings=(finding("a", Severity.HIGH, place("a", 1, ORPHANED)),))
    text = " ".join(load(form).render(result, RenderOptions(verbosity=1, width=200)).split())
    assert _NO_BRANCH in text
    assert "292 days" not in text
    reached = result._replace(findings=(finding("a", Severity.HIGH, place("a", 1, GONE)),))
    assert _NO_BRANCH not in load(form).render(reached, RenderOptions(verbosity=1, width=200))
