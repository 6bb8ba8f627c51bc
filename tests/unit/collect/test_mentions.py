"""The names in capitals that stand in a file."""

from __future__ import annotations

import pytest

from secopskit.collect.facts import MentionedNames
from secopskit.collect.mentions import COLLECTOR
from secopskit.findings import Blob


def _names(path: str, data: bytes) -> list[MentionedNames]:
    found = COLLECTOR.collect(Blob(path, data)) if COLLECTOR.wants(path) else ()
    return [fact for fact in found if isinstance(fact, MentionedNames)]


def test_names_in_code_and_in_prose() -> None:
    text = b"get('SHOP_NAME'); aSHOP_x, SHOP_NAMEs, XNAME, lower_name, A_1"
    assert _names("src/a.rs", text) == [MentionedNames("src/a.rs", frozenset({"SHOP_NAME", "A_1"}))]
    assert _names("docs/a.rst", b"SHOP_NAME") == [
        MentionedNames("docs/a.rst", frozenset({"SHOP_NAME"}), True)
    ]


@pytest.mark.parametrize(
    "path",
    [".env", "compose.prod.yaml", "a.lock", "a.png", "locales/de/x.json", "types.d.ts", "tests/test_a.py"],
)
def test_files_that_are_not_read(path: str) -> None:
    assert not COLLECTOR.wants(path)


@pytest.mark.parametrize("data", [b"", b"\0SHOP_NAME", b"nothing_here"])
def test_content_without_names(data: bytes) -> None:
    assert _names("a.py", data) == []


def test_all_names_of_a_large_file_count() -> None:
    data = b"".join(b"NAME_%d " % n for n in range(60_000))
    (told,) = _names("legacy.js", data)
    assert len(told.names) == 60_000
