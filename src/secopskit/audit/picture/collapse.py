"""Large stacks made legible: services of one image that talk to the same ones are one node.

Where the image is not known, the first word of their names says that they are of one kind.
"""

from __future__ import annotations

from typing import Final

from secopskit.audit.picture.model import Picture, PictureBox, PictureLine, PictureNode

_LARGE: Final = 16
"""Boxes with more nodes than this are looked at."""


def collapsed(picture: Picture) -> Picture:
    """The picture with alike nodes of large boxes told as one."""
    links = _links(picture)
    boxes, moved = [], dict[str, str]()
    for box in picture.boxes:
        nodes = _told_as_one(box, links, moved) if len(box.nodes) > _LARGE else box.nodes
        boxes.append(box._replace(nodes=tuple(nodes)))
    if not moved:
        return picture
    return Picture(
        boxes=tuple(boxes),
        loose=picture.loose,
        lines=_between(picture.lines, moved),
        left_out=picture.left_out,
    )


def _links(picture: Picture) -> dict[str, frozenset[tuple[str, bool]]]:
    """Whom each node has a line to or from."""
    links: dict[str, set[tuple[str, bool]]] = {}
    for line in picture.lines:
        links.setdefault(line.start, set()).add((line.end, True))
        links.setdefault(line.end, set()).add((line.start, False))
    return {node: frozenset(found) for node, found in links.items()}


def _told_as_one(
    box: PictureBox, links: dict[str, frozenset[tuple[str, bool]]], moved: dict[str, str]
) -> list[PictureNode]:
    """The nodes of a box; `moved` is told which node stands for which."""
    alike: dict[object, PictureNode] = {}
    for node in box.nodes:
        near = links.get(node.id, frozenset())
        family = node.under or (node.names[0].partition("-")[0] if near else node.id)
        key = (node.kind, family, node.open, near)
        if first := alike.get(key):
            alike[key] = first._replace(names=(*first.names, *node.names))
            moved[node.id] = first.id
        else:
            alike[key] = node
    return list(alike.values())


def _between(lines: tuple[PictureLine, ...], moved: dict[str, str]) -> tuple[PictureLine, ...]:
    found: dict[tuple[str, str], PictureLine] = {}
    for line in lines:
        start, end = moved.get(line.start, line.start), moved.get(line.end, line.end)
        known = found.get((start, end))
        keys = tuple(dict.fromkeys((*(known.keys if known else ()), *line.keys)))
        found[start, end] = line._replace(start=start, end=end, keys=keys)
    return tuple(found.values())
