"""Repetitions that early interpreters of Python 3.11 get wrong.

Up to 3.11.4, a possessive repetition of a group goes on from wherever the last, failed try of the group got
to, and up to 3.11.6 the same may lose what the group captured (CPython's issues 106052 and 101955).
Repetitions of a single character or set are right everywhere, and so are atomic groups: `(?>(?:…)*)` says
what `(?:…)*+` means.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from secopskit.rules.parsetree import REPEATS, sre, sre_parser
from secopskit.rules.shape import inside

_SINGLE: Final = frozenset({sre.IN, sre.ANY, sre.LITERAL, sre.NOT_LITERAL})
_LOOKS: Final = frozenset({sre.ASSERT, sre.ASSERT_NOT})
_INSTEAD: Final = "write (?>(?:…)*) instead of (?:…)*+"


def possessive_problems(tree: Any) -> Iterator[str]:
    """What early interpreters get wrong in a parsed expression, a sentence each."""
    for node in tree:
        for inner in _within(node):
            if node[0] is sre.POSSESSIVE_REPEAT and not _is_single(inner):
                if _captures(inner):
                    yield f"what a possessive repetition captures, Python 3.11.0 to 3.11.6 lose: {_INSTEAD}"
                elif _overruns(inner):
                    yield f"Python 3.11.0 to 3.11.4 repeat a possessive group too far: {_INSTEAD}"
            yield from possessive_problems(inner)


def _within(node: tuple[Any, Any]) -> list[Any]:
    """The expressions within a node."""
    operator, argument = node
    return [argument[2]] if operator in REPEATS else inside(operator, argument)


def _is_single(tree: Any) -> bool:
    return len(tree) == 1 and tree[0][0] in _SINGLE


def _captures(tree: Any) -> bool:
    return any(
        (node[0] is sre.SUBPATTERN and node[1][0] is not None) or any(map(_captures, _within(node)))
        for node in tree
    )


def _overruns(tree: Any) -> bool:
    """Whether the expression may fail once the engine has noted that it is behind its beginning."""
    nodes, noted, consumed = _flat(tree), False, False
    for number, node in enumerate(nodes):
        operator, width = node[0], _width(node)
        if operator is sre.BRANCH and not consumed:
            return any(_overruns([*branch, *nodes[number + 1 :]]) for branch in _within(node))
        if operator in _LOOKS and any(_width(one) for one in _within(node)[0]):
            return True
        steps = operator in REPEATS and (operator is not sre.POSSESSIVE_REPEAT or not _is_single(node[1][2]))
        if noted and _may_fail(node):
            return True
        noted = noted or (consumed and operator not in {*_SINGLE, sre.AT}) or (steps and width > 0)
        if noted and consumed and _may_fail(node):
            return True
        consumed = consumed or width > 0
    return False


def _flat(tree: Any) -> list[tuple[Any, Any]]:
    """The nodes of `tree`, with those of groups in the places of these."""
    flat: list[tuple[Any, Any]] = []
    for node in tree:
        flat += _flat(_within(node)[0]) if node[0] is sre.SUBPATTERN else [node]
    return flat


def _width(node: tuple[Any, Any]) -> int:
    width: int = sre_parser.SubPattern(sre_parser.State(), [node]).getwidth()[1]
    return width


def _may_fail(node: tuple[Any, Any]) -> bool:
    operator, argument = node
    if operator in REPEATS:
        return bool(argument[0] > 0)
    if operator is sre.BRANCH:
        return all(any(map(_may_fail, branch)) for branch in _within(node))
    if operator in (sre.SUBPATTERN, sre.ATOMIC_GROUP):
        return any(map(_may_fail, _within(node)[0]))
    return True
