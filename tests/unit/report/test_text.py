"""Text from a hostile repository."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secopskit.findings import Severity
from secopskit.report.facts.exposure import exposure, moment
from secopskit.report.text import count, encodable, path_name, size, visible
from secopskit.report.text import place as place_text
from support.report_samples import GONE, STILL_THERE, finding, place


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain name.py", "plain name.py"),
        ("naïve/文件/🙂.env", "naïve/文件/🙂.env"),
        ("a\x1b[31mb", "a\\x1b[31mb"),
        ("a\nb\tc\rd", "a\\nb\\tc\\rd"),
        ("\x9b31m\x7f", "\\x9b31m\\x7f"),
        ("\u202egpj", "\\u202egpj"),
        ("zero\u200bwidth\ufeff", "zero\\u200bwidth\\ufeff"),
        ("\u2028\u2029\u00a0", "\\u2028\\u2029\\xa0"),
        ("\udcff", "\\xff"),
        ("\ud800", "\\ud800"),
        ("\U000e0001", "\\U000e0001"),
    ],
)
def test_visible(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(st.text(alphabet=st.characters(exclude_categories=())))
def test_visible_is_printable_and_encodes(text: str) -> None:
    assert visible(text).isprintable()
    visible(text).encode()
    encodable(text).encode()


@given(st.binary(max_size=40))
def test_names_of_any_bytes_encode(raw: bytes) -> None:
    encodable(os.fsdecode(raw)).encode()


def test_encodable_keeps_what_json_can_say() -> None:
    assert encodable("a\x1bé\u202e\udcff") == "a\x1bé\u202e\\xff"


def test_names_of_places() -> None:
    assert place_text(place("a b.py", 3)) == "a b.py:3:8"
    assert path_name(place("")).startswith("(object ")


def test_numbers() -> None:
    assert (count(1, "place"), count(1234, "place")) == ("1 place", "1,234 places")
    assert [size(n) for n in (1, 1000, 2048, 5 << 20, 3 << 30)] == [
        "1 byte",
        "1,000 bytes",
        "2.0 KiB",
        "5.0 MiB",
        "3.00 GiB",
    ]


@pytest.mark.parametrize("date", ["", "not a date", "9999-99-99", "0001-01-01T00:00:00+14:00", "x" * 5000])
def test_dates_that_are_none(date: str) -> None:
    assert moment(date) is None


def test_exposure_joins_all_places() -> None:
    known = exposure(finding("x", Severity.LOW, place("a", 1, GONE), place("b", 1, STILL_THERE)))
    assert known is not None
    assert (known.first, known.last, known.present) == (STILL_THERE, STILL_THERE, True)
    gone = exposure(finding("x", Severity.LOW, place("a", 1, GONE)))
    assert gone is not None
    assert (gone.days, gone.present) == (292, False)
    assert exposure(finding("x", Severity.LOW, place("a"))) is None
