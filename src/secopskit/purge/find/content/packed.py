"""A survey's objects read from their packs: what this needs to be there, and the work for the processes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from secopskit.git.objects.slices import LARGE
from secopskit.git.packs.available import open_sources
from secopskit.git.repository import Repository
from secopskit.purge.values.matcher import ValueMatcher

if TYPE_CHECKING:
    from secopskit.git.packs.portions import Portion
    from secopskit.git.packs.reader import PackReader
    from secopskit.git.packs.sources import ObjectSources

_KINDS: Final = ("blob", "tree", "commit", "tag")
_SENT: Final = 1 << 20  # inflated bytes that keep a process busy
_WIDEST: Final = 1 << 12  # with more of a margin, little would be spared


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedObjects:
    """All objects of a repository, open, to be searched by signs of at most `margin` bytes."""

    sources: ObjectSources
    margin: int

    def portions(self, jobs: int) -> Sequence[tuple[Portion, ...]]:
        """The objects as work for so many processes, the heaviest first."""
        from secopskit.git.packs.portions import portions_for

        return portions_for(self.sources, _KINDS, jobs, least=_SENT, little=2 * _SENT)

    def narrowed(self, only: bytes) -> PackedObjects:
        """The same for these objects alone (ids in binary, joined)."""
        return replace(self, sources=self.sources.narrowed(only))

    def reader(self) -> PackReader:
        """A reader of the portions of one process."""
        from secopskit.git.packs.reader import PackReader

        return PackReader(self.sources, limit=LARGE, margin=self.margin)


def open_packed(
    repository: Repository, matcher: ValueMatcher, only: bytes | None = None
) -> PackedObjects | None:
    """The packs of a repository, or None where git has to read them, or the engine has to see all at once.

    Of all objects, or those of the ids `only` (in binary, joined).
    """
    margin = matcher.sign_width
    if margin is None or margin > _WIDEST:
        return None
    sources = open_sources(repository)
    if sources is None:
        return None
    packed = PackedObjects(sources=sources, margin=margin)
    return packed if only is None else packed.narrowed(only)
