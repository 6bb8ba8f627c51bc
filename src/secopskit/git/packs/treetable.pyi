"""The trees of a history, and what commits changed in them; see `treetable.pyx`. Ids are binary here."""

from typing import final

SOURCE: str
"""The SHA-256 of `treetable.pyx` as it was when this was compiled."""

@final
class TreeTable:
    """Trees, each as what it has more and less than what its pack makes it from; `width` is that of an id.

    What an entry stands for need not be there, unless a commit changed something in it.
    """

    def __init__(self, width: int) -> None: ...
    def add(self, oid: bytes, content: bytes) -> bytes:
        """Add a tree. Returns where its entries begin, for its heirs. Raises PackError if it is damaged."""

    def add_heir(self, oid: bytes, content: bytes, base: bytes, starts: bytes, copies: bytes) -> bytes:
        """Add a tree that a delta made from `base`, whose entries begin at `starts`.

        `copies` are what the delta took from there, as `Regions.copies` tells. Else like `add`.
        """

    def changes(self, tree: bytes, parents: list[bytes]) -> bytes:
        """What a commit with this tree changed, and those of its parents, as `git log -z -c --raw` has it.

        That is what stands behind the commit itself. Raises PackError where a tree is not there.
        """
