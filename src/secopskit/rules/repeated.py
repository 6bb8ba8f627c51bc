"""Keys that stand twice in a mapping of a YAML file: the first of them would not count."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from yaml import Node


def repeated_key(top: Node) -> tuple[str, int] | None:
    """The first key found to stand twice in its mapping, with the 1-based line where it does so again."""
    pending, seen = [top], set[int]()
    while pending:
        node = pending.pop()
        if id(node) in seen or isinstance(node.value, str):
            continue
        seen.add(id(node))
        keys = set[str]()
        for item in node.value:
            if not isinstance(item, tuple):
                pending.append(item)
                continue
            pending += item
            if isinstance(name := item[0].value, str):
                if name in keys:
                    return name, item[0].start_mark.line + 1
                keys.add(name)
    return None
