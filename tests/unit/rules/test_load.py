"""Rule files that are wrong are refused with a clear error, whatever they hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from secopskit.errors import ConfigError
from secopskit.rules.load import load

_GOOD = "id: a-b\n    title: t\n    severity: low\n    confidence: low\n    remediation: r\n"


@pytest.mark.parametrize(
    ("extra", "word"),
    [
        ("kind: [x]", "kind"),
        ("kind: other", "kind"),
        ("entropy: " + "9" * 400, "entropy"),
        ("entropy: .nan", "entropy"),
        ("severity: {a: b}", "severity"),
        ("pattern: 5", "pattern"),
        ("examples: one", "examples"),
        ("nonsense: 1", "nonsense"),
    ],
)
def test_a_wrong_field_is_named(tmp_path: Path, extra: str, word: str) -> None:
    file = tmp_path / "own.yml"
    file.write_text(f"vendor: v\nrules:\n  - {_GOOD}    {extra}\n")
    with pytest.raises(ConfigError, match=word):
        load([file])


@pytest.mark.parametrize("text", ["", "rules: 5", "- 1", "rules: [1]", "a: [", "[" * 5000])
def test_a_file_that_is_no_rule_file(tmp_path: Path, text: str) -> None:
    file = tmp_path / "own.yml"
    file.write_text(text)
    with pytest.raises(ConfigError, match=r"own\.yml"):
        load([file])
