"""The probes themselves: values are drawn anew, stand where it is said, and follow from the seed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from support.framework_keys import FORMS, draw_keys
from support.probes import DECLARATIONS, INNOCENT, Drawn, Probe, draw, load


def _values(drawn: Drawn) -> list[bytes]:
    lines = drawn.data.split(b"\n")
    return [lines[at.line - 1][at.column - 1 : at.end_column - 1] for at in drawn.values]


def test_values_stand_where_they_are_said_to_stand() -> None:
    probe = Probe("yaml", "a.yml", "é: 1\nuser: ann\r\nkey: {{alnum:24}} # {{hex:40}}\n", ("bom",))
    [drawn] = draw([probe], "seed")
    first, second = _values(drawn)
    assert re.fullmatch(rb"[A-Za-z0-9]{24}", first)
    assert re.fullmatch(rb"[0-9a-f]{40}", second)
    assert drawn.data == b"\xef\xbb\xbf\xc3\xa9: 1\nuser: ann\r\nkey: %b # %b\n" % (first, second)


def test_every_declaration_has_a_value() -> None:
    assert [one.path for one in draw(load(DECLARATIONS), "") if not one.values] == []


@pytest.mark.parametrize("directory", [DECLARATIONS, INNOCENT], ids=lambda each: each.name)
def test_a_seed_gives_the_same_values_and_another_seed_others(directory: Path) -> None:
    probes = load(directory)
    once, again, other = draw(probes, "one"), draw(probes, "one"), draw(probes, "two")
    assert once == again
    assert [one.path for one in once] == [one.path for one in other]
    assert [
        one.path for one, two in zip(once, other, strict=True) if one.values and one.data == two.data
    ] == []


def test_no_class_of_values_is_misspelt() -> None:
    left = re.compile(rb"\{\{[A-Za-z0-9]+:[^{}\s]*\}\}")
    drawn = draw([*load(DECLARATIONS), *load(INNOCENT)], "")
    assert [one.path for one in drawn if left.search(one.data.replace(b"{{resolve:", b""))] == []


def test_a_head_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("=== python | a.py\nx = 1\n=== Python b.py\ny = 2\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"a\.txt"):
        load(tmp_path)


def test_keys_stand_where_they_are_said_to_stand() -> None:
    by_form = {one.kind: one for one in draw_keys(1, "seed")}
    assert list(by_form) == [form.name for form in FORMS]
    for form in FORMS:
        drawn = by_form[form.name]
        [key] = _values(drawn)
        assert drawn.data == form.before.encode() + key + form.after.encode()
