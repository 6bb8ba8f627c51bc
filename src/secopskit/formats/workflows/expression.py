"""Expressions of GitHub Actions: `${{ … }}` in texts, their tokens, and what they look up.

The grammar is that of https://docs.github.com/en/actions/reference/workflows-and-actions/expressions:
names of contexts, functions and properties do not differ by case, texts stand in single quotes with
`''` for a quote, and `.` and `[…]` lead to a property. What is no expression yields tokens all the
same; nothing here raises.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from enum import Enum
from itertools import product
from typing import Final

from secopskit.findings import Span
from secopskit.lazy_regex import prepared
from secopskit.named_tuple import NamedTuple

MAX_CHOICES: Final = 64
"""How many values a text may take before it counts as unknown."""
_MAX_DEPTH: Final = 32
_LONGEST_INDEX: Final = 32
"""Tokens of the longest index that is followed to its end."""
_OPEN: Final = "${{"
_TOKEN: Final = prepared(
    r"(?P<string>'(?:[^']|'')*')"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_-]*)"
    r"|(?P<number>[+-]?(?:0[xo][0-9A-Fa-f]+|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?))"
    r"|(?P<sign>&&|\|\||[=!<>]=|\S)"
)
_INSIDE: Final = prepared(r"'[^']*(?:'|$)|\}\}")
_TESTS: Final = frozenset({"||", "&&", "==", "!="})


class TokenKind(Enum):
    """What a token is."""

    NAME = "name"
    STRING = "string"
    NUMBER = "number"
    SIGN = "sign"


class ExpressionToken(NamedTuple):
    """A token of an expression. `text` is what it means (a string without quotes), `span` where it stands."""

    kind: TokenKind
    text: str
    span: Span


class ContextReference(NamedTuple):
    """A look-up in a context: `secrets.NAME`, `secrets['NAME']`, `secrets[…]`, `secrets`.

    `name` is empty where it is computed, and `computed` holds the tokens that do it; with neither, it
    is all of the context. `tested` tells that the expression reckons with its being empty: it is compared,
    negated, or has a default. `start` is the offset in the text.
    """

    context: str
    name: str
    computed: tuple[ExpressionToken, ...]
    tested: bool
    start: int


def expressions(text: str) -> Iterator[Span]:
    """Where the insides of `${{ … }}` stand in `text`. A `}}` within quotes ends none."""
    at = text.find(_OPEN)
    while at >= 0:
        start = at + len(_OPEN)
        end = next((found.start() for found in _INSIDE.finditer(text, start) if found[0] == "}}"), -1)
        if end < 0:
            return
        yield Span(start, end)
        at = text.find(_OPEN, end + 2)


def tokens(text: str, span: Span | None = None) -> tuple[ExpressionToken, ...]:
    """The tokens of an expression, which is all of `text` or the part of it at `span`."""
    start, end = span or (0, len(text))
    return tuple(map(_token, _TOKEN.finditer(text, start, end)))


def _token(found: re.Match[str]) -> ExpressionToken:
    kind = TokenKind(found.lastgroup)
    text = found[0][1:-1].replace("''", "'") if kind is TokenKind.STRING else found[0]
    return ExpressionToken(kind, text, Span(*found.span()))


def context_references(
    found: Sequence[ExpressionToken], contexts: frozenset[str]
) -> Iterator[ContextReference]:
    """The look-ups in `contexts` (lower case), those inside of an index included."""
    for at, token in enumerate(found):
        if token.kind is not TokenKind.NAME or token.text.lower() not in contexts:
            continue
        if _is_sign(found, at - 1, ".") or _is_sign(found, at + 1, "("):  # a property, a function
            continue
        name, index, after = _looked_up(found, at + 1)
        yield ContextReference(
            token.text.lower(), name, index, _is_tested(found, at - 1, after), token.span.start
        )


def _looked_up(found: Sequence[ExpressionToken], at: int) -> tuple[str, tuple[ExpressionToken, ...], int]:
    """The name that is looked up, or the tokens that compute it, and where the expression goes on."""
    if _is_sign(found, at, ".") and at + 1 < len(found):
        named = found[at + 1].kind is TokenKind.NAME
        return (found[at + 1].text if named else ""), (), at + 2
    if _is_sign(found, at, "["):
        end = _closing(found, at)
        inside = tuple(found[at + 1 : end])
        if len(inside) == 1 and inside[0].kind is TokenKind.STRING:
            return inside[0].text, (), end + 1
        return "", (() if len(inside) == 1 and inside[0].text == "*" else inside), end + 1
    return "", (), at


def _closing(found: Sequence[ExpressionToken], at: int) -> int:
    depth, end = 0, min(len(found), at + _LONGEST_INDEX)
    for place in range(at, end):
        depth += _is_sign(found, place, "[") - _is_sign(found, place, "]")
        if depth == 0:
            return place
    return end


def _is_sign(found: Sequence[ExpressionToken], at: int, sign: str) -> bool:
    return 0 <= at < len(found) and found[at].kind is TokenKind.SIGN and found[at].text == sign


def _is_tested(found: Sequence[ExpressionToken], before: int, after: int) -> bool:
    if any(_is_sign(found, after, sign) for sign in _TESTS):
        return True
    return any(_is_sign(found, before, sign) for sign in ("!", "==", "!="))


# --- values that are known beforehand ---------------------------------------------------------

Lookup = Callable[[str, str], "tuple[str, ...] | None"]
"""The values that a property (`event.inputs.name`) of a context may have, None where only a run knows."""


def possible_texts(text: str, lookup: Lookup) -> tuple[str, ...] | None:
    """The texts that `text` may become with its expressions evaluated, None where only a run knows."""
    parts: list[tuple[str, ...]] = []
    at = 0
    for span in expressions(text):
        values = possible_values(tokens(text, span), lookup)
        if values is None:
            return None
        parts += [(text[at : span.start - len(_OPEN)],), values]
        at = span.end + 2
    parts.append((text[at:],))
    return _combined(parts)


def possible_values(
    found: Sequence[ExpressionToken], lookup: Lookup, *, depth: int = 0
) -> tuple[str, ...] | None:
    """The values that an expression may have: literals, look-ups, and choices among them (`a && b || c`)."""
    if depth > _MAX_DEPTH or not found:
        return None
    values: tuple[str, ...] = ()
    alternatives = list(_split(found, "||"))
    for number, alternative in enumerate(alternatives):
        *conditions, result = _split(alternative, "&&")
        mine = _operand(result, lookup, depth)
        if mine is None:
            return None
        last = number == len(alternatives) - 1
        values += mine if last else tuple(value for value in mine if value)
        if conditions and last:
            values += ("",)  # false, as a text, but nobody calls an environment so
    return tuple(dict.fromkeys(values)) if len(values) <= MAX_CHOICES else None


def _operand(found: Sequence[ExpressionToken], lookup: Lookup, depth: int) -> tuple[str, ...] | None:
    if len(found) == 1 and found[0].kind is TokenKind.STRING:
        return (found[0].text,)
    if len(found) > 2 and _is_sign(found, 0, "(") and _is_sign(found, len(found) - 1, ")"):
        return possible_values(found[1:-1], lookup, depth=depth + 1)
    if len(found) > 3 and found[0].text.lower() == "format" and _is_sign(found, 1, "("):
        return _formatted(found[2:-1], lookup, depth)
    names = _path(found)
    return lookup(names[0], ".".join(names[1:])) if len(names) > 1 else None


def _path(found: Sequence[ExpressionToken]) -> tuple[str, ...]:
    """The names of a chain such as `a.b['c']`, in lower case; empty for anything else."""
    if not found or found[0].kind is not TokenKind.NAME:
        return ()
    names, at = [found[0].text.lower()], 1
    while at < len(found):
        name, computed, at = _looked_up(found, at)
        if not name or computed:
            return ()
        names.append(name.lower())
    return tuple(names)


def _formatted(found: Sequence[ExpressionToken], lookup: Lookup, depth: int) -> tuple[str, ...] | None:
    pattern, *rest = _split(found, ",")
    arguments = [possible_values(each, lookup, depth=depth + 1) for each in rest]
    known = [each for each in arguments if each is not None]
    if len(pattern) != 1 or pattern[0].kind is not TokenKind.STRING or len(known) < len(arguments):
        return None
    parts: list[tuple[str, ...]] = []
    for number, piece in enumerate(re.split(r"\{(\d{1,3})\}", pattern[0].text)):
        if number % 2 and int(piece) >= len(known):
            return None
        parts.append(known[int(piece)] if number % 2 else (piece.replace("{{", "{").replace("}}", "}"),))
    return _combined(parts)


def _combined(parts: Sequence[tuple[str, ...]]) -> tuple[str, ...] | None:
    number = 1
    for part in parts:
        number *= len(part)
        if number > MAX_CHOICES:
            return None
    return tuple(dict.fromkeys(map("".join, product(*parts))))


def _split(found: Sequence[ExpressionToken], sign: str) -> Iterator[Sequence[ExpressionToken]]:
    """The parts between `sign` outside of brackets."""
    depth = start = 0
    for at, token in enumerate(found):
        if token.kind is not TokenKind.SIGN:
            continue
        depth += (token.text in "([") - (token.text in ")]")
        if depth == 0 and token.text == sign:
            yield found[start:at]
            start = at + 1
    yield found[start:]
