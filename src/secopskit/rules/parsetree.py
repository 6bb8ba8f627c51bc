"""The parse tree of a rule's expression, as the standard library makes it."""

from __future__ import annotations

from importlib import import_module
from typing import Any, Final, TypeAlias

# There is no public access to the parse tree, so no types either.
sre: Any = import_module("re._constants")
sre_parser: Any = import_module("re._parser")

CONDITIONS: Final = (sre.AT, sre.ASSERT, sre.ASSERT_NOT)
"""Operators that match no bytes: they only say where something may stand."""
REPEATS: Final = (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT)
Node: TypeAlias = tuple[Any, Any]


def parse(expression: str) -> list[Node]:
    """The parse tree of `expression`. Raises `re.error`."""
    return list(sre_parser.parse(expression.encode()))


def children_of(node: Node) -> list[Node] | None:
    """The nodes of a group that matches exactly once, or None for any other node."""
    operator, argument = node
    if operator is sre.SUBPATTERN:
        return list(argument[3])
    if operator is sre.ATOMIC_GROUP:
        return list(argument)
    return None


def is_caseless(node: Node) -> bool:
    """Whether a group matches letters in any case."""
    return bool(node[0] is sre.SUBPATTERN and node[1][1] & sre_parser.SRE_FLAG_IGNORECASE)


def dot_is_all(node: Node) -> bool:
    """Whether the dots in a group match the end of a line, too."""
    return bool(node[0] is sre.SUBPATTERN and node[1][1] & sre_parser.SRE_FLAG_DOTALL)
