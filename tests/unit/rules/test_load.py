"""Rule files that are wrong are refused with a clear error, whatever they hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from secopskit.errors import ConfigError
from secopskit.rules.load import load, load_all, load_sound

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


@pytest.mark.parametrize(
    "text",
    [
        f"vendor: v\nvendor: w\nrules:\n  - {_GOOD}",
        f"vendor: v\nrules:\n  - {_GOOD}    title: another\n",
        f"vendor: v\nrules: []\nrules:\n  - {_GOOD}",
        "vendor: v\nrules: [{id: a-b, id: c-d}]\n",
    ],
)
def test_a_key_that_stands_twice_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "own.yml"
    file.write_text(text)
    with pytest.raises(ConfigError, match="stands there twice"):
        load([file])


def test_a_vendor_is_that_of_the_file_or_its_name(tmp_path: Path) -> None:
    file = tmp_path / "own.yml"
    for head, expected in (("", "own"), ("vendor: 42\n", "42")):
        file.write_text(f"{head}rules:\n  - {_GOOD}")
        assert load([file])[0].vendor == expected
    file.write_text(f"vendor: [a]\nrules:\n  - {_GOOD}")
    with pytest.raises(ConfigError, match="vendor"):
        load([file])


@pytest.mark.parametrize(
    ("pattern", "problem"),
    [
        (r"acme_([A-Za-z0-9]{1,30}){1,30}!", "bytes of hostile text take"),
        ("acme_[a-z0-9{20}", "does not compile"),
        ("acme_x)|(?:zzz_[0-9]{4}", "does not compile"),
        (r"(acme_)\1", "does not compile"),
    ],
)
def test_what_no_scan_would_get_to_the_end_with_is_refused_by_name(
    tmp_path: Path, pattern: str, problem: str
) -> None:
    file = tmp_path / "own.yml"
    file.write_text(f"vendor: v\nrules:\n  - {_GOOD}    pattern: '{pattern}'\n")
    for read in (lambda: load_all([file]), lambda: load_sound([file])):
        with pytest.raises(ConfigError, match=problem) as caught:
            read()
        assert "own.yml: rule 'a-b'" in str(caught.value)


@pytest.mark.parametrize("text", ["", "rules: 5", "- 1", "rules: [1]", "a: [", "[" * 5000])
def test_a_file_that_is_no_rule_file(tmp_path: Path, text: str) -> None:
    file = tmp_path / "own.yml"
    file.write_text(text)
    with pytest.raises(ConfigError, match=r"own\.yml"):
        load([file])
