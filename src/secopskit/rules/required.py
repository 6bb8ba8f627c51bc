"""What every match of a rule must contain, for the engine without Hyperscan: one of a set of literals.

They are derived from the parsed expression, as `loosened` patterns are, and as loose.
"""

from __future__ import annotations

from typing import Any, Final

from secopskit.rules.parsetree import CONDITIONS, REPEATS, Node, children_of, is_caseless, parse, sre

MIN_LITERAL: Final = 3
"""Bytes of the shortest literal that is looked for."""
_MAX_ALTERNATIVES: Final = 300
_MAX_SPELLINGS: Final = 64
_MAX_SET: Final = 4
_CASELESS: Final = "caseless"


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
        elif operator in REPEATS and argument[0] >= 1:
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
        children = children_of(node)
        if node[0] in CONDITIONS:
            continue
        if children is not None:
            flat.extend(_flatten(children, caseless=caseless or is_caseless(node)))
        elif caseless and node[0] in (sre.LITERAL, sre.IN, sre.BRANCH):
            flat.append((_CASELESS, node))
        else:
            flat.append(node)
    return flat
