"""What every match of a rule must contain: a loose, short pattern for Hyperscan and, for the
engine without it, a set of literals.

Both are derived from the parsed expression, so an author writes neither, and both are
supersets by construction: they only ever drop conditions. A rule's real expression then
decides within the line (or, for a multi-line rule, the blob) that the prefilter points at.
"""

from __future__ import annotations

import re
from functools import lru_cache
from importlib import import_module
from typing import Any, Final, TypeAlias

# There is no public access to the parse tree, so no types either.
sre: Any = import_module("re._constants")
sre_parser: Any = import_module("re._parser")

MIN_LITERAL: Final = 3
MAX_WIDTH: Final = 512
_MAX_ALTERNATIVES: Final = 300
_MAX_SPELLINGS: Final = 64
_MAX_SET: Final = 4
_CASELESS: Final = "caseless"
_DROPPED: Final = (sre.AT, sre.ASSERT, sre.ASSERT_NOT)
_REPEATS: Final = (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT)
_CATEGORIES: Final = {
    sre.CATEGORY_DIGIT: r"\d",
    sre.CATEGORY_NOT_DIGIT: r"\D",
    sre.CATEGORY_SPACE: r"\s",
    sre.CATEGORY_NOT_SPACE: r"\S",
    sre.CATEGORY_WORD: r"\w",
    sre.CATEGORY_NOT_WORD: r"\W",
}
Node: TypeAlias = tuple[Any, Any]


def parse(expression: str) -> list[Node]:
    """The parse tree of `expression`. Raises `re.error`."""
    return list(sre_parser.parse(expression.encode()))


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


def literals(expression: str) -> frozenset[bytes]:
    """Lower-cased literals of which every match of `expression` contains at least one.

    Empty if there is none of `MIN_LITERAL` bytes: such a rule needs a context word.
    """
    return _required(parse(expression))


def sharp_literals(expression: str) -> frozenset[bytes]:
    """Literals, in their one spelling, of which every match contains one; empty if there is none.

    They are what an encoded (base64, hexadecimal) form of the secret can be recognised by.
    """
    sharp = [texts for texts, caseless in _segments(parse(expression)) if not caseless]
    return _best([texts for texts in sharp if min(map(len, texts)) > MIN_LITERAL])


# --- shared ---------------------------------------------------------------------------------


def _children(node: Node) -> list[Node] | None:
    """The nodes of a group that matches exactly once, or None for any other node."""
    operator, argument = node
    if operator is sre.SUBPATTERN:
        return list(argument[3])
    if operator is sre.ATOMIC_GROUP:
        return list(argument)
    return None


def _caseless(node: Node) -> bool:
    return bool(node[0] is sre.SUBPATTERN and node[1][1] & sre_parser.SRE_FLAG_IGNORECASE)


def _dot_is_all(node: Node) -> bool:
    return bool(node[0] is sre.SUBPATTERN and node[1][1] & sre_parser.SRE_FLAG_DOTALL)


# --- the Hyperscan side ---------------------------------------------------------------------


def _trim(nodes: list[Node]) -> list[Node]:
    """`nodes` without what a match may lack at its two ends."""
    return _trim_end(_trim_end(_kept(nodes), last=True), last=False)


def _kept(nodes: list[Node]) -> list[Node]:
    return [node for node in nodes if node[0] not in _DROPPED]


def _slack(nodes: list[Node]) -> int:
    """The most bytes that a match has before what `_trim_end` leaves of the beginning of `nodes`."""
    slack = 0
    for node in nodes:
        operator, argument = node
        if operator in _DROPPED:
            continue
        if _trim_end([node], last=False):
            return slack + _slack_within(operator, argument)
        slack += _width([node])
    return slack


def _slack_within(operator: Any, argument: Any) -> int:
    """The same within one node, of which something is left."""
    if operator in _REPEATS:
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
        if operator in _DROPPED or (operator in _REPEATS and argument[0] == 0):
            del nodes[index]
            continue
        if operator in _REPEATS and argument[1] != argument[0]:
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
        elif (children := _children(nodes[0])) and len(children) > 1 and not _caseless(nodes[0]):
            nodes = children
        else:
            break
    return nodes


