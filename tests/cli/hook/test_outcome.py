"""What a hook prints: nothing of a clean scan, and a line where something was held back."""

from __future__ import annotations

import re

import pytest

from secopskit.cli.hook.outcome import told
from secopskit.errors import ExitCode
from secopskit.findings import ScanResult, Severity, Skipped, SkipReason, Suppressed, SuppressedBy
from support.report_samples import clean_result, finding, place, work_tree_result

HELD = finding("old-token", Severity.HIGH, place("b.py"))
FAINT = finding("public-key", Severity.INFO, place("c.py"))


def printed(result: ScanResult, capsys: pytest.CaptureFixture[str], verbosity: int) -> tuple[ExitCode, str]:
    code = told(result, color=lambda: False, verbosity=verbosity)
    return code, capsys.readouterr().out


def held(*kinds: SuppressedBy, fresh: bool = False) -> ScanResult:
    return clean_result()._replace(
        suppressed=tuple(Suppressed(finding=HELD, by=kind, fresh=fresh) for kind in kinds)
    )


@pytest.mark.parametrize("verbosity", [0, -1])
def test_what_was_suppressed_is_one_line_in_quiet_too(
    capsys: pytest.CaptureFixture[str], verbosity: int
) -> None:
    result = held(SuppressedBy.INLINE, SuppressedBy.BASELINE, SuppressedBy.INLINE, SuppressedBy.SEVERITY)
    line = "secops: suppressed: 2 by an inline comment, 1 below the minimum severity, 1 by the baseline\n"
    assert printed(result, capsys, verbosity) == (ExitCode.OK, line)


def test_a_change_that_judges_itself_is_told_apart(capsys: pytest.CaptureFixture[str]) -> None:
    line = "secops: suppressed: 1 by a disabled rule that this change touches\n"
    assert printed(held(SuppressedBy.RULE, fresh=True), capsys, -1) == (ExitCode.OK, line)


@pytest.mark.parametrize("verbosity", [0, -1])
def test_nothing_is_said_of_nothing(capsys: pytest.CaptureFixture[str], verbosity: int) -> None:
    faint = Suppressed(finding=FAINT, by=SuppressedBy.SEVERITY)  # as the default never reports it
    for result in (clean_result(), clean_result()._replace(suppressed=(faint,))):
        assert printed(result, capsys, verbosity) == (ExitCode.OK, "")


def test_what_the_settings_exclude_is_told_in_quiet_too(capsys: pytest.CaptureFixture[str]) -> None:
    skipped = (Skipped("a.py", SkipReason.EXCLUDED), Skipped("b.png", SkipReason.BINARY))
    result = clean_result()._replace(skipped=skipped, limits=("This is a shallow clone.",))
    lines = (
        "secops: not seen: This is a shallow clone.\nsecops: not scanned: 1 file that the settings exclude\n"
    )
    assert printed(result, capsys, -1) == (ExitCode.OK, lines)
    assert "not scanned: binary content (1), excluded by configuration (1)" in printed(result, capsys, 0)[1]


def test_findings_are_reported_whole(capsys: pytest.CaptureFixture[str]) -> None:
    result = work_tree_result()._replace(suppressed=held(SuppressedBy.BASELINE).suppressed)
    code, text = printed(result, capsys, -1)
    assert code is ExitCode.FINDINGS
    assert "src/app/config.py:12:8" in text
    assert "suppressed: baseline (1)" in text


def test_no_comment_is_proposed_where_none_would_count(capsys: pytest.CaptureFixture[str]) -> None:
    told(work_tree_result(), color=lambda: False, comments=False)
    assert not re.search(r"secops: allow|End its line", capsys.readouterr().out)
    told(work_tree_result(), color=lambda: False)
    assert re.search(r"secops: allow.*End its line", capsys.readouterr().out, re.DOTALL)
