"""The layers of a box: which column a node stands in, which lines pass there, and in which order.

Sugiyama's method, with the barycentre rule: who points stands left of whom it points at, and the order within
a column is that of the neighbours'.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final

from secopskit.audit.picture.model import PictureLine
from secopskit.named_tuple import NamedTuple

_ROUNDS: Final = 6
_DEEPEST: Final = 9
"""The last layer: in a longer row of services the rest stand in it, one below the other."""


def layers_of(nodes: Sequence[str], lines: Sequence[PictureLine]) -> dict[str, int]:
    """The layer of each node: right of all that point at it. Lines that close a circle do not count."""
    out: dict[str, list[str]] = {node: [] for node in nodes}
    for line in _without_circles(nodes, lines):
        out[line.start].append(line.end)
    layer = dict.fromkeys(nodes, 0)
    for _ in nodes:
        moved = False
        for start in nodes:
            for end in out[start]:
                if layer[end] <= layer[start] < _DEEPEST:
                    layer[end], moved = layer[start] + 1, True
        if not moved:
            break
    return layer


def _without_circles(nodes: Sequence[str], lines: Sequence[PictureLine]) -> list[PictureLine]:
    """The lines but those that lead back to where a walk along them came from."""
    out: dict[str, list[PictureLine]] = {node: [] for node in nodes}
    for line in lines:
        out[line.start].append(line)
    state, kept = dict.fromkeys(nodes, 0), list[PictureLine]()
    for root in nodes:
        walk = [(root, iter(out[root]))] if state[root] == 0 else []
        state[root] = state[root] or 1
        while walk:
            node, rest = walk[-1]
            step = next(rest, None)
            if step is None:
                state[node] = 2
                walk.pop()
            elif state[step.end] != 1:
                kept.append(step)
                if state[step.end] == 0:
                    state[step.end] = 1
                    walk.append((step.end, iter(out[step.end])))
    return kept


class LineChain(NamedTuple):
    """A line through the layers: `names` are what it touches, from left to right; `back` if it goes so."""

    line: PictureLine
    names: tuple[str, ...]
    back: bool = False


def columns_of(
    layer: Mapping[str, int], lines: Sequence[PictureLine], last: int
) -> tuple[list[list[str]], list[LineChain]]:
    """The layers as columns, and each line as a chain, with a place to pass in each layer between.

    Lines to the same node share these places: they meet as early as they can.
    """
    columns: list[dict[str, None]] = [{} for _ in range(last + 1)]
    for node, number in layer.items():
        columns[number][node] = None
    chains = []
    for line in lines:
        start, end = layer.get(line.start, -1), layer.get(line.end, last + 1)
        first, until = min(start, end), max(start, end)
        between = [f"\0{line.end}\0{number}" for number in range(first + 1, until)]
        for number, name in zip(range(first + 1, until), between, strict=True):
            columns[number][name] = None
        left, right = (line.start, line.end) if start <= end else (line.end, line.start)
        names = tuple(name for name in (left, *between, right) if name in layer or name.startswith("\0"))
        chains.append(LineChain(line, names, back=start > end))
    return [list(column) for column in columns], chains


def put_in_order(columns: list[list[str]], chains: Sequence[LineChain]) -> None:
    """Order each column by where its neighbours stand, to and fro."""
    near: dict[str, tuple[list[str], list[str]]] = {name: ([], []) for column in columns for name in column}
    for chain in chains:
        for one, other in pairwise(chain.names):
            near[other][0].append(one)
            near[one][1].append(other)
    for turn in range(_ROUNDS):
        rank = {name: float(place) for column in columns for place, name in enumerate(column)}
        for column in columns if turn % 2 == 0 else reversed(columns):
            middle = {name: _middle(near[name][turn % 2], rank, rank[name]) for name in column}
            column.sort(key=lambda name: middle[name])
            rank.update((name, float(place)) for place, name in enumerate(column))


def _middle(names: Sequence[str], rank: Mapping[str, float], own: float) -> float:
    return sum(rank[name] for name in names) / len(names) if names else own
