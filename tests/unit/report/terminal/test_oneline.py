"""The lines that `grep` and editors read."""

from __future__ import annotations

import re

from secopskit.report import load
from secopskit.report.interface import RenderOptions
from support.report_samples import clean_result, rich_result

# What `efm=%f:%l:%c: %m` of vim takes, one finding a line.
_LINE = re.compile(r"(?P<path>.+?):(?P<line>\d+):(?P<column>\d+): (?P<severity>[a-z]+): (?P<text>.+)")


def lines() -> list[str]:
    return load("oneline").render(rich_result(), RenderOptions()).splitlines()


def test_every_place_is_one_line_worst_first() -> None:
    found = [_LINE.fullmatch(line) for line in lines()]
    assert len(found) == sum(len(finding.locations) for finding in rich_result().findings)
    severities = [match["severity"] for match in found if match]
    assert severities == ["critical"] * 5 + ["high"] * 9 + ["medium", "low", "info"]


def test_a_line_says_what_and_whether_it_is_still_there() -> None:
    preview = rich_result().findings[0].preview
    assert lines()[0] == (
        f"src/app/config.py:12:8: critical: Github pat {preview} (decoded from base64) [github-pat] "
        "still there, since 2021-11-05"
    )
    assert lines()[2].endswith("[github-pat] only in history, in 2222222222 2024-01-20")
    assert lines()[-1].endswith("[public-key]")


def test_no_findings_no_lines() -> None:
    assert load("oneline").render(clean_result(), RenderOptions()) == ""
