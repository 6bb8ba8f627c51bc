"""Environment variables as YAML writes them: a map, or a list of `NAME=value` or name/value pairs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secopskit.detect.structure.setting import Setting
from secopskit.detect.structure.yaml_tree import Mapping, Node, Scalar, Sequence
from secopskit.findings import Span

if TYPE_CHECKING:
    from collections.abc import Iterator


def text_of(scalar: Scalar) -> str:
    """A scalar as text."""
    return scalar.value.decode("utf-8", "replace")


def setting(key: Scalar, value: Scalar) -> Setting:
    """The setting made by a key and its value."""
    return Setting(key=text_of(key), value=value.value, span=Span(value.start, value.end))


def pair_in(scalar: Scalar) -> Setting | None:
    """The setting in one text `NAME=value`."""
    name, sign, value = scalar.value.partition(b"=")
    if not sign or not name or b" " in name or b"://" in name:
        return None
    start = scalar.start + len(name) + 1
    if scalar.end - scalar.start != len(scalar.value):
        start = scalar.start
    return Setting(
        key=name.decode("utf-8", "replace"), value=value.strip(b"\"'"), span=_span(start, value, scalar)
    )


def _span(start: int, value: bytes, scalar: Scalar) -> Span:
    stripped = value.lstrip(b"\"'")
    start += len(value) - len(stripped)
    return Span(start, min(start + len(stripped.rstrip(b"\"'")), max(scalar.end, start)))


def variables(node: Node) -> Iterator[Setting]:
    """The variables of an `environment:`, `args:` or `env:` block in any of its forms."""
    if isinstance(node, Mapping):
        for key, value in node.pairs:
            if isinstance(value, Scalar):
                yield setting(key, value)
            elif key.value == b"<<":
                yield from variables(value)
        return
    for item in node.items if isinstance(node, Sequence) else ():
        if isinstance(item, Scalar):
            if (pair := pair_in(item)) is not None:
                yield pair
        elif isinstance(item, Mapping):
            yield from _named(item)


def _named(item: Mapping) -> Iterator[Setting]:
    """`{name: X, value: Y}`; any other map in the list is read as a map of variables."""
    name, value = item.get("name"), item.get("value")
    if isinstance(name, Scalar):
        if isinstance(value, Scalar):
            yield setting(name, value)
    else:
        yield from variables(item)
