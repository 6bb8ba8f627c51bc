"""Slow rules, rules in each other's way, and what rules cost."""

from __future__ import annotations

from pathlib import Path

import pytest

from secopskit.detect.checks.costs import costs, made_texts, texts_below
from secopskit.detect.checks.shadows import shadowed
from secopskit.findings import Confidence, Severity
from secopskit.rules.hostile import slowness
from secopskit.rules.model import Rule


def rule(name: str, pattern: str, *examples: str, **more: object) -> Rule:
    fields = {"severity": Severity.LOW, "confidence": Confidence.LOW} | more
    return Rule(
        id=name, vendor="Acme", title=name, remediation="Revoke it.", pattern=pattern, examples=examples,
        filters=(), **fields,  # type: ignore[arg-type]  # fields of a rule
    )  # fmt: skip


@pytest.mark.parametrize(
    "pattern",
    [
        r"key(?:[a-z]{1,90}|\w{1,90}){1,90}=",
        r"(?:\w{0,99}\s{0,9}){1,99}key",
    ],
)
def test_an_expression_that_reads_a_text_in_many_ways_is_slow(pattern: str) -> None:
    assert "bytes of hostile text take" in slowness(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        r"acme_[a-z0-9]{20}",
        r"(?i:key)\s{0,9}[:=]\s{0,9}[\"']([^\"'\n]{8,200})[\"']",
        r"(?:[a-z]{1,60}\.){1,9}com",
        "[^a]b",
    ],
)
def test_an_expression_that_reads_it_in_one_way_is_not(pattern: str) -> None:
    assert slowness(pattern) == ""


def test_a_rule_whose_examples_another_claims_is_told() -> None:
    token = "ghp_{{alnum:36}}"
    plain = rule("acme-plain", r"acmeplain_[a-z0-9]{8}", "acmeplain_{{loweralnum:8}}")
    partly = rule(
        "acme-partly", r"(?:ghp|zzq)_[A-Za-z0-9]{10}", "zzq_{{alnum:10}}", f"token {token}", boundary=False
    )
    wholly = rule("acme-wholly", r"ghp_[A-Za-z0-9]{30}", token, f"token {token}", boundary=False)
    found = {one.rule.id: one for one in shadowed([plain, partly, wholly])}
    assert {name: one.wholly for name, one in found.items()} == {"acme-partly": False, "acme-wholly": True}
    assert "github-pat" in found["acme-wholly"].others
    assert str(found["acme-wholly"]).startswith("each of its examples is claimed by ")


def test_what_rules_cost(tmp_path: Path) -> None:
    dear = rule("acme-dear", r"acme_[a-z0-9]{20}", "acme_{{loweralnum:20}}")
    free = rule("acme-free", r"nowhere_[a-z0-9]{20}", "nowhere_{{loweralnum:20}}")
    (tmp_path / "a.txt").write_text("acme_" + "a1" * 10 + "\n")
    (tmp_path / "b.bin").write_bytes(b"\0\1\2\3" * 100)
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "c.txt").write_text("nowhere_" + "a1" * 10)
    first, last = costs([free, dear], texts_below(tmp_path))
    assert (first.rule_id, last.rule_id) == ("acme-dear", "acme-free")
    assert first.milliseconds > 0 < first.judged
    assert last == ("acme-free", 0.0, 0.0)
    assert {one.judged > 0 for one in costs([free, dear], made_texts([free, dear]))} == {True}
