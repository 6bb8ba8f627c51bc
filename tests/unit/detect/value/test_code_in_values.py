"""Values that a program fills in or searches with are code; drawn values with brackets are not."""

from __future__ import annotations

import pytest

from secopskit.detect.value.other_things import is_other_thing
from support.values import alnum


@pytest.mark.parametrize(
    "value",
    [
        b"{alnum(8)}@{alnum(8)}",
        b"7654321098:AAH{draw(32)!r}",
        b"Bearer-{self.token(now):>20}",
        b"hooks/([0-9]{17,20})/[A-Za-z0-9_-]{60,80}",
        b"sk_live_[a-z0-9]+",
        b"^key-[0-9a-f]{32}$".replace(b"{32}", b"{32,}"),
    ],
)
def test_fields_and_expressions(value: bytes) -> None:
    assert is_other_thing(value)


@pytest.mark.parametrize("signs", ["{}", "[]", "({})", "[-]", "{a-b}"])
def test_brackets_in_a_drawn_value(signs: str) -> None:
    assert not is_other_thing(f"{alnum(12)}{signs}{alnum(12)}".encode())
