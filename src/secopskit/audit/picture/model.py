"""The nouns of the picture: boxes of a stack, nodes in them and outside, and lines between nodes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from secopskit.collect.facts import EndpointKind, FactPlace
from secopskit.named_tuple import NamedTuple


class NodeKind(Enum):
    """What a node is; the value is its class in drawings."""

    SERVICE = "service"
    DATABASE = "database"
    PROXY = "proxy"
    JOB = "job"
    FILE = "file"
    OUTSIDE = "outside"
    """A host that no file here defines."""


class PictureNode(NamedTuple):
    """A node. `id` is unique in the picture. `names` are those of all that it stands for.

    `under` is a second line (an image). `open` are the ports that the host offers to everybody.
    """

    id: str
    kind: NodeKind
    names: tuple[str, ...]
    under: str = ""
    open: tuple[int, ...] = ()

    @property
    def label(self) -> str:
        """The name, or the first of them and how many there are."""
        return self.names[0] if len(self.names) == 1 else f"{self.names[0]} \u00d7{len(self.names)}"


class PictureBox(NamedTuple):
    """A stack: its name and its nodes."""

    name: str
    nodes: tuple[PictureNode, ...]
    development: bool = False


class PictureLine(NamedTuple):
    """A line from a node to another, by their ids. `keys` are the settings that say so.

    Without a `kind` nothing is said but that one is started after the other.
    """

    start: str
    end: str
    kind: EndpointKind | None = None
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """What there is. `loose` are nodes that belong to no stack. `left_out` says what is not drawn."""

    boxes: tuple[PictureBox, ...] = ()
    loose: tuple[PictureNode, ...] = ()
    lines: tuple[PictureLine, ...] = ()
    left_out: tuple[str, ...] = ()

    @property
    def nodes(self) -> tuple[PictureNode, ...]:
        """All nodes."""
        return (*(node for box in self.boxes for node in box.nodes), *self.loose)


class Pointer(NamedTuple):
    """Who points at a database: a service, job or file, by which setting, where; `tls` as it is written."""

    who: str
    key: str
    place: FactPlace
    tls: str = ""


class PointerGroup(NamedTuple):
    """All who point at a database by the same setting."""

    key: str
    tls: str
    who: tuple[str, ...]


class DatabaseRow(NamedTuple):
    """A database and who points at it. `kind` is what server it is.

    `where` is a service (with its stack) or a host.
    """

    kind: str
    where: str
    database: str
    pointers: tuple[Pointer, ...]
    outside: bool = False
    odoo: bool = False

    @property
    def by_key(self) -> tuple[PointerGroup, ...]:
        """The pointers, those with the same setting together."""
        found: dict[tuple[str, str], list[str]] = {}
        for one in self.pointers:
            found.setdefault((one.key, one.tls), []).append(one.who)
        return tuple(PointerGroup(*key, tuple(dict.fromkeys(who))) for key, who in found.items())