def _width(nodes: list[Node]) -> int:
    return width(_emit_all(nodes))


def _emit(node: Node) -> str:  # noqa: PLR0911 - one return per kind of node
    operator, argument = node
    if operator in _DROPPED:
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
    if operator in _REPEATS:
        low, high, inner = argument
        top = "" if high is sre.MAXREPEAT else str(high)
        return f"(?:{_emit_all(inner)}){{{low},{top}}}"
    inner_nodes = _children(node)
    if inner_nodes is None:
        raise re.error(f"{operator} is not supported in a rule")
    flags = ("i" if _caseless(node) else "") + ("s" if _dot_is_all(node) else "")
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


# --- the literal side -----------------------------------------------------------------------


def _best(sets: list[frozenset[bytes]]) -> frozenset[bytes]:
    """The set whose shortest member is longest; among those, the smallest."""
    return max(sets, key=lambda any_of: (min(map(len, any_of)), -len(any_of)), default=frozenset())


def _required(nodes: list[Node]) -> frozenset[bytes]:
    """The best any-of set of lower-cased literals over every part that must match."""
    segments = (frozenset(text.lower() for text in texts) for texts, _ in _segments(nodes))
    found = [texts for texts in segments if min(map(len, texts)) >= MIN_LITERAL]
    for node in _flatten(nodes):
        operator, argument = node[1] if node[0] is _CASELESS else node
        inner: frozenset[bytes] = frozenset()
        if operator is sre.BRANCH:
            inner = _any_branch(argument[1])
        elif operator in _REPEATS and argument[0] >= 1:
            inner = _required(list(argument[2]))
        if inner:
            found.append(inner)
    return _best(found)


def _any_branch(branches: list[Any]) -> frozenset[bytes]:
    sets = [_required(list(branch)) for branch in branches]
    union = frozenset[bytes]().union(*sets)
    return union if all(sets) and len(union) <= _MAX_ALTERNATIVES else frozenset()


def _segments(nodes: list[Node]) -> list[tuple[frozenset[bytes], bool]]:
    """Stretches of the expression that spell one of a few texts, with whether case matters not."""
    segments: list[tuple[frozenset[bytes], bool]] = []
    texts, loose = frozenset({b""}), False
    for node in [*_flatten(nodes), None]:
        options = _spellings(node) if node else None
        if options and len(texts) * len(options) <= _MAX_SPELLINGS:
            texts = frozenset(text + option for text in texts for option in options)
            loose = loose or bool(node and node[0] is _CASELESS)
            continue
        if b"" not in texts:
            segments.append((texts, loose))
        texts, loose = options or frozenset({b""}), bool(options and node and node[0] is _CASELESS)
    return segments


def _spellings(node: Node) -> frozenset[bytes] | None:
    """Every text that `node` matches, if they are few."""
    operator, argument = node
    if operator is sre.LITERAL:
        return frozenset({bytes([argument])})
    if operator is _CASELESS:
        return _all_spellings([argument])
    if operator is sre.IN and len(argument) <= _MAX_SET and all(item[0] is sre.LITERAL for item in argument):
        return frozenset(bytes([item[1]]) for item in argument)
    if operator is sre.BRANCH:
        branches = [_all_spellings(list(branch)) for branch in argument[1]]
        return frozenset[bytes]().union(*(b for b in branches if b)) if all(branches) else None
    return None


def _all_spellings(nodes: list[Node]) -> frozenset[bytes] | None:
    texts = frozenset({b""})
    for node in _flatten(nodes):
        options = _spellings(node)
        if not options or len(texts) * len(options) > _MAX_SPELLINGS:
            return None
        texts = frozenset(text + option for text in texts for option in options)
    return texts


def _flatten(nodes: list[Node], *, caseless: bool = False) -> list[Node]:
    """`nodes` with single groups opened and conditions dropped; caseless ones are marked so."""
    flat: list[Node] = []
    for node in nodes:
        children = _children(node)
        if node[0] in _DROPPED:
            continue
        if children is not None:
            flat.extend(_flatten(children, caseless=caseless or _caseless(node)))
        elif caseless and node[0] in (sre.LITERAL, sre.IN, sre.BRANCH):
            flat.append((_CASELESS, node))
        else:
            flat.append(node)
    return flat
