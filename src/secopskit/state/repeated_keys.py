"""Keys that stand twice in a mapping of a YAML file: only the last of them would count."""

from __future__ import annotations

from typing import Any

from secopskit.named_tuple import NamedTuple


class RepeatedKey(NamedTuple):
    """A key, and the 1-based lines where it stands first and again."""

    name: str
    first: int
    line: int


def repeated_key(top: Any) -> RepeatedKey | None:
    """The first key found to stand twice in its mapping; `top` is a node that PyYAML has composed."""
    pending, seen = [top], set[int]()
    while pending:
        node = pending.pop()
        if id(node) in seen or isinstance(node.value, str):
            continue
        seen.add(id(node))
        lines = dict[str, int]()
        for item in node.value:
            if not isinstance(item, tuple):
                pending.append(item)
                continue
            pending += item
            name, line = item[0].value, item[0].start_mark.line + 1
            if not isinstance(name, str):
                continue
            if name in lines:
                return RepeatedKey(name, lines[name], line)
            lines[name] = line
    return None
