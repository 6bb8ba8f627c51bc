"""The trees of packs and loose files, in a table that tells what differs between them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from secopskit.git.packs.portions import Portion
    from secopskit.git.packs.sources import ObjectSources
    from secopskit.git.packs.treetable import TreeTable

# A table takes about half of what its trees are inflated to, deltas as such.
_MOST: Final = 1 << 29
# Bytes of trees, rebuilt: some seconds. git rebuilds only those that it is asked for.
_MOST_MADE: Final = 1 << 35


def is_room_for(sources: ObjectSources) -> bool:
    """Whether a table of all trees is not too large for the memory."""
    return sum(pack.weight_of("tree") for pack in sources.packs) <= _MOST


def read_trees(sources: ObjectSources) -> TreeTable:
    """All trees that are wanted of `sources`. What cannot be read lacks.

    Raises PackError where one is damaged, or where it would take long.
    """
    from secopskit.git.packs.portions import share
    from secopskit.git.packs.treetable import TreeTable

    table, left = TreeTable(sources.width), _MOST_MADE
    for portion in share(sources, ("tree",), 1):
        if portion.pack:
            left = _add_packed(table, sources, portion, left)
        else:
            _add_loose(table, sources, portion)
    return table


def _add_packed(table: TreeTable, sources: ObjectSources, portion: Portion, left: int) -> int:
    """Add trees that have at most so many bytes; how many are left. Raises PackError if there are more."""
    from secopskit.git.packs.compiled import PackError, Regions
    from secopskit.git.packs.walk import MOST_REBUILT, FamilyWalk

    regions, pack = Regions(0), sources.pack(portion.pack)
    walk = FamilyWalk(regions, MOST_REBUILT)
    for start in portion.families():
        for made, base in walk.family(pack.tables, start):
            left -= len(made.content)
            if left < 0:
                raise PackError("more than is worth the while would be rebuilt")
            if base is not None and isinstance(base.known, bytes):
                known, copies = base.known, regions.copies()
                made.known = table.add_heir(made.binary_oid, made.content, base.binary_oid, known, copies)
            else:
                made.known = table.add(made.binary_oid, made.content)
    return left


def _add_loose(table: TreeTable, sources: ObjectSources, portion: Portion) -> None:
    from secopskit.git.packs.loose import read_loose
    from secopskit.git.packs.walk import MOST_REBUILT

    for file in portion.loose:
        if read_loose(file, sources.algorithm, 0).kind == "tree":
            content = read_loose(file, sources.algorithm, MOST_REBUILT).content
            if content is not None:
                table.add(bytes.fromhex(file.oid), content)
