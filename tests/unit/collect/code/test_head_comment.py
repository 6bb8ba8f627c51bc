"""What the comment at the head of a program says of variables."""

from __future__ import annotations

import pytest

from secopskit.collect.code.head_comment import COLLECTOR
from support.collecting import lines

USED = "\nuse(process.env.ONE_SIZE, process.env.TWO, process.env.THREE);\n"


@pytest.mark.parametrize(
    ("head", "path", "found"),
    [
        ("/**\n * Run it so:\n *\n *   ONE_SIZE=20 node a.ts\n */", "a.ts", [(4, "ONE_SIZE")]),
        ("// ONE_SIZE: how much\n// TWO - how often\n", "a.js", [(1, "ONE_SIZE"), (2, "TWO")]),
        ("#!/bin/sh\n# ONE_SIZE  how much\n# TWO=3 ./a.sh\n", "a.sh", [(2, "ONE_SIZE"), (3, "TWO")]),
        ('"""Reads `ONE_SIZE` and THREE."""\n', "a.py", [(1, "ONE_SIZE")]),
        ('#!/usr/bin/env python3\n"""Sizes.\n\nONE_SIZE\n    how much\n"""\n', "a.py", [(4, "ONE_SIZE")]),
    ],
    ids=["typed", "leading", "shell", "code span", "docstring"],
)
def test_what_is_explained(head: str, path: str, found: list[tuple[int, str]]) -> None:
    assert lines(COLLECTOR, head + USED, path) == found


@pytest.mark.parametrize(
    "text",
    [
        "const a = 1;\n// ONE_SIZE: how much\n" + USED,
        "// All about sizes, and ONE_SIZE in passing.\n" + USED,
        "// OTHER_SIZE: how much\n" + USED,
        "",
    ],
    ids=["further down", "in passing", "not used", "empty"],
)
def test_what_is_no_explanation(text: str) -> None:
    assert lines(COLLECTOR, text, "a.js") == []


def test_a_comment_without_end_is_read_in_no_time() -> None:
    for text in ("/*" + "*" * 9000, "#\n" * 9000, '"""' + "A_B " * 4000, "// " + "A_" * 4000):
        assert lines(COLLECTOR, text, "a.js") == []
