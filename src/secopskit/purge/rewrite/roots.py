"""The new root trees of many commits, batch by batch, made ahead of the commits in a process of their own."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import Final

from secopskit.git.objects.committext import commit_start
from secopskit.git.objects.lasting import ObjectReader
from secopskit.git.objects.packwriter import PackWriter
from secopskit.git.repository import Repository
from secopskit.named_tuple import NamedTuple
from secopskit.purge.rewrite.trees import TreeRewriter

# The commits of a pack of trees: few at first, so that whoever waits has soon something to do.
_FIRST_PACK: Final = 400
_PACK: Final = 5000
# The trees of so many commits are held in memory.
_WINDOW: Final = 400


class NewTrees(NamedTuple):
    """What some root trees become, in their order, and all trees that change for it, by raw ids.

    The new ones can be read from the stage.
    """

    roots: list[bytes]
    changed: dict[bytes, bytes]


def new_trees(
    stage: Repository,
    reader: ObjectReader,
    trees: TreeRewriter,
    tops: Sequence[bytes],
    commits: Sequence[str],
) -> Iterator[NewTrees]:
    """The new trees of `tops`, then those of each of the `batches` of commits. Raises SecopsError."""
    pack = stage_pack(stage)
    made = trees.rewrite(tops, [b""] * len(tops), pack)
    pack.finish()
    yield NewTrees(made, trees.take_changed())
    known: dict[str, bytes] = {}
    for batch in batches(commits):
        pack = stage_pack(stage)
        made = []
        for window in _slices(batch, _WINDOW):
            starts = [commit_start(found.data) for found in reader.many(window)]
            roots = [bytes.fromhex(start.tree) for start in starts]
            known.update(zip(window, roots, strict=True))
            earlier = [known.get("".join(start.parents[:1]), b"") for start in starts]
            made += trees.rewrite(roots, earlier, pack)
        pack.finish()
        yield NewTrees(made, trees.take_changed())


def batches(commits: Sequence[str]) -> Iterator[Sequence[str]]:
    """The commits in parts that grow, for each of which there is a pack."""
    at, size = 0, _FIRST_PACK
    while at < len(commits):
        yield commits[at : at + size]
        at, size = at + size, min(2 * size, _PACK)


def stage_pack(stage: Repository) -> PackWriter:
    """A new pack in the stage."""
    return PackWriter(os.path.join(stage.common_dir, "objects"), stage.object_format)


def _slices(items: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    return (items[at : at + size] for at in range(0, len(items), size))
