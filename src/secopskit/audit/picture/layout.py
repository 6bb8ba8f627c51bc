"""Where the nodes of a picture stand: a box under the other, in each the nodes in layers from left to right.

Who points stands left of whom it points at. Lines over several layers get a place of their own in each, so
that they pass between nodes. The same picture always gives the same places.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from secopskit.audit.picture.layers import LineChain, columns_of, layers_of, put_in_order
from secopskit.audit.picture.model import NodeKind, Picture, PictureBox, PictureLine, PictureNode
from secopskit.named_tuple import NamedTuple

NODE_WIDTH: Final = 176
NODE_HEIGHT: Final = 46
_GAP_X: Final = 134
_GAP_Y: Final = 18
_PASS: Final = 2
"""The height of a place where a line passes."""
_LANE: Final = 12
"""The height of a line that passes above all boxes."""
_PAD: Final = 20
_TITLE: Final = 26
_BETWEEN: Final = 28
_GRID_COLUMNS: Final = 5


_Corners = dict[str, tuple[int, int]]
_Passes = dict[tuple[str, str], list[tuple[int, int]]]


class PlacedNode(NamedTuple):
    """A node and its left upper corner."""

    node: PictureNode
    x: int
    y: int


class PlacedBox(NamedTuple):
    """A box and its corners; without a name where it holds what belongs to no stack."""

    name: str
    x: int
    y: int
    width: int
    height: int
    development: bool = False


class PlacedLine(NamedTuple):
    """A line through its points."""

    line: PictureLine
    points: tuple[tuple[int, int], ...]


class PlacedPicture(NamedTuple):
    """A picture with its places, in pixels."""

    width: int
    height: int
    boxes: tuple[PlacedBox, ...]
    nodes: tuple[PlacedNode, ...]
    lines: tuple[PlacedLine, ...]


class _Places(NamedTuple):
    """What is placed of a box: corners of nodes by id, middles of passing lines by line."""

    corners: _Corners
    passes: _Passes
    width: int
    height: int


def placed(picture: Picture) -> PlacedPicture:
    """The picture with places."""
    before = [node for node in picture.loose if node.kind is not NodeKind.OUTSIDE]
    after = [node for node in picture.loose if node.kind is NodeKind.OUTSIDE]
    x = NODE_WIDTH + _GAP_X if before else 0
    sides = frozenset(node.id for node in before), frozenset(node.id for node in after)
    lanes = [line for line in picture.lines if line.start in sides[0] and line.end in sides[1]]
    boxes, corners, passes = _boxes(picture, x, len(lanes) * _LANE, sides)
    widest = boxes[0].width if boxes else 0
    corners |= _column(before, 0, corners, picture.lines)
    corners |= _column(after, x + widest + _GAP_X if boxes else x, corners, picture.lines)
    if boxes:
        for number, line in enumerate(lanes):
            y = number * _LANE
            passes[line.start, line.end] = [(x - _GAP_X // 3, y), (x + widest + _GAP_X // 3, y)]
    nodes = tuple(PlacedNode(node, *corners[node.id]) for node in picture.nodes)
    lines = tuple(PlacedLine(line, _points(line, corners, passes)) for line in picture.lines)
    return PlacedPicture(
        width=max([box.x + box.width for box in boxes] + [node.x + NODE_WIDTH for node in nodes], default=0),
        height=max(
            [box.y + box.height for box in boxes] + [node.y + NODE_HEIGHT for node in nodes], default=0
        ),
        boxes=boxes,
        nodes=nodes,
        lines=lines,
    )


def _boxes(
    picture: Picture, x: int, y: int, sides: tuple[frozenset[str], frozenset[str]]
) -> tuple[tuple[PlacedBox, ...], _Corners, _Passes]:
    """The boxes from `y` on, one below the other and all as wide as the widest, and what stands in them."""
    corners, passes, boxes = _Corners(), _Passes(), list[PlacedBox]()
    for box in picture.boxes:
        found = _box(box, picture.lines, sides)
        left, top = x + _PAD, y + _TITLE + _PAD
        corners |= {node: (left + dx, top + dy) for node, (dx, dy) in found.corners.items()}
        passes |= {key: [(left + dx, top + dy) for dx, dy in points] for key, points in found.passes.items()}
        height = found.height + 2 * _PAD + _TITLE
        boxes.append(PlacedBox(box.name, x, y, found.width + 2 * _PAD, height, box.development))
        y += height + _BETWEEN
    widest = max((box.width for box in boxes), default=0)
    return tuple(box._replace(width=widest) for box in boxes), corners, passes


def _column(
    nodes: Sequence[PictureNode], x: int, corners: _Corners, lines: Iterable[PictureLine]
) -> _Corners:
    """Nodes beside the boxes, each as high as those it has to do with, none upon another."""
    near: dict[str, list[int]] = {node.id: [] for node in nodes}
    for line in lines:
        for own, other in ((line.start, line.end), (line.end, line.start)):
            if own in near and other in corners:
                near[own].append(corners[other][1])
    wanted = {name: sum(found) // len(found) if found else 0 for name, found in near.items()}
    made, y = _Corners(), 0
    for node in sorted(nodes, key=lambda one: wanted[one.id]):
        y = max(y, wanted[node.id])
        made[node.id] = (x, y)
        y += NODE_HEIGHT + _GAP_Y
    return made


# --- one box ----------------------------------------------------------------------------------


def _box(
    box: PictureBox, every: Iterable[PictureLine], sides: tuple[frozenset[str], frozenset[str]]
) -> _Places:
    every = tuple(every)
    own = {node.id for node in box.nodes}
    lines = [line for line in every if line.start in own and line.end in own]
    linked = {end for line in every for end in (line.start, line.end)}
    layer = layers_of([node.id for node in box.nodes if node.id in linked], lines)
    last = max(layer.values(), default=-1)
    lines += [  # what comes from the left side or goes to the right one passes between nodes, too
        line
        for line in every
        if (line.start in own and line.end in sides[1]) or (line.start in sides[0] and line.end in own)
    ]
    columns, chains = columns_of(layer, lines, last)
    put_in_order(columns, chains)
    places = _stacked(columns, chains)
    alone = [node for node in box.nodes if node.id not in linked]
    return _with_grid(places, alone) if alone else places


def _stacked(columns: Sequence[Sequence[str]], chains: Sequence[LineChain]) -> _Places:
    heights = [sum(map(_height, column)) - _GAP_Y for column in columns]
    tallest = max(heights, default=0)
    corners, middles = _Corners(), _Corners()
    for number, column in enumerate(columns):
        x, y = number * (NODE_WIDTH + _GAP_X), (tallest - heights[number]) // 2
        for name in column:
            if name.startswith("\0"):
                middles[name] = (x, y + _PASS // 2)
            else:
                corners[name] = (x, y)
            y += _height(name)
    passes = _Passes()
    for chain in chains:
        points = [middles[name] for name in chain.names if name in middles]
        through = [(x + dx, y) for x, y in points for dx in (0, NODE_WIDTH)]
        passes[chain.line.start, chain.line.end] = through[::-1] if chain.back else through
    width = max(len(columns) * (NODE_WIDTH + _GAP_X) - _GAP_X, NODE_WIDTH)
    return _Places(corners, passes, width, max(tallest, 0))


def _height(name: str) -> int:
    """What a node or a passing line takes, with the gap below it."""
    return (_PASS if name.startswith("\0") else NODE_HEIGHT) + _GAP_Y


def _with_grid(places: _Places, alone: Sequence[PictureNode]) -> _Places:
    """The box with the nodes that no line touches in rows below."""
    columns = max(min(_GRID_COLUMNS, len(alone)), (places.width + _GAP_X) // (NODE_WIDTH + _GAP_X))
    top = places.height + _GAP_Y if places.height else 0
    for number, node in enumerate(alone):
        row, column = divmod(number, columns)
        corner = (column * (NODE_WIDTH + _GAP_X), top + row * (NODE_HEIGHT + _GAP_Y))
        places.corners[node.id] = corner
    used = min(columns, len(alone))
    return places._replace(
        width=max(places.width, used * (NODE_WIDTH + _GAP_X) - _GAP_X),
        height=top + -(-len(alone) // columns) * (NODE_HEIGHT + _GAP_Y) - _GAP_Y,
    )


# --- lines ------------------------------------------------------------------------------------


def _points(
    line: PictureLine,
    corners: Mapping[str, tuple[int, int]],
    passes: Mapping[tuple[str, str], list[tuple[int, int]]],
) -> tuple[tuple[int, int], ...]:
    """From the side of one node to the side of the other, through the places where the line passes."""
    (x1, y1), (x2, y2) = corners[line.start], corners[line.end]
    middle = NODE_HEIGHT // 2
    if x1 == x2:  # the same column: out and in at the right
        return ((x1 + NODE_WIDTH, y1 + middle), (x2 + NODE_WIDTH, y2 + middle))
    between = passes.get((line.start, line.end), [])
    if x1 < x2:
        return ((x1 + NODE_WIDTH, y1 + middle), *between, (x2, y2 + middle))
    return ((x1, y1 + middle), *between, (x2 + NODE_WIDTH, y2 + middle))
