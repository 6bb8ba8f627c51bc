"""What is told to people names no class of ours: renaming one must not reach into sentences and headings."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from support.cli import SOURCE

_CLASS = re.compile(r"^class (\w+)", re.MULTILINE)
_HUMPS = re.compile(r"\b[A-Z]+[a-z]+(?:[A-Z]+[a-z]+)+\b")
_PACKAGE = SOURCE / "secopskit"
_TOLD = sorted(
    {*_PACKAGE.glob("cli/**/*.py"), *_PACKAGE.glob("report/**/*.py"), *_PACKAGE.glob("*/tell/**/*.py")}
)


@cache
def _classes() -> frozenset[str]:
    texts = (path.read_text(encoding="utf-8") for path in _PACKAGE.rglob("*.py"))
    return frozenset(name for text in texts for name in _CLASS.findall(text))


def _strings(path: Path) -> Iterator[str]:
    """The texts of a module, but for those that stand by themselves."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    alone = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in alone:
            yield node.value


def named_in(path: Path) -> set[str]:
    return {word for text in _strings(path) for word in _HUMPS.findall(text)} & _classes()


@pytest.mark.parametrize("part", ["cli", "report", "tell"])
def test_no_class_is_named(part: str) -> None:
    paths = [path for path in _TOLD if part in path.parts]
    assert paths
    assert {str(path.relative_to(_PACKAGE)): found for path in paths if (found := named_in(path))} == {}
