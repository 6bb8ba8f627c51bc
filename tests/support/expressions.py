"""All regular expressions of the product, and what early interpreters of Python 3.11 get wrong about them.

Up to 3.11.4, a possessive repetition of a group goes on from wherever the last, failed try of the group got
to, and up to 3.11.6 the same may lose what the group captured (CPython's issues 106052 and 101955).
Repetitions of a single character or set are right everywhere, and so are atomic groups: `(?>(?:…)*)` says
what `(?:…)*+` means.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
import sys
from collections.abc import Iterable, Iterator
from typing import Any

_parser: Any = importlib.import_module("re._parser")  # no public access to it, so no types either
_ops: Any = importlib.import_module("re._constants")
_compiler: Any = importlib.import_module("re._compiler")

_REPEATS = {_ops.MAX_REPEAT, _ops.MIN_REPEAT, _ops.POSSESSIVE_REPEAT}
_SINGLE = {_ops.IN, _ops.ANY, _ops.LITERAL, _ops.NOT_LITERAL}
_LOOKS = {_ops.ASSERT, _ops.ASSERT_NOT}
_Items = list[tuple[Any, Any]]


def faults(expression: str | bytes, flags: int = 0) -> list[str]:
    """What in `expression` an early interpreter may get wrong."""
    return sorted(set(_faults(list(_parser.parse(expression, flags)))))


def _faults(items: _Items) -> Iterator[str]:
    for item in items:
        op, _ = item
        for inner in _inner(item):
            if op is _ops.POSSESSIVE_REPEAT and not _is_single(inner):
                if _captures(inner):
                    yield "captures within a possessive repetition"
                if _overruns(inner):
                    yield "a group that fails behind its first character, repeated possessively"
            yield from _faults(inner)


def _inner(item: tuple[Any, Any]) -> list[_Items]:
    """The sequences that an item consists of."""
    op, argument = item
    if op in _REPEATS:
        return [list(argument[2])]
    if op is _ops.SUBPATTERN:
        return [list(argument[3])]
    if op is _ops.BRANCH:
        return [list(branch) for branch in argument[1]]
    if op in _LOOKS:
        return [list(argument[1])]
    return [list(argument)] if op is _ops.ATOMIC_GROUP else []


def _is_single(items: _Items) -> bool:
    return len(items) == 1 and items[0][0] in _SINGLE


def _captures(items: _Items) -> bool:
    return any(
        (item[0] is _ops.SUBPATTERN and item[1][0] is not None) or any(map(_captures, _inner(item)))
        for item in items
    )


def _overruns(items: _Items) -> bool:
    """Whether the sequence may fail once it has noted that it is behind its beginning."""
    items, noted, consumed = _flat(items), False, False
    for number, item in enumerate(items):
        if item[0] is _ops.BRANCH and not consumed:
            return any(_overruns([*branch, *items[number + 1 :]]) for branch in _inner(item))
        if item[0] in _LOOKS and any(_width(one) > 0 for one in _inner(item)[0]):
            return True
        consumes, notes = _width(item) > 0, item[0] not in {*_SINGLE, _ops.AT}
        longer = item[0] in _REPEATS and not (
            item[0] is _ops.POSSESSIVE_REPEAT and _is_single(_inner(item)[0])
        )
        if noted and _may_fail(item):
            return True
        noted = noted or (notes and consumed) or (longer and consumes)
        if noted and consumed and _may_fail(item):
            return True
        consumed = consumed or consumes
    return False


def _flat(items: _Items) -> _Items:
    """`items` with the contents of groups in their places."""
    flat: _Items = []
    for item in items:
        flat += _flat(_inner(item)[0]) if item[0] is _ops.SUBPATTERN else [item]
    return flat


def _width(item: tuple[Any, Any]) -> int:
    width: int = _parser.SubPattern(_parser.State(), [item]).getwidth()[1]
    return width


def _may_fail(item: tuple[Any, Any]) -> bool:
    op, argument = item
    if op in _REPEATS:
        return bool(argument[0] > 0)
    if op is _ops.BRANCH:
        return all(any(map(_may_fail, branch)) for branch in _inner(item))
    if op in {_ops.SUBPATTERN, _ops.ATOMIC_GROUP}:
        return any(map(_may_fail, _inner(item)[0]))
    return True


def _compiled_by_the_product() -> Iterable[tuple[str | bytes, int]]:
    """Every expression that is compiled as all modules are imported, and those of the rules."""
    seen: dict[tuple[str | bytes, int], None] = {}
    usual = _compiler.compile

    def noting(expression: Any, flags: int = 0) -> Any:
        if isinstance(expression, str | bytes):
            seen[expression, int(flags)] = None
        return usual(expression, flags)

    _compiler.compile = noting
    package = importlib.import_module("secopskit")
    for module in pkgutil.walk_packages(package.__path__, "secopskit."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    made: set[tuple[str | bytes, int]] = importlib.import_module("secopskit.lazy_regex")._made
    rules = importlib.import_module("secopskit.rules.load").load_builtin()
    return {*seen, *made, *((rule.pattern, 0) for rule in rules if rule.pattern)}


if __name__ == "__main__":
    found = {
        expression if isinstance(expression, str) else expression.decode("latin-1"): problems
        for expression, flags in _compiled_by_the_product()
        if (problems := faults(expression, flags))
    }
    json.dump({"found": found, "modules": len(sys.modules)}, sys.stdout)
