"""Shapes: how the kinds of value look in the file, as JSON Schema, for editors.

The file is read as texts, so a number or a boolean stands for the text that it is written as. A shape never
refuses what its parser takes; it may take what only the parser can judge (a time zone, a window).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

Shape = Mapping[str, Any]

SCALAR: Final[Shape] = {"type": ["string", "number", "boolean"]}
TEXT: Final[Shape] = {"type": ["string", "number", "boolean", "null"]}


def words(known: Iterable[str]) -> Shape:
    """One of these words in any case. Editors offer them as they stand here."""
    offered = list(known)
    return {"anyOf": [{"enum": offered}, matching("|".join(map(_in_any_case, offered)))]}


def _in_any_case(word: str) -> str:
    """A pattern for the word: the dialect of editors has no flags."""
    return "".join(f"[{c.lower()}{c.upper()}]" if c.isalpha() else c for c in word)


def flags(*others: str) -> Shape:
    """Yes or no, as YAML and people write it, or one of `others`."""
    yes_or_no = words((*others, "true", "false", "yes", "no", "on", "off", "1", "0"))
    return {"anyOf": [{"type": "boolean"}, {"enum": [0, 1]}, *yes_or_no["anyOf"]]}


def matching(pattern: str, *, empty: bool = False, bare: bool = False) -> Shape:
    """A text that a pattern matches, spaces around it aside; with `empty`, or nothing.

    With `bare`, words that YAML takes for a number or a boolean are texts that may match: not judged here.
    """
    text = rf"^\s*({pattern})\s*$"
    kinds = ["string", *(["null"] if empty else []), *(["number", "boolean"] if bare else [])]
    return {"type": kinds, "pattern": rf"^\s*$|{text}" if empty else text}


def counts(most: int) -> Shape:
    """A number from 0 to `most`."""
    return {"anyOf": [{"type": "integer", "minimum": 0, "maximum": most}, matching(r"\d{1,4}")]}


def quantities(pattern: str, least: int = 0) -> Shape:
    """A number with a unit, or a bare one from `least` on."""
    return {"anyOf": [{"type": "integer", "minimum": least}, matching(pattern)]}


def listed(item: Shape = SCALAR) -> Shape:
    """A list, or a text with the items separated by commas or line breaks; nothing is an empty one."""
    return {"anyOf": [{"type": "array", "items": item}, TEXT]}
