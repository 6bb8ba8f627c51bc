"""What a commit reaches: every object of its history."""

from __future__ import annotations

from collections.abc import Collection

from secopskit.git.objects.objectset import ObjectSet
from secopskit.named_tuple import NamedTuple


class ReachedObjects(NamedTuple):
    """A commit, and the raw ids of all objects that it reaches, itself included, joined in any order."""

    commit: str
    ids: bytes

    def has_any(self, oids: Collection[str]) -> bool:
        """Whether it reaches one of these objects."""
        return bool(ObjectSet(self.ids, len(self.commit) // 2).among(oids))
