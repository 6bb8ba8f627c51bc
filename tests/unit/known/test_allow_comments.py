"""Allow comments: what they allow, and nothing more."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secopskit.known.allow_comments import MAX_COMMENTS, Allowance, InlineAllowances, inline_allowance
from support.effort import costs_little


@pytest.mark.parametrize(
    ("line", "who", "reason"),
    [
        (b"x = 1  # secops: allow", "secops", ""),
        (b"x = 1  # secops:allow test key", "secops", "test key"),
        (b"x = 1  // secops: allow[r] - it's revoked (2024)", "secops", "it's revoked (2024)"),
        (b"x = 1  // secops: allow[other, r] seen", "secops", "seen"),
        (b"x = 1  /* secops: allow[r,other] seen */", "secops", "seen"),
        (b"<!-- secops: allow demo -->", "secops", "demo"),
        (b"x = 1  # gitleaks:allow", "gitleaks", ""),
        (b"x = 1  # betterleaks:allow", "betterleaks", ""),
        (b"x = 1  # pragma: allowlist secret", "detect-secrets", ""),
        (b"x = 1  # pragma:whitelist secret", "detect-secrets", ""),
        (b"x = 1  # secops: allow r\xc3\xa9voqu\xc3\xa9\r", "secops", "révoqué"),
    ],
)
def test_on_the_line(line: bytes, who: str, reason: str) -> None:
    data = b"first\n" + line + b"\nlast\n"
    assert inline_allowance(data, 2, "r") == Allowance(who=who, reason=reason)
    assert inline_allowance(data, 1, "r") is None
    assert inline_allowance(data, 4, "r") is None


@pytest.mark.parametrize(
    "line",
    [
        b"x = 1  # secops: allow[other]",
        b"x = 1  # secops: allow[]",
        b"x = 1  # secops: allow[r",
        b"x = 1  # secops: allowed",
        b"x = 1  # secops: allow-all",
        b"x = 1  # gitleaks: allow",
        b"x = 1  # gitleaks:allowed",
        b"x = 1  # pragma: allowlist secrets",
        b"x = 1  # pragma: allowlist nextline secret",
        b"x = 1  # SECOPS: ALLOW",
    ],
)
def test_what_does_not_allow(line: bytes) -> None:
    assert inline_allowance(line + b"\nx\n", 1, "r") is None


@pytest.mark.parametrize(
    "lead", [b"#", b"//", b"  --", b";", b"/*", b" *", b"<!--", b"{#", b"%", b"REM ", b"! "]
)
def test_a_comment_line_allows_the_next(lead: bytes) -> None:
    data = lead + b" secops: allow[r] why\nsecret\nmore\n"
    assert inline_allowance(data, 2, "r") == Allowance(who="secops", reason="why")
    assert inline_allowance(data, 2, "other") is None
    assert inline_allowance(data, 3, "r") is None


@pytest.mark.parametrize(
    "line",
    [
        b"x = 1  # secops: allow",
        b"'secops: allow'",
        b"/* secops: allow */ x = 1",
        b"# gitleaks:allow",
        b"# pragma: allowlist secret",
        b"x = 1  # pragma: allowlist nextline secret",
    ],
)
def test_only_a_line_that_is_all_comment_allows_the_next(line: bytes) -> None:
    assert inline_allowance(line + b"\nsecret\n", 2, "r") is None


def test_nextline_pragma() -> None:
    data = b"  # pragma: allowlist nextline secret\nsecret\n"
    assert inline_allowance(data, 2, "r") == Allowance(who="detect-secrets")
    assert inline_allowance(data, 1, "r") is None


def test_the_first_comment_that_covers_the_rule_speaks() -> None:
    data = b"x # secops: allow[a] one # secops: allow[b] two\n"
    allowances = InlineAllowances(data)
    assert allowances.find(1, "b") == Allowance(who="secops", reason="two")
    assert allowances.find(1, "c") is None


@pytest.mark.parametrize(
    "tail",
    [
        b'"x", "password": "CANARY"',
        b"password=CANARY",
        b"`CANARY`",
        b"words CANARY" + b"0" * 30,
        b"*/ p = CANARY",
    ],
)
def test_a_reason_never_repeats_a_value(tail: bytes) -> None:
    allowance = inline_allowance(b"/* secops: allow " + tail + b"\n", 1, "r")
    assert allowance is not None
    assert "CANARY" not in allowance.reason


def test_a_reason_is_withheld_where_the_secret_stands_in_it() -> None:
    data = b"# secops: allow CANARY\n"
    assert inline_allowance(data, 1, "r", column=17) == Allowance(who="secops")
    assert inline_allowance(b"CANARY " + data, 1, "r", column=1) == Allowance(who="secops", reason="CANARY")


def test_many_comments_in_one_long_line_are_bounded() -> None:
    data = b"# secops: allow " * (MAX_COMMENTS * 5) + b"\n\n# gitleaks:allow\n"

    def found() -> list[Allowance | None]:
        allowances = InlineAllowances(data)
        return [allowances.find(line, "r") for line in (1, 3)]

    first, late = costs_little(found, 2)
    assert first is not None
    assert late is None  # reported rather than allowed


@given(
    st.lists(
        st.sampled_from(
            [
                b"secops: allow",
                b"[",
                b"]",
                b"r",
                b"#",
                b"\n",
                b"*/",
                b" ",
                b"pragma: allowlist secret",
                b"\xff",
            ]
        )
    )
)
def test_any_bytes(parts: list[bytes]) -> None:
    allowances = InlineAllowances(b"".join(parts))
    for line in range(1, parts.count(b"\n") + 3):
        allowances.find(line, "r", column=3)
