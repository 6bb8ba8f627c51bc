"""Merging as `docker compose -f A -f B` does: https://docs.docker.com/reference/compose-file/merge/.

Maps are merged, lists appended, the rest replaced; what a few keys do instead stands in the tables.
`!reset` takes a key away, `!override` replaces what was there. What must be unique in a list (a port, a
mount) is told apart where services are made of the merged tree.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

from secopskit.collect.assemble.compose.tree import (
    ComposeEntry,
    ComposeList,
    ComposeMap,
    ComposeNode,
    ComposeText,
    entries,
)

KeyPath: TypeAlias = tuple[str, ...]

_REPLACED: Final[frozenset[KeyPath]] = frozenset({("command",), ("entrypoint",), ("healthcheck", "test")})
# Maps that may be written as a list of `KEY=value`.
_PAIRS: Final[frozenset[KeyPath]] = frozenset(
    {
        ("environment",),
        ("labels",),
        ("annotations",),
        ("sysctls",),
        ("build", "args"),
        ("build", "labels"),
        ("build", "additional_contexts"),
        ("deploy", "labels"),
    }
)
# Maps that may be written as a list of names.
_NAMES: Final[frozenset[KeyPath]] = frozenset({("depends_on",), ("networks",), ("models",)})
# Lists that may be written as one text.
_LISTS: Final[frozenset[KeyPath]] = frozenset(
    {("env_file",), ("label_file",), ("dns",), ("dns_opt",), ("dns_search",), ("tmpfs",)}
)
_RESET: Final = "!reset"
_OVERRIDE: Final = "!override"
_MOST: Final = 20_000
_CHEAP: Final = 8
"""Keys or items whose copying costs as much as the merging of a key."""


@dataclass(slots=True)
class LoadBudget:
    """What may still be done for a project: bytes that are made into trees, keys that are merged."""

    bytes: int = 16 * 1024 * 1024
    merges: int = 400_000


class ComposeMerger:
    """Merges nodes, within bounds: aliases may repeat what they name. Beyond, the later file replaces.

    One stack has `_MOST` keys, all together have what `budget` says.
    """

    def __init__(self, budget: LoadBudget) -> None:
        self._budget = budget
        self._least = budget.merges - _MOST

    @property
    def spent(self) -> bool:
        """Whether there was too much to be merged."""
        return self._budget.merges < max(self._least, 0)

    def documents(self, base: ComposeMap, over: ComposeMap) -> ComposeMap:
        """Two documents, `over` on top of `base`."""
        found = dict(base.entries)
        for key, entry in over.entries.items():
            there = found.get(key)
            if key == "services" and there is not None:
                services = dict(entries(there.node))
                for name, service in entries(entry.node).items():
                    self._put(services, name, service, ())
                found[key] = ComposeEntry(there.place, ComposeMap(services))
            else:
                self._put(found, key, entry, ("", key))
        return ComposeMap(found)

    def services(self, base: ComposeNode, over: ComposeNode) -> ComposeNode:
        """Two definitions of a service, as files and as `extends` merge them."""
        return self._merged(base, over, ())

    def _put(self, found: dict[str, ComposeEntry], key: str, entry: ComposeEntry, path: KeyPath) -> None:
        """Merge `entry`, which stands at `path`, into what is there. A map or list keeps its first place."""
        self._budget.merges -= 1
        there = found.get(key)
        if _tag(entry.node) == _RESET:
            found.pop(key, None)
        elif there is None or _tag(entry.node) == _OVERRIDE or self.spent:
            found[key] = entry
        else:
            node = self._merged(there.node, entry.node, path)
            grown = node is not entry.node and node is not None
            found[key] = ComposeEntry(there.place if grown else entry.place, node)

    def _merged(self, base: ComposeNode, over: ComposeNode, path: KeyPath) -> ComposeNode:
        if path in _REPLACED:
            return over
        base, over = as_written(base, path), as_written(over, path)
        if isinstance(base, ComposeMap) and isinstance(over, ComposeMap):
            self._budget.merges -= len(base.entries) // _CHEAP
            found = dict(base.entries)
            for key, entry in over.entries.items():
                self._put(found, key, entry, (*path, key))
            return ComposeMap(found)
        if isinstance(base, ComposeList) and isinstance(over, ComposeList):
            self._budget.merges -= (len(base.items) + len(over.items)) // _CHEAP
            return over if self.spent else ComposeList((*base.items, *over.items))
        nothing = over is None or (isinstance(over, ComposeText) and over.null)
        return base if nothing and isinstance(base, ComposeMap | ComposeList) else over


def without_resets(document: ComposeMap) -> ComposeMap:
    """A document without the keys that it resets: there is nothing below it that they could take away."""
    cleaned = _cleaned(document, {})
    return cleaned if isinstance(cleaned, ComposeMap) else ComposeMap()


def _cleaned(node: ComposeNode, known: dict[int, ComposeNode]) -> ComposeNode:
    if not isinstance(node, ComposeMap):
        return node
    if id(node) not in known:
        kept = {
            key: entry._replace(node=_cleaned(entry.node, known))
            for key, entry in node.entries.items()
            if _tag(entry.node) != _RESET
        }
        known[id(node)] = ComposeMap(kept, node.tag)
    return known[id(node)]


def as_written(node: ComposeNode, path: KeyPath) -> ComposeNode:
    """The long form of what stands at `path` of a service in a short one."""
    if path in _PAIRS and isinstance(node, ComposeList):
        return ComposeMap(dict(_pair(item) for item in node.items if isinstance(item, ComposeText)))
    if path in _NAMES and isinstance(node, ComposeList):
        named = [item for item in node.items if isinstance(item, ComposeText)]
        return ComposeMap({item.text: ComposeEntry(item.place, None) for item in named})
    if path in _LISTS and isinstance(node, ComposeText) and not node.null:
        return ComposeList((node,))
    if path == ("build",) and isinstance(node, ComposeText) and not node.null:
        return ComposeMap({"context": ComposeEntry(node.place, node)})
    return node


def _pair(item: ComposeText) -> tuple[str, ComposeEntry]:
    name, sign, value = item.value.partition(b"=")
    given = item._replace(value=value, null=not sign)
    return name.decode("utf-8", "replace").strip(), ComposeEntry(item.place, given)


def _tag(node: ComposeNode) -> str:
    return "" if node is None else node.tag
