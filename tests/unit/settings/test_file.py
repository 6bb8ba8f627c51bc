"""The sections of the configuration file: each has a table, and the documents show it."""

from __future__ import annotations

from pathlib import Path

import pytest

from secopskit.errors import ConfigError
from secopskit.settings.file import SECTIONS, options_of, read_sections
from secopskit.settings.options import render_reference
from support.cli import ROOT

DOCUMENT = ROOT / "docs" / "configuration.md"


@pytest.mark.parametrize("section", SECTIONS)
def test_a_section_has_a_table_which_the_document_holds(section: str) -> None:
    options = options_of(section)
    assert {option.section for option in options} == {section}
    assert len({option.name for option in options}) == len(options)
    assert render_reference(options) in DOCUMENT.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "key", "lines"),
    [
        ("scan:\n  strict: true\nscan:\n  archives: false\n", "scan", "1 and 3"),
        ("scan:\n  exclude_paths: [a]\n  strict: true\n  exclude_paths: [b]\n", "exclude_paths", "2 and 4"),
        ("scan: {strict: true, strict: false}\n", "strict", "1 and 1"),
        ("sync:\n  targets:\n    - a: {b: 1,\n      b: 2}\n", "b", "3 and 4"),
    ],
)
def test_a_key_that_stands_twice_is_refused(text: str, key: str, lines: str, tmp_path: Path) -> None:
    (tmp_path / ".secops.yaml").write_text(text)
    with pytest.raises(ConfigError, match=rf"`{key}` stands there twice \(lines {lines}\)"):
        read_sections(str(tmp_path), None)


@pytest.mark.parametrize("value", ["[]", "false", "''x", "[a]", "word"])
def test_a_section_that_is_no_mapping_is_refused(value: str, tmp_path: Path) -> None:
    (tmp_path / ".secops.yaml").write_text(f"scan: {value}\n")
    with pytest.raises(ConfigError):
        read_sections(str(tmp_path), None)


def test_an_empty_section_and_an_alias_are_fine(tmp_path: Path) -> None:
    (tmp_path / ".secops.yaml").write_text("scan:\nmigrate: &a\n  x: [1]\nsync: *a\n")
    found = read_sections(str(tmp_path), None)[1]
    assert found == {"scan": {}, "migrate": {"x": ["1"]}, "sync": {"x": ["1"]}}
