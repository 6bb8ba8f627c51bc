"""What texts in YAML look up among GitHub's secrets and variables: each place with its line.

A comment of YAML is no use; one in a `run` script is, for GitHub evaluates what stands in it.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from typing import Final

from secopskit.findings import Span
from secopskit.formats.trees import yaml_tree
from secopskit.formats.trees.environment import text_of
from secopskit.formats.trees.yaml_tree import Node, Scalar, Sequence, within
from secopskit.formats.workflows.expression import (
    ContextReference,
    ExpressionToken,
    context_references,
    expressions,
    tokens,
)
from secopskit.named_tuple import NamedTuple

_CONTEXTS: Final = frozenset({"secrets", "vars"})
_MAX_NODES: Final = 50_000
_PROSE: Final = frozenset({"description", "deprecationMessage"})


class ContextUse(NamedTuple):
    """One look-up of a secret or (`variable`) a variable, on a 1-based `line`.

    `name` is as written; empty where `computed` computes it, or, with neither, where all of the context is
    taken. `tested` tells that the expression reckons with its being empty. `early` is a place that is
    evaluated before the job has its environment; GitHub refuses the look-up in a `refused` one. `place`
    is the key under which it stands.
    """

    variable: bool
    name: str
    line: int
    place: str
    computed: tuple[ExpressionToken, ...] = ()
    tested: bool = False
    early: bool = False
    refused: bool = False


class PlacedText(NamedTuple):
    """A text and the line where it stands."""

    text: str
    line: int


class UseFinder:
    """Walks nodes for look-ups, at most so many of them: aliases may repeat what they name."""

    def __init__(self, data: bytes) -> None:
        self._lines = [found.start() for found in re.finditer(b"\n", data)]
        self._left = _MAX_NODES

    def line(self, offset: int) -> int:
        """The 1-based line of an offset."""
        return bisect_left(self._lines, offset) + 1

    def placed(self, scalar: Scalar) -> PlacedText:
        """A scalar as text with its line."""
        return PlacedText(text_of(scalar), self.line(scalar.start))

    def uses(self, node: Node, place: str) -> Iterator[ContextUse]:
        """The look-ups at and below `node`, which stands under the key `place`."""
        self._left -= 1
        if self._left < 0:
            return
        if isinstance(node, Scalar):
            yield from self._in_text(node, place)
        elif isinstance(node, Sequence):
            for item in node.items:
                yield from self.uses(item, place)
        elif isinstance(node, yaml_tree.Mapping):
            for key, value in node.pairs:
                inner = text_of(key)
                if inner not in _PROSE or not isinstance(value, Scalar):
                    yield from self.uses(value, inner)

    def _in_text(self, scalar: Scalar, place: str) -> Iterator[ContextUse]:
        exact = scalar.style not in ("'", '"') or scalar.value == scalar.raw
        text = (scalar.raw if exact else scalar.value).decode("utf-8", "surrogateescape")
        spans = tuple(expressions(text))
        if place == "if" and not spans:
            spans = (Span(0, len(text)),)
        at = last = 0
        for span in spans:
            for found in context_references(tokens(text, span), _CONTEXTS):
                at += len(text[last : found.start].encode("utf-8", "surrogateescape"))
                last = found.start
                where = scalar.start + at if exact else within(scalar, at, found.context.encode()).start
                yield _use(found, self.line(where), place)


def _use(found: ContextReference, line: int, place: str) -> ContextUse:
    variable = found.context == "vars"
    return ContextUse(
        variable=variable,
        name=found.name,
        line=line,
        place=place,
        computed=found.computed,
        tested=found.tested,
        refused=place == "if" and not variable,
    )
