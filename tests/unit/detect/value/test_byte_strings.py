"""Keys written as the literals in which languages show random bytes."""

from __future__ import annotations

import random

import pytest

from secopskit.detect.value.bytes_text import plain_bytes
from secopskit.detect.value.filters import FILTERS

AGAINST = FILTERS["unlikely-byte-string"]


@pytest.mark.parametrize("seed", range(20))
def test_what_a_literal_means_is_what_was_drawn(seed: int) -> None:
    drawn = random.Random(seed).randbytes(24)
    text = repr(drawn)[2:-1].encode()
    assert plain_bytes(text) == drawn
    assert AGAINST(text, b"app.secret_key = b'" + text + b"'") == ""


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (b"cache_key", repr(random.Random(1).randbytes(24))[2:-1].encode()),
        (b"SECRET_KEY", rb"\x80" * 24),
        (b"SECRET_KEY", bytes(repr(bytes(range(0x80, 0x98)))[2:-1], "ascii")),
        (b"SECRET_KEY", rb"\x89PNG"),
    ],
)
def test_names_and_regular_bytes_speak_against_it(name: bytes, text: bytes) -> None:
    assert AGAINST(text, name + b" = b'" + text + b"'")
