"""Tokens that expire between two scans."""

from __future__ import annotations

from datetime import date

import pytest

from secopskit.findings import Confidence, Severity
from secopskit.scan.content.occurrence import Occurrence
from secopskit.scan.expiry import with_expiry


def occurrence(note: str) -> Occurrence:
    return Occurrence(
        rule_id="jwt-token",
        secret=None,
        severity=Severity.MEDIUM,
        confidence=Confidence.MEDIUM,
        note=note,
        path="a",
        oid=None,
        line=1,
        end_line=1,
        column=1,
        end_column=2,
        key_digest="",
        allowed=None,
    )


@pytest.mark.parametrize(
    ("note", "told", "severity"),
    [
        ("expires 2031-05-01", "expired 2031-05-01", Severity.INFO),
        ("expires 2031-05-01, decoded from base64", "expired 2031-05-01, decoded from base64", Severity.INFO),
        ("expires 2031-05-02", "expires 2031-05-02", Severity.MEDIUM),
        ("never expires", "never expires", Severity.MEDIUM),
        ("key expires", "key expires", Severity.MEDIUM),
        ("", "", Severity.MEDIUM),
    ],
)
def test_what_has_expired_says_so_and_is_information(note: str, told: str, severity: Severity) -> None:
    ((after, _),) = with_expiry([(occurrence(note), None)], date(2031, 5, 2))
    assert (after.note, after.severity) == (told, severity)


def test_the_day_is_that_of_the_scan() -> None:
    ((after, _),) = with_expiry([(occurrence("expires 1999-12-31"), None)])
    assert after.severity is Severity.INFO
