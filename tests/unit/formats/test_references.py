"""References in values: variables and their defaults."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secopskit.findings import Span
from secopskit.formats.references import Reference, default_of, references


@pytest.mark.parametrize(
    ("value", "default"),
    [
        (b"${A:-x1}", b"x1"),
        (b"${A-x1}", b"x1"),
        (b"${a.b:x1}", b"x1"),
        (b"postgres://u:${A:-x1}@h", b"x1"),
        (b"${A}", None),
        (b"${A:-}", None),
        (b"${db-password}", None),
        (b"${file:/etc/app.properties:db.password}", None),
        (b"${env:DB_PASSWORD}", None),
        (b"${env:-x1}", b"x1"),
        (b"${A:?not set}", None),
        (b"${A:+x1}", None),
        (b"$A", None),
    ],
)
def test_defaults(value: bytes, default: bytes | None) -> None:
    found = default_of(value)
    assert (found.value if found else None) == default
    if found:
        assert value[found.offset :].startswith(found.value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"x1", []),
        (b"$A", [("A", None)]),
        (b"${A}", [("A", None)]),
        (b"${A:-x1}", [("A", b"x1")]),
        (b"${A-}", [("A", b"")]),
        (b"${A:?not set}", [("A", None)]),
        (b"${a.b:x1}", [("a.b", b"x1")]),
        (b"${{ secrets.TOKEN }}", [("secrets.TOKEN", None)]),
        (b"postgres://$U:${P:-x1}@h", [("U", None), ("P", b"x1")]),
        (b"$$A and $1", []),
        (b"price: 5$", []),
    ],
)
def test_references(value: bytes, expected: list[tuple[str, bytes | None]]) -> None:
    found = list(references(value))
    assert [(reference.name, reference.default) for reference in found] == expected
    for reference in found:
        assert value[slice(*reference.span)].startswith(b"$")


def test_a_reference_knows_its_place() -> None:
    assert list(references(b"a${B}c")) == [Reference(name="B", span=Span(1, 5))]


@given(st.binary(max_size=300))
def test_any_bytes_are_read(value: bytes) -> None:
    for reference in references(value):
        assert 0 <= reference.span.start < reference.span.end <= len(value)
    default_of(value)
