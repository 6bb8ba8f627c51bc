"""YAML of no particular kind: every key with a scalar, and name/value pairs in lists.

A `Setting`'s path leads through the document: ("spec", "containers").
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from secopskit.formats.environment import setting, text_of, variables
from secopskit.formats.lines import assignments
from secopskit.formats.yaml_tree import Mapping, Node, Scalar, Sequence, documents

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from secopskit.formats.setting import Setting

_ENVIRONMENT: Final = frozenset({"env", "environment", "environmentVariables", "envVars"})


def _keep_all(_node: Mapping) -> bool:
    return False


def settings(
    node: Node,
    *,
    without: frozenset[str] = frozenset(),
    leave: Callable[[Mapping], bool] = _keep_all,
) -> Iterator[Setting]:
    """Every setting below `node`.

    Keys in `without` that hold more than a scalar are left out with all that is below them, and so
    are the maps that `leave` tells. A scalar of several lines is read as the settings file that it
    may be, too (as in a ConfigMap).
    """
    yield from _walk("", node, (), without, leave)


def _walk(
    name: str,
    node: Node,
    path: tuple[str, ...],
    without: frozenset[str],
    leave: Callable[[Mapping], bool],
) -> Iterator[Setting]:
    if isinstance(node, Sequence):
        if name in _ENVIRONMENT:
            yield from variables(node, path)
            return
        for item in node.items:
            yield from _walk(name, item, path, without, leave)
    if not isinstance(node, Mapping) or leave(node):
        return
    for key, value in node.pairs:
        inner = text_of(key)
        if isinstance(value, Scalar):
            yield setting(key, value, path)
            if b"\n" in value.value:
                yield from assignments(value.raw, value.start)
        elif inner not in without:
            yield from _walk(inner, value, (*path, inner), without, leave)


def outline(data: bytes) -> object:
    """The maps and lists of a YAML stream without their texts; None if it is not YAML."""
    roots = documents(data)
    return None if roots is None else tuple(map(_outline, roots))


def _outline(node: Node) -> object:
    if isinstance(node, Mapping):
        return "mapping", tuple(_outline(value) for _, value in node.pairs)
    if isinstance(node, Sequence):
        return "sequence", tuple(map(_outline, node.items))
    return None if node is None else "text"
