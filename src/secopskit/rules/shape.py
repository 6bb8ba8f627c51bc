"""Whether a regular expression's running time is bounded, judged by its shape.

Rules run over hostile content, so a repetition has an upper bound, and repetitions inside
repetitions may not multiply.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from secopskit.rules.parsetree import REPEATS, sre

MAX_REPEAT: Final = 10_000
"""Times a part may repeat, and repetitions within repetitions multiply to, on one line."""
MAX_REPEAT_MULTILINE: Final = 16_000_000
"""The same for a rule whose matches span lines (a private key)."""


def repeat_problems(tree: Any, *, multiline: bool = False) -> Iterator[str]:
    """What is wrong with the repetitions in a parsed expression, one sentence each."""
    limit = MAX_REPEAT_MULTILINE if multiline else MAX_REPEAT
    for low, high, product in _repeats(tree, 1):
        if high == sre.MAXREPEAT:
            yield f"a repetition ({{{low},}}) has no upper bound"
        elif high > limit:
            yield f"a repetition ({{{low},{high}}}) goes beyond {limit}"
        elif product > limit:
            yield f"repetitions inside one another multiply to {product}, beyond {limit}"


def _repeats(tree: Any, outer: int) -> Iterator[tuple[int, int, int]]:
    """Every repetition as (least, most, most times those of the repetitions around it)."""
    for operator, argument in tree:
        if operator in REPEATS:
            low, high, inner = argument
            product = outer * int(high)
            yield int(low), int(high), product
            yield from _repeats(inner, product)
        else:
            for inner in inside(operator, argument):
                yield from _repeats(inner, outer)


def inside(operator: Any, argument: Any) -> list[Any]:
    """The expressions within a node of a parsed expression that is no repetition."""
    if operator is sre.SUBPATTERN:
        return [argument[3]]
    if operator is sre.ATOMIC_GROUP:
        return [argument]
    if operator is sre.BRANCH:
        return list(argument[1])
    if operator in (sre.ASSERT, sre.ASSERT_NOT):
        return [argument[1]]
    if operator is sre.GROUPREF_EXISTS:
        return [branch for branch in argument[1:] if branch]
    return []
