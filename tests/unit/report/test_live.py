"""What a live check has learnt, in every format: who, with which scopes, and never the value."""

from __future__ import annotations

import json

import pytest

from secopskit.findings import FindingVerification, ScanResult, Severity, SuppressedBy, VerificationState
from secopskit.redaction import redacted_result
from secopskit.report import FORMATS, load
from secopskit.report.facts.grouped import rule_groups
from secopskit.report.facts.live import live_counts, live_words, only_active
from secopskit.report.interface import RenderOptions
from secopskit.secret import SecretValue
from support.report_samples import CANARY, finding, place

_ACTIVE = FindingVerification(
    VerificationState.ACTIVE,
    "GET /user at api.example: HTTP 200",
    "acme-bot",
    ("repo", "workflow"),
    "2026-01-01T00:00:00Z",
)
_UNASKED = FindingVerification(VerificationState.UNASKED, "nobody can be asked about this kind")


def result() -> ScanResult:
    works = finding("slack-token", Severity.CRITICAL, place("a.py"))._replace(verification=_ACTIVE)
    dead = finding("old-token", Severity.HIGH, place("b.py"))._replace(
        verification=FindingVerification(VerificationState.INACTIVE, "GET /me at api.example: HTTP 401")
    )
    other = finding("password", Severity.HIGH, place("c.py"))._replace(verification=_UNASKED)
    return ScanResult(target="a tree", findings=(works, dead, other))


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_every_format_tells_it(name: str) -> None:
    text = load(name).render(result(), RenderOptions(width=200))
    assert "acme-bot" in text
    assert "repo" in text
    assert "inactive" in text
    if load(name).complete and name not in ("json", "sarif", "html"):
        assert "1 active, 1 inactive, 1 cannot be asked" in " ".join(text.split())


def test_json_has_it_as_fields() -> None:
    found = json.loads(load("json").render(result(), RenderOptions()))["findings"]
    assert found[0]["verification"] == {
        "state": "active", "account": "acme-bot", "scopes": ["repo", "workflow"],
        "checked_at": "2026-01-01T00:00:00Z", "detail": "GET /user at api.example: HTTP 200",
    }  # fmt: skip
    assert found[2]["verification"]["checked_at"] is None


def test_the_words() -> None:
    works, dead, other = result().findings
    assert live_words(works) == "active: works as acme-bot (repo, workflow)"
    assert live_words(dead) == "inactive: GET /me at api.example: HTTP 401"
    assert live_words(other) == ""
    many = works._replace(verification=_ACTIVE._replace(scopes=tuple(f"s{n}" for n in range(20))))
    assert live_words(many).endswith("s7, and 12 more)")
    assert live_counts(ScanResult(target="x", findings=(finding("a", Severity.LOW),))) == ""


def test_what_works_comes_first_of_its_severity() -> None:
    works = result().findings[0]
    others = [finding("z-token", Severity.CRITICAL, place(f"{n}.py")) for n in range(3)]
    assert [group.rule_id for group in rule_groups([*others, works])] == ["slack-token", "z-token"]


def test_only_what_works_is_shown_and_the_rest_counted() -> None:
    left = only_active(result())
    assert [one.rule_id for one in left.findings] == ["slack-token"]
    assert {one.by for one in left.suppressed} == {SuppressedBy.PRESENCE}


def test_a_value_in_an_account_is_taken_out() -> None:
    scanned = result()
    value = CANARY.decode()
    told = _ACTIVE._replace(account=f"bot {value}", scopes=(value,), detail=value)
    found = scanned.findings[0]._replace(secret=SecretValue(CANARY), verification=told)
    hidden = redacted_result(scanned._replace(findings=(found,)))
    assert hidden.findings[0].verification is not None
    assert value not in str(hidden)
