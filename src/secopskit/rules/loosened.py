"""What every match of a rule must contain, for Hyperscan: a loose, short pattern.

It is derived from the parsed expression, so an author writes none, and it is a superset by
construction: conditions are only ever dropped. A rule's real expression then decides within the
line (or, for a multi-line rule, the blob) that the pattern points at.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Final

from secopskit.rules.parsetree import (
    CONDITIONS,
    REPEATS,
    Node,
    children_of,
    dot_is_all,
    is_caseless,
    parse,
    sre,
    sre_parser,
)

MAX_WIDTH: Final = 512
"""Bytes of a match of a loose pattern, wherever an expression can be cut to that."""
_CATEGORIES: Final = {
    sre.CATEGORY_DIGIT: r"\d",
    sre.CATEGORY_NOT_DIGIT: r"\D",
    sre.CATEGORY_SPACE: r"\s",
    sre.CATEGORY_NOT_SPACE: r"\S",
    sre.CATEGORY_WORD: r"\w",
    sre.CATEGORY_NOT_WORD: r"\W",
}


def loosened(expression: str) -> str:
    """A Hyperscan pattern that some part of every match of `expression` matches.

    Look-arounds and anchors are dropped; optional parts and surplus repetition at both ends
    are cut, which keeps the automaton small and the reported ends few. So is, from its end,
    what makes it longer than `MAX_WIDTH` bytes.
    """
    nodes = _narrow(_trim(parse(expression)))
    return _emit_all(nodes)


@lru_cache(maxsize=1 << 13)
def width(pattern: str) -> int:
    """The most bytes that a match of `pattern` (a result of `loosened`) can have."""
    return int(sre_parser.parse(pattern.encode()).getwidth()[1])


def reach(expression: str) -> int:
    """How far before the end of a match of `loosened(expression)` a match of `expression` begins at most.

    In bytes. Each match of the expression has such a loosened one in it.
    """
    kept = _kept(parse(expression))
    return _slack(_trim_end(kept, last=True)) + width(loosened(expression))


def _trim(nodes: list[Node]) -> list[Node]:
    """`nodes` without what a match may lack at its two ends."""
    return _trim_end(_trim_end(_kept(nodes), last=True), last=False)


def _kept(nodes: list[Node]) -> list[Node]:
    return [node for node in nodes if node[0] not in CONDITIONS]


def _slack(nodes: list[Node]) -> int:
    """The most bytes that a match has before what `_trim_end` leaves of the beginning of `nodes`."""
    slack = 0
    for node in nodes:
        operator, argument = node
        if operator in CONDITIONS:
            continue
        if _trim_end([node], last=False):
            return slack + _slack_within(operator, argument)
        slack += _width([node])
    return slack


def _slack_within(operator: Any, argument: Any) -> int:
    """The same within one node, of which something is left."""
    if operator in REPEATS:
        low, high, inner = argument
        return int(high - low) * _width(list(inner))
    if operator is sre.SUBPATTERN:
        return _slack(list(argument[3]))
    if operator is sre.BRANCH:
        return max(_slack(list(branch)) for branch in argument[1])
    return 0


def _trim_end(nodes: list[Node], *, last: bool) -> list[Node]:
    nodes = list(nodes)
    while nodes:
        index = -1 if last else 0
        operator, argument = nodes[index]
        if operator in CONDITIONS or (operator in REPEATS and argument[0] == 0):
            del nodes[index]
            continue
        if operator in REPEATS and argument[1] != argument[0]:
            nodes[index] = (operator, (argument[0], argument[0], argument[2]))
        elif operator is sre.SUBPATTERN:
            inner = _trim_end(list(argument[3]), last=last)
            if not inner:
                del nodes[index]
                continue
            nodes[index] = (operator, (*argument[:3], inner))
        elif operator is sre.BRANCH:
            branches = [_trim_end(list(branch), last=last) for branch in argument[1]]
            if not all(branches):
                del nodes[index]
                continue
            nodes[index] = (operator, (argument[0], branches))
        return nodes
    return nodes


def _narrow(nodes: list[Node]) -> list[Node]:
    """`nodes` without so many at the end that a match is at most `MAX_WIDTH` long, if possible."""
    while _width(nodes) > MAX_WIDTH:
        if len(nodes) > 1:
            nodes = _trim_end(nodes[:-1], last=True)
        elif (children := children_of(nodes[0])) and len(children) > 1 and not is_caseless(nodes[0]):
            nodes = children
        else:
            break
    return nodes


def _width(nodes: list[Node]) -> int:
    return width(_emit_all(nodes))


def _emit(node: Node) -> str:  # noqa: PLR0911 - one return per kind of node
    operator, argument = node
    if operator in CONDITIONS:
        return ""
    if operator is sre.LITERAL:
        return _escape(argument)
    if operator is sre.NOT_LITERAL:
        return f"[^{_escape(argument)}]"
    if operator is sre.ANY:
        return "."
    if operator is sre.IN:
        return _emit_set(argument)
    if operator is sre.BRANCH:
        return "(?:" + "|".join(_emit_all(branch) for branch in argument[1]) + ")"
    if operator in REPEATS:
        low, high, inner = argument
        top = "" if high is sre.MAXREPEAT else str(high)
        return f"(?:{_emit_all(inner)}){{{low},{top}}}"
    inner_nodes = children_of(node)
    if inner_nodes is None:
        raise re.error(f"{operator} is not supported in a rule")
    flags = ("i" if is_caseless(node) else "") + ("s" if dot_is_all(node) else "")
    return f"(?{flags}:{_emit_all(inner_nodes)})"


def _emit_all(nodes: Any) -> str:
    return "".join(_emit(node) for node in nodes)


def _emit_set(items: list[Node]) -> str:
    parts = []
    for operator, argument in items:
        if operator is sre.NEGATE:
            parts.append("^")
        elif operator is sre.RANGE:
            parts.append(f"{_escape(argument[0])}-{_escape(argument[1])}")
        elif operator is sre.CATEGORY:
            parts.append(_CATEGORIES[argument])
        else:
            parts.append(_escape(argument))
    return "[" + "".join(parts) + "]"


def _escape(code: int) -> str:
    character = chr(code)
    return character if character.isascii() and character.isalnum() else f"\\x{code:02x}"
