"""A small tree of a YAML stream with byte offsets, built from parser events.

Nothing is constructed, tags are kept as text, and an alias is not expanded unless that is asked for: what
an anchor names is visited once, where it stands. Size, depth and number of events are bounded.
"""

from __future__ import annotations

from typing import Any, Final

import yaml

from secopskit.formats import bounds
from secopskit.formats.encoding import BOM
from secopskit.formats.trees.nodes import Mapping, Node, Scalar, Sequence, within
from secopskit.lazy_regex import prepared

__all__ = ["Mapping", "Node", "Scalar", "Sequence", "documents", "merged_pairs", "within"]

MAX_SIZE: Final = 2 * 1024 * 1024
MAX_DEPTH: Final = 64
MAX_EVENTS: Final = 600_000
MAX_MERGED: Final = 2000
MAX_REPEATED: Final = 8 * 1024 * 1024
"""Weight of all that aliases repeat: the bytes of its texts, and a few for each node."""
_NODE_WEIGHT: Final = 16

_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# Without libyaml the parser is fifty times slower.
_LIMIT: Final = MAX_SIZE if hasattr(yaml, "CSafeLoader") else MAX_SIZE // 16
# One character a byte, so the parser's marks are byte offsets; values are read from the bytes.
# A tag and an anchor, in any order, and what parts them from the text.
_PROPERTIES: Final = prepared(rb"(?:[!&][^\s]{0,400}\s{1,400}){1,2}")
_ASCII: Final = bytes(code if code < 0x80 else 0x75 for code in range(256))


def merged_pairs(mapping: Mapping) -> list[tuple[Scalar, Node]]:
    """The pairs with those that `<<` merges into them: the mapping's own win, then those of the first.

    For a tree with aliases expanded. At most `MAX_MERGED` keys are merged in, each mapping once.
    """
    found: dict[bytes, tuple[Scalar, Node]] = {}
    left, seen = [mapping], {id(mapping)}
    while left:
        here, merged = left.pop(), list[Node]()
        for key, node in here.pairs:
            if key.value == b"<<" and not key.style:
                merged += node.items if isinstance(node, Sequence) else [node]
            elif here is mapping or len(found) <= MAX_MERGED:
                found.setdefault(key.value, (key, node))
        for node in reversed(merged):
            if isinstance(node, Mapping) and id(node) not in seen and len(found) <= MAX_MERGED:
                seen.add(id(node))
                left.append(node)
    return list(found.values())


def _own(tag: str | None) -> str:
    return tag if tag and tag.startswith("!") and len(tag) > 1 else ""


def documents(data: bytes, *, expand: bool = False, depth: int = 0) -> list[Node] | None:
    """The documents in `data`; None if it is not YAML, or too large, deep or long.

    With `expand` an alias is the very node that its anchor names (never one that it stands in), so
    whoever walks the tree meets it more than once: not more often than `MAX_REPEATED` allows, above which
    the whole is None. Without it an alias is None. `depth` is that of the place at which `data` stands.
    """
    if len(data) > _LIMIT:
        return None
    text = b"# \n" + data[3:] if data.startswith(BOM) else data
    try:
        loader = _LOADER(text.translate(_ASCII).decode("ascii"))
    except yaml.YAMLError:  # a character YAML does not allow
        return None
    try:
        return _read(loader, _Builder(data, expand=expand, depth=depth))
    except (yaml.YAMLError, ValueError):
        return None
    finally:
        loader.dispose()


def _read(loader: Any, builder: _Builder) -> list[Node] | None:
    for _ in range(MAX_EVENTS):
        if not loader.check_event():
            return builder.roots
        if not builder.take(loader.get_event()):
            break
    bounds.stop()
    return None


class _Builder:
    """Puts events together. Keeps its own stack: hostile nesting meets a limit, not the interpreter's."""

    def __init__(self, data: bytes, *, expand: bool, depth: int) -> None:
        self.roots: list[Node] = []
        self._data = data
        self._expand = expand
        self._most = MAX_DEPTH - depth
        self._anchors: dict[str, tuple[Node, int]] = {}
        self._weight = 0
        self._repeated = 0
        self._before: list[int] = []
        self._names: list[str | None] = []
        self._stack: list[Mapping | Sequence] = []
        self._keys: list[Scalar | None] = []
        self._expects_key: list[bool] = []

    def take(self, event: yaml.Event) -> bool:
        """Add one event; False if the nesting is too deep, or aliases repeat too much."""
        if isinstance(event, yaml.ScalarEvent):
            scalar, before = self._scalar(event), self._weight
            self._weight += _NODE_WEIGHT + len(scalar.value)
            self._name(event.anchor, scalar, before)
            self._add(scalar)
        elif isinstance(event, yaml.AliasEvent):
            node, weight = self._anchors.get(event.anchor or "", (None, 0))
            self._weight += weight
            self._repeated += weight
            self._add(node)
            return self._repeated <= MAX_REPEATED
        elif isinstance(event, yaml.CollectionStartEvent):
            tag = _own(event.tag)
            node = Mapping(tag=tag) if isinstance(event, yaml.MappingStartEvent) else Sequence(tag=tag)
            self._add(node)
            self._stack.append(node)
            self._names.append(event.anchor)
            self._before.append(self._weight)
            self._weight += _NODE_WEIGHT
            self._keys.append(None)
            self._expects_key.append(True)
            return len(self._stack) <= self._most
        elif isinstance(event, yaml.CollectionEndEvent):
            self._name(self._names.pop(), self._stack.pop(), self._before.pop())
            self._keys.pop()
            self._expects_key.pop()
        return True

    def _name(self, anchor: str | None, node: Node, before: int) -> None:
        """An anchor names what is complete, so no node stands in itself; all since `before` is its weight."""
        if anchor and self._expand:
            self._anchors[anchor] = node, self._weight - before

    def _add(self, node: Node) -> None:
        if not self._stack:
            self.roots.append(node)
            return
        parent = self._stack[-1]
        if isinstance(parent, Sequence):
            parent.items.append(node)
        elif self._expects_key[-1]:
            self._keys[-1] = node if isinstance(node, Scalar) else None
            self._expects_key[-1] = False
        else:
            key = self._keys[-1]
            if key is not None:
                parent.pairs.append((key, node))
            self._expects_key[-1] = True

    def _scalar(self, event: Any) -> Scalar:
        start, end = event.start_mark.index, event.end_mark.index
        style = event.style or ""
        if style in ("|", ">"):
            return self._block(event, start, end, style)
        tag = _own(event.tag)
        if event.tag or event.anchor:
            start = self._behind_properties(start, end)
        if style in ('"', "'"):
            start, end = start + 1, end - 1
        raw = self._data[start:end]
        simple = not (b"\n" in raw or (style == '"' and b"\\" in raw) or (style == "'" and b"''" in raw))
        value = raw if simple else event.value.encode()
        return Scalar(value, start, end, raw, style, tag)

    def _behind_properties(self, start: int, end: int) -> int:
        """Where the text begins: tags and anchors stand before it, `!!str &name text`."""
        found = _PROPERTIES.match(self._data, start, end)
        return found.end() if found else start

    def _block(self, event: Any, start: int, end: int, style: str) -> Scalar:
        first = self._data.find(b"\n", start, end) + 1 or end  # of an empty one, nothing follows its sign
        raw = self._data[first:end].rstrip()
        lead = len(raw) - len(raw.lstrip())
        start, text = first + lead, raw.lstrip()
        value = event.value.encode() if b"\n" in text else text  # one line stands as it is
        return Scalar(value, start, start + len(text), text, style)
