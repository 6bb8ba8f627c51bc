"""Environment variables as YAML writes them: a map, or a list of `NAME=value` or name/value pairs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secopskit.findings import Span
from secopskit.formats.setting import Setting
from secopskit.formats.trees.nodes import Mapping, Node, Scalar, Sequence, within

if TYPE_CHECKING:
    from collections.abc import Iterator


def text_of(scalar: Scalar) -> str:
    """A scalar as text."""
    return scalar.value.decode("utf-8", "replace")


def setting(key: Scalar, value: Scalar, path: tuple[str, ...] = ()) -> Setting:
    """The setting made by a key and its value."""
    return Setting(text_of(key), value.value, Span(value.start, value.end), path, value.style)


def pair_in(scalar: Scalar, path: tuple[str, ...] = ()) -> Setting | None:
    """The setting in one text `NAME=value`."""
    name, sign, value = scalar.value.partition(b"=")
    if not sign or not name or b" " in name or b"://" in name:
        return None
    stripped = value.lstrip(b"\"'")
    at = len(name) + 1 + len(value) - len(stripped)
    value = stripped.rstrip(b"\"'")
    return Setting(
        key=name.decode("utf-8", "replace"),
        value=value,
        span=within(scalar, at, value),
        path=path,
        quote=scalar.style,
    )


def variables(node: Node, path: tuple[str, ...] = ()) -> Iterator[Setting]:
    """The variables of an `environment:`, `args:` or `env:` block in any of its forms."""
    if isinstance(node, Mapping):
        for key, value in node.pairs:
            if isinstance(value, Scalar):
                yield setting(key, value, path)
            elif key.value == b"<<":
                yield from variables(value, path)
        return
    for item in node.items if isinstance(node, Sequence) else ():
        if isinstance(item, Scalar):
            if (pair := pair_in(item, path)) is not None:
                yield pair
        elif isinstance(item, Mapping):
            yield from _named(item, path)


def _named(item: Mapping, path: tuple[str, ...]) -> Iterator[Setting]:
    """`{name: X, value: Y}`; any other map in the list is read as a map of variables."""
    name, value = item.get("name"), item.get("value")
    if isinstance(name, Scalar):
        if isinstance(value, Scalar):
            yield setting(name, value, path)
    else:
        yield from variables(item, path)
