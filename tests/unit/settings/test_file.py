"""The sections of the configuration file: each has a table, and the documents show it."""

from __future__ import annotations

import pytest

from secopskit.settings.file import SECTIONS, options_of
from secopskit.settings.options import render_reference
from support.cli import ROOT

DOCUMENT = ROOT / "docs" / "configuration.md"


@pytest.mark.parametrize("section", SECTIONS)
def test_a_section_has_a_table_which_the_document_holds(section: str) -> None:
    options = options_of(section)
    assert {option.section for option in options} == {section}
    assert len({option.name for option in options}) == len(options)
    assert render_reference(options) in DOCUMENT.read_text(encoding="utf-8")
