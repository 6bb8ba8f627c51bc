"""Texts that an expression matches, made from the expression: each of its choices is taken in one of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from typing import Any, Final

sre: Any = import_module("re._constants")  # there is no public access to the parse tree
_parser: Any = import_module("re._parser")

_PRINTED: Final = frozenset(range(0x20, 0x7F))
_LETTERS: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
_CATEGORIES: Final[dict[Any, frozenset[int]]] = {
    sre.CATEGORY_SPACE: frozenset(b" \t\r\n"),
    sre.CATEGORY_NOT_SPACE: _PRINTED - {0x20},
    sre.CATEGORY_DIGIT: frozenset(b"0123456789"),
    sre.CATEGORY_WORD: _LETTERS | frozenset(b"0123456789_"),
}
# What stands for any characters of a class, the first that it allows; and for a row of short flags.
_SAMPLES: Final = ("api", "x", "0", " ", "-", "/", "=")
_FLAGS: Final = ("b", "nb")
_ANY_WORDS: Final = 200
"""So often may a part repeat that stands for any words."""
_OTHER_WORDS: Final = " --verbose"


def spellings(expression: bytes, filled: Mapping[int, Iterable[str]]) -> Iterator[str]:
    """Texts that differ from the first one in one choice each. `filled` says what stands in groups.

    Look-arounds are not regarded, so that not all of them need match.
    """
    return iter(dict.fromkeys(_row(_parser.parse(expression), filled)))


def _row(tree: Any, filled: Mapping[int, Iterable[str]]) -> list[str]:
    choices = [_choices(operator, argument, filled) for operator, argument in tree]
    first = [each[0] for each in choices]
    texts = ["".join(first)]
    for at, each in enumerate(choices):
        texts += ["".join([*first[:at], other, *first[at + 1 :]]) for other in each[1:]]
    return texts


def _choices(operator: Any, argument: Any, filled: Mapping[int, Iterable[str]]) -> list[str]:
    if operator is sre.LITERAL:
        return [chr(argument)]
    if operator is sre.IN:
        return [_sample(_allowed(argument))[:1]]
    if operator in (sre.MAX_REPEAT, sre.MIN_REPEAT):
        least, most, inner = argument
        return _repeated(least, most, inner, filled)
    if operator in (sre.SUBPATTERN, sre.GROUPREF):
        number, inner = (argument[0], argument[-1]) if operator is sre.SUBPATTERN else (argument, ())
        return list(filled[number]) if number in filled else _row(inner, filled)
    if operator is sre.BRANCH:
        return [text for branch in argument[1] for text in _row(branch, filled)]
    return [""]  # a place or a look-around


def _repeated(least: int, most: int, inner: Any, filled: Mapping[int, Iterable[str]]) -> list[str]:
    if most == _ANY_WORDS and not least:
        return ["", _OTHER_WORDS]
    if len(inner) == 1 and inner[0][0] is sre.IN:
        allowed = _allowed(inner[0][1])
        sample = _sample(allowed)
        texts = [(sample * least)[:most] if least > len(sample) else sample[:most]]
        return ([""] if not least else []) + texts + ([*_FLAGS] if allowed == _LETTERS and least == 1 else [])
    return [*([] if least else [""]), *(text * max(least, 1) for text in _row(inner, filled))]


def _allowed(items: Any) -> frozenset[int]:
    found: set[int] = set()
    for operator, argument in items:
        if operator is sre.LITERAL:
            found.add(argument)
        elif operator is sre.RANGE:
            found.update(range(argument[0], argument[1] + 1))
        elif operator is sre.CATEGORY:
            found |= _CATEGORIES[argument]
    return _PRINTED - found if items[0][0] is sre.NEGATE else frozenset(found)


def _sample(allowed: frozenset[int]) -> str:
    fitting = (each for each in _SAMPLES if allowed.issuperset(each.encode()))
    return next(fitting, chr(min(allowed)))


def matching(expression: bytes, filled: Mapping[int, Iterable[str]]) -> list[str]:
    """Those spellings in which the expression is found."""
    search = re.compile(expression).search
    return [text for text in spellings(expression, filled) if search(text.encode())]
