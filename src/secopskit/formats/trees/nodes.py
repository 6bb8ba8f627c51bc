"""What a document of maps and lists is read into: texts with their places, whatever its format."""

from __future__ import annotations

from typing import TypeAlias

from secopskit.findings import Span
from secopskit.named_tuple import NamedTuple


class Scalar(NamedTuple):
    """A value, where its text stands (quotes excluded), that text as written, and its quotes.

    `style` is the quote, "|" or ">" for a block, and "" for a plain text. `tag` is one of the file's own
    (`!reset`), else empty.
    """

    value: bytes
    start: int
    end: int
    raw: bytes
    style: str = ""
    tag: str = ""


def within(scalar: Scalar, at: int, part: bytes) -> Span:
    """Where `part`, which begins at `at` in the scalar's value, stands.

    Where escapes shift what is in the text it is the next such part; if it has escapes itself, all
    of the text.
    """
    if scalar.end - scalar.start != len(scalar.value):
        at = scalar.raw.find(part, at) if part else -1
        if at < 0:
            return Span(scalar.start, scalar.end)
    return Span(scalar.start + at, scalar.start + at + len(part))


class Mapping:
    """Pairs in order; keys are texts. A key that is no scalar is left out with its value.

    `noted` is a note of whoever looks at the trees of many versions, in which one node may stand.
    """

    __slots__ = ("noted", "pairs", "tag")

    def __init__(self, pairs: list[tuple[Scalar, Node]] | None = None, tag: str = "") -> None:
        self.pairs = [] if pairs is None else pairs
        self.tag = tag
        self.noted: object = None

    def get(self, key: str) -> Node:
        """The value of `key`, or None."""
        wanted = key.encode()
        for name, node in self.pairs:
            if name.value == wanted:
                return node
        return None


class Sequence:
    """Items in order. `noted` is that of a `Mapping`."""

    __slots__ = ("items", "noted", "tag")

    def __init__(self, items: list[Node] | None = None, tag: str = "") -> None:
        self.items = [] if items is None else items
        self.tag = tag
        self.noted: object = None


Node: TypeAlias = Scalar | Mapping | Sequence | None
