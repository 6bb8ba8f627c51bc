"""Compose documents as trees whose texts know their file, their line and what their paths are relative to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, TypeAlias

from secopskit.collect.facts import ComposeFile, FactPlace
from secopskit.collect.place import FilePlaces
from secopskit.collect.stacks.compose import is_null
from secopskit.formats.stacks.interpolation import resolved
from secopskit.formats.trees import yaml_tree
from secopskit.formats.trees.environment import text_of
from secopskit.named_tuple import NamedTuple

_DEEPEST: Final = 60
_MAX_NODES: Final = 40_000


class ComposeText(NamedTuple):
    """A scalar. `${X}` in its `text` is a variable that is neither `known` nor has a default.

    `base` is the directory that a relative path in it is relative to.
    """

    value: bytes
    place: FactPlace
    base: str
    null: bool = False
    tag: str = ""
    known: Mapping[str, bytes] = MappingProxyType({})

    @property
    def text(self) -> str:
        """The text with what is known of its variables, and their defaults."""
        return "" if self.null else resolved(self.value, self.known)


class ComposeEntry(NamedTuple):
    """A value of a map, and where its key stands."""

    place: FactPlace
    node: ComposeNode


@dataclass(frozen=True, slots=True)
class ComposeMap:
    """A map, in order."""

    entries: dict[str, ComposeEntry] = field(default_factory=dict)
    tag: str = ""

    def get(self, key: str) -> ComposeNode:
        """The value of `key`, or None."""
        entry = self.entries.get(key)
        return None if entry is None else entry.node


@dataclass(frozen=True, slots=True)
class ComposeList:
    """A list."""

    items: tuple[ComposeNode, ...] = ()
    tag: str = ""


ComposeNode: TypeAlias = ComposeText | ComposeMap | ComposeList | None


def tree(file: ComposeFile, base: str, known: Mapping[str, bytes] = MappingProxyType({})) -> ComposeMap:
    """The document of `file`, merge keys resolved; its paths are relative to the directory `base`."""
    made = _TreeMaker(FilePlaces(file.path, file.data), base, known).node(file.document, 0)
    return made if isinstance(made, ComposeMap) else ComposeMap()


class _TreeMaker:
    """Makes each node once, however often an alias names it: bounded by the size of the file."""

    def __init__(self, places: FilePlaces, base: str, known: Mapping[str, bytes]) -> None:
        self._places = places
        self._known = known
        self._base = base
        self._made: dict[int, ComposeNode] = {}
        self._left = _MAX_NODES

    def node(self, node: object, depth: int) -> ComposeNode:
        """What `node` becomes. None for what is nested too deeply, or one too many."""
        self._left -= 1
        if depth > _DEEPEST or self._left < 0:
            return None
        if isinstance(node, yaml_tree.Scalar):
            place = self._places.at(node.start)
            return ComposeText(node.value, place, self._base, is_null(node), node.tag, self._known)
        known = self._made.get(id(node))
        if known is None and node is not None:
            known = self._made[id(node)] = self._collection(node, depth)
        return known

    def _collection(self, node: object, depth: int) -> ComposeNode:
        if self._left < 0:
            return None
        if isinstance(node, yaml_tree.Sequence):
            return ComposeList(tuple(self.node(item, depth + 1) for item in node.items), node.tag)
        if not isinstance(node, yaml_tree.Mapping):
            return None
        entries = {
            text_of(key): ComposeEntry(self._places.at(key.start), self.node(value, depth + 1))
            for key, value in yaml_tree.merged_pairs(node)
        }
        return ComposeMap(entries, node.tag)


# --- looking at nodes -------------------------------------------------------------------------


def text(node: ComposeNode) -> str:
    """The text of a scalar, empty for anything else."""
    return node.text if isinstance(node, ComposeText) else ""


def texts(node: ComposeNode) -> list[ComposeText]:
    """The scalars of a list, or the one scalar."""
    if isinstance(node, ComposeText):
        return [] if node.null else [node]
    items = node.items if isinstance(node, ComposeList) else ()
    return [item for item in items if isinstance(item, ComposeText) and not item.null]


def entries(node: ComposeNode) -> dict[str, ComposeEntry]:
    """The entries of a map, none for anything else."""
    return node.entries if isinstance(node, ComposeMap) else {}


def items(node: ComposeNode) -> tuple[ComposeNode, ...]:
    """The items of a list, none for anything else."""
    return node.items if isinstance(node, ComposeList) else ()
