"""Manifests of hosting platforms as trees: which variables each component is given, or asks for.

Heroku's app.json, Render's blueprint, Vercel, DigitalOcean's app spec, App Engine, task definitions of ECS.
JSON is read as YAML, which it is a part of.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from secopskit.formats.trees.environment import text_of
from secopskit.formats.trees.yaml_tree import Mapping, Node, Scalar, Sequence, documents
from secopskit.named_tuple import NamedTuple

_BLOCKS: Final = frozenset(
    {"env", "envs", "envVars", "environment", "env_variables", "build_env_variables", "secrets"}
)
_NAMES: Final = ("key", "name")
_DEEPEST: Final = 12
_MOST: Final = 20_000


class PlatformVariable(NamedTuple):
    """A variable. `value` is None where it is asked for, made, or kept elsewhere."""

    name: str
    start: int
    value: bytes | None
    component: str


def platform_variables(data: bytes) -> Iterator[PlatformVariable]:
    """The variables of a manifest."""
    waiting: list[tuple[Node, str, int]] = [
        (root, "", 0) for root in documents(data.replace(b"\t", b" ")) or ()
    ]
    for _ in range(_MOST):
        if not waiting:
            return
        node, component, depth = waiting.pop()
        if isinstance(node, Sequence) and depth < _DEEPEST:
            waiting += [(item, component, depth + 1) for item in reversed(node.items)]
        if not isinstance(node, Mapping) or depth >= _DEEPEST:
            continue
        named = node.get("name")
        inner = text_of(named) if isinstance(named, Scalar) else component
        for key, value in node.pairs:
            if text_of(key) in _BLOCKS and isinstance(value, Mapping | Sequence):
                yield from _block(value, inner)
            else:
                waiting.append((value, inner, depth + 1))


def _block(node: Node, component: str) -> Iterator[PlatformVariable]:
    if isinstance(node, Mapping):
        for key, value in node.pairs:
            yield _variable(key, value, component)
    for item in node.items if isinstance(node, Sequence) else ():
        name = next((found for each in _NAMES if (found := _under(item, each))), None)
        if isinstance(name, Scalar):
            yield _variable(name, item, component)


def _variable(name: Scalar, body: Node, component: str) -> PlatformVariable:
    value = body if isinstance(body, Scalar) else _under(body, "value")
    return PlatformVariable(
        name=text_of(name),
        start=name.start,
        value=value.value if isinstance(value, Scalar) else None,
        component=component,
    )


def _under(node: Node, key: str) -> Node:
    return node.get(key) if isinstance(node, Mapping) else None
