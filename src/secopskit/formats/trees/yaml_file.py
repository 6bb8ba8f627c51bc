"""YAML of no particular kind: every key with a scalar, and name/value pairs in lists.

A `Setting`'s path leads through the document: ("spec", "containers").
"""

from __future__ import annotations

from secopskit.formats.trees.nodes import Mapping, Node, Sequence
from secopskit.formats.trees.tree_settings import settings
from secopskit.formats.trees.yaml_tree import documents

__all__ = ["outline", "settings"]


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
