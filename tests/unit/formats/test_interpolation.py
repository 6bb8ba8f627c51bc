"""Interpolation as https://docs.docker.com/reference/compose-file/interpolation/ describes it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secopskit.formats.stacks.interpolation import interpolations, resolved


@pytest.mark.parametrize(
    ("written", "name", "default", "required"),
    [
        (b"${X}", "X", None, False),
        (b"$X", "X", None, False),
        (b"a${X:-d}b", "X", b"d", False),
        (b"${X-d}", "X", b"d", False),
        (b"${X:-}", "X", b"", False),
        (b"${X:?must be set}", "X", None, True),
        (b"${X?}", "X", None, True),
        (b"${X:+v}", "X", b"", False),
        (b"${X+v}", "X", b"", False),
        (b'${X:-{"a": {"b": 1}}}', "X", b'{"a": {"b": 1}}', False),
        (b"postgres://u:${X:?p}@h:5432/d", "X", None, True),
    ],
)
def test_every_form(written: bytes, name: str, default: bytes | None, required: bool) -> None:
    (found,) = interpolations(written)
    assert (found.name, found.default, found.required) == (name, default, required)
    assert written[found.span.start] == ord("$")


@pytest.mark.parametrize(
    "written", [b"$$X", b"$${X}", b"cost: 5$", b"${1}", b"$(date)", b"{X}", b"${X:?see $Y"]
)
def test_what_is_none(written: bytes) -> None:
    assert [found.name for found in interpolations(written) if found.name != "Y"] == []


def test_nested_ones() -> None:
    found = interpolations(b"${A:-${B:-c}}/${D:?or $E}$F")
    assert [(each.name, each.default, each.depth) for each in found] == [
        ("A", b"${B:-c}", 0),
        ("B", b"c", 1),
        ("D", None, 0),
        ("F", None, 0),
    ]


def test_a_value_without_any_variable_set() -> None:
    assert resolved(b"${A:-${B:-c}}-${D:?x}-$E-$$F-${G:+h}-${I:-$J}") == "c-${D}-${E}-$F--${J}"


@pytest.mark.parametrize(
    ("written", "result"),
    [
        (b"${A}-$A", "1-1"),
        (b"${A:-x}-${A-x}-${A:?x}", "1-1-1"),
        (b"${A:+x}-${EMPTY+y}-${EMPTY:+z}", "x-y-"),
        (b"${EMPTY:-x}-${EMPTY-x}", "x-"),
        (b"${NO:-$A}", "1"),
        (b"$$A", "$A"),
    ],
)
def test_a_value_with_variables_that_are_known(written: bytes, result: str) -> None:
    assert resolved(written, {"A": b"1", "EMPTY": b""}) == result


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from([b"$", b"${", b"X", b":-", b"}", b"{", b":?", b"$$", b" "]), max_size=40))
def test_any_text_is_read(parts: list[bytes]) -> None:
    text = b"".join(parts)
    for found in interpolations(text):
        assert text[found.span.start : found.span.end].startswith((b"$X", b"${X"))
    resolved(text)


def test_deep_nesting_costs_little() -> None:
    assert interpolations(b"${A:-" * 20_000) == []
    assert len(interpolations(b"${A:-x}" * 5_000)) == 5_000
