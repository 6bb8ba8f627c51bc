"""The variables that documents explain."""

from __future__ import annotations

import pytest

from secopskit.collect.documents import COLLECTOR
from support.collecting import lines

HEAD = "environment\n"
FORMS = [
    ("| `A_ONE` | x |", "A_ONE"),
    ("| A_ONE   | x |", "A_ONE"),
    ("| `PORT` | 80 |", "PORT"),
    ("* `A_ONE`: the one", "A_ONE"),
    ("- **A_ONE** \u2013 the one", "A_ONE"),
    ("1. text `A_ONE=3` text", "A_ONE"),
    ("- A_ONE: the one", "A_ONE"),
    ("### `A_ONE`", "A_ONE"),
    ("### A_ONE", "A_ONE"),
    ("set `DEBUG=true` for more", "DEBUG"),
    ("export A_ONE=x", "A_ONE"),
    ("A_ONE=x ./run", "A_ONE"),
    ("# A_ONE=x", "A_ONE"),
    ("docker run -e A_ONE=3 image", "A_ONE"),
    ("      A_ONE: x", "A_ONE"),
    ("      - A_ONE=x", "A_ONE"),
    ("``A_ONE``", "A_ONE"),
    (":envvar:`A_ONE`", "A_ONE"),
    ("<td><code>A_ONE</code></td>", "A_ONE"),
    ("A_ONE::\n  the one", "A_ONE"),
]
NONE = (
    "`GET` it",
    "the A_ONE of it",
    "`PORT` alone in prose",
    "| JSON | x |",
    "`a_one`",
    "A_ONE=$(date)",
    "-DA_ONE=x",
    "export A_ONE=x\ndocker build -t $A_ONE .",
    "A_ONE=x\necho ${A_ONE}/b",
)


@pytest.mark.parametrize(("text", "name"), FORMS, ids=[text for text, _ in FORMS])
def test_what_explains_a_variable(text: str, name: str) -> None:
    assert lines(COLLECTOR, HEAD + text + "\n", "README.md") == [(2, name)]


@pytest.mark.parametrize("text", NONE)
def test_what_does_not(text: str) -> None:
    assert lines(COLLECTOR, HEAD + text + "\n", "README.md") == []


def test_a_page_about_other_things() -> None:
    assert lines(COLLECTOR, "| `NOT_FOUND` | an error |\n", "docs/errors.md") == []


def test_a_name_counts_once() -> None:
    assert lines(COLLECTOR, HEAD + "`A_ONE`\n`A_ONE`\n", "README.md") == [(2, "A_ONE")]


def test_which_documents() -> None:
    for path in ("README.md", "docs/a.rst", "docs/a.html", ".github/README.md"):
        assert COLLECTOR.wants(path)
    for path in (
        "CHANGELOG.md",
        "docs/release-notes.md",
        ".cursor/rules/a.md",
        "src/index.html",
        "UPGRADING.md",
    ):
        assert not COLLECTOR.wants(path)


def test_what_is_said_elsewhere_of_a_name_that_a_page_expands() -> None:
    text = HEAD + "- `A_ONE`: the one\n  export A_ONE=x\n  echo $A_ONE\n"
    assert lines(COLLECTOR, text, "README.md") == [(2, "A_ONE")]


def test_pages_of_the_past() -> None:
    for path in ("docs/upgrading.md", "docs/compose-upgrading-from-1.md", "docs/v4-migration.md"):
        assert not COLLECTOR.wants(path)
    assert COLLECTOR.wants("docs/install.md")
