"""The word for a scan without findings: green only where all that was asked for was looked at."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from secopskit.findings import (
    SYMBOLIC_LINK,
    ScanResult,
    ScanStats,
    Severity,
    Skipped,
    SkipReason,
    Suppressed,
    SuppressedBy,
)
from secopskit.report import FORMATS, load
from secopskit.report.interface import RenderOptions
from support.report_samples import finding, place


def held(by: SuppressedBy) -> Suppressed:
    return Suppressed(finding("token", Severity.HIGH, place("a.py")), by)


READ = ScanStats(blobs=2, bytes=80)
WHOLE = ScanResult(target="here", stats=READ)
DECIDED = (Skipped("a", SkipReason.EXCLUDED), Skipped("b", SkipReason.NOT_REGULAR, SYMBOLIC_LINK))
UNSURE = {
    "skipped": WHOLE._replace(skipped=(Skipped("a", SkipReason.UNREADABLE),)),
    "limited": WHOLE._replace(limits=("A shallow clone.",)),
    "unread": WHOLE._replace(stats=ScanStats()),
    "fresh": WHOLE._replace(suppressed=(held(SuppressedBy.INLINE)._replace(fresh=True),)),
    "asked": WHOLE._replace(suppressed=(held(SuppressedBy.PRESENCE),)),
    "empty": WHOLE._replace(stats=ScanStats(blobs=1)),
}
WORDS = {
    "unread": "nothing was read of",
    "empty": "nothing was read of",
    "fresh": "no secrets but what the change itself holds back in",
    "asked": "no secrets of the kind asked for in",
}
GREEN = {
    "console": "✓",
    "html": "✓",
    "plain": "ok  ",
    "junit": "no secrets found",
    "md": "no secrets in `here`",
}
GREEN |= {"github": "no secrets in here"}


def rendered(form: str, result: ScanResult) -> str:
    return load(form).render(result, RenderOptions())


@pytest.mark.parametrize("form", GREEN)
def test_green_where_all_was_read(form: str) -> None:
    assert GREEN[form] in rendered(form, WHOLE)
    assert GREEN[form] in rendered(form, WHOLE._replace(skipped=DECIDED))


@pytest.mark.parametrize("form", GREEN)
@pytest.mark.parametrize("why", UNSURE)
def test_no_green_word_for_what_was_not_looked_at(form: str, why: str) -> None:
    text = rendered(form, UNSURE[why])

    assert GREEN[form] not in text
    assert WORDS.get(why, "no secrets in what was read of") in text.lower()


@pytest.mark.parametrize("why", UNSURE)
def test_a_test_case_that_did_not_run_is_skipped(why: str) -> None:
    suite = ET.fromstring(rendered("junit", UNSURE[why])).find("testsuite")

    assert suite is not None
    assert (suite.get("tests"), suite.get("skipped")) == ("1", "1")
    assert suite.find("testcase/skipped") is not None


def test_every_format_with_words_for_it_is_tried() -> None:
    assert set(FORMATS) - set(GREEN) == {"oneline", "json", "sarif", "gitlab", "csv"}
