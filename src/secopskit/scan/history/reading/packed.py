"""A history read from its packs: what this needs to be there, and the work for the processes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from secopskit.git.objects.objectset import ObjectSet
from secopskit.git.packs.available import open_sources
from secopskit.git.repository import Repository
from secopskit.scan.content.detectors import Detectors
from secopskit.sources.content import BINARY_HEAD, is_followed_script, is_media

if TYPE_CHECKING:
    from secopskit.git.packs.portions import Portion
    from secopskit.git.packs.reader import PackReader
    from secopskit.git.packs.sources import ObjectSources

_KINDS: Final = ("blob", "commit", "tag")
_PARSED: Final = 1 << 20  # bytes of files that keep a process busy where they are parsed
_WIDEST: Final = 1 << 14  # with more of a margin, little would be spared


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedHistory:
    """The packs and loose objects of a repository, open. What has more than `limit` bytes is passed over."""

    sources: ObjectSources
    limit: int

    def portions(self, jobs: int) -> Sequence[tuple[Portion, ...]]:
        """All objects that hold text, as work for so many processes, the heaviest first."""
        from secopskit.git.packs.portions import portions_for

        return portions_for(self.sources, _KINDS, jobs)

    @property
    def commits(self) -> int | None:
        """The number of commits in the packs, where it costs nothing to tell."""
        return self.sources.commits

    def named_portions(self, jobs: int) -> Sequence[tuple[Portion, ...]]:
        """The same for a look by names, which has more to do with each of them: files are parsed."""
        from secopskit.git.packs.portions import portions_for

        return portions_for(self.sources, _KINDS, jobs, least=_PARSED, little=2 * _PARSED)

    def narrowed(self, oids: Iterable[str]) -> PackedHistory:
        """The same for these objects alone."""
        return replace(self, sources=self.sources.narrowed(bytes.fromhex("".join(oids))))

    def doubtful(self) -> Iterable[str]:
        """The ids of objects in no portion: git has to read them."""
        return (doubt.oid for doubt in self.sources.doubtful())

    def commits_beside(self, reached: bytes) -> list[str]:
        """The ids of what may be a commit and is not among `reached` (ids in binary, joined)."""
        return self.sources.unknown("commit", reached)

    def no_blobs(self, oids: str) -> set[str]:
        """Those of `oids` (one after the other, with blanks between or without) that are no packed blobs."""
        width = self.sources.width
        left = self.sources.strangers("blob", bytes.fromhex(oids))
        return {left[at : at + width].hex() for at in range(0, len(left), width)}

    def oids(self) -> Iterator[str]:
        """The ids of all objects that are there, of whatever size."""
        for joined in self.sources.ids():
            yield from ObjectSet(joined, self.sources.width)

    def reader(self, margin: int) -> PackReader:
        """A reader for a search by signs of at most `margin` bytes.

        Binary content it does not search, and of pictures and the like it reads no more than the beginning.
        """
        from secopskit.git.packs.reader import PackReader

        return PackReader(
            self.sources, limit=self.limit, margin=margin, searched=_is_text, passed_over=_is_media
        )

    def contents(self) -> PackReader:
        """A reader for what the objects hold, in which nothing is searched."""
        from secopskit.git.packs.reader import PackReader

        return PackReader(self.sources, limit=self.limit, margin=None, searched=_is_none)


def open_packed(repository: Repository, detectors: Detectors, limit: int) -> PackedHistory | None:
    """The packs of a repository, or None where git has to read them.

    So it is without the compiled part; for what packs cannot be read here; with an engine that tells of one
    sign in a line only, for where a line was changed, it may have to tell of another one; and where a rule of
    somebody's own has signs without end.
    """
    ruleset = detectors.ruleset
    if not ruleset.prefilter.exhaustive or ruleset.anchors.widest > _WIDEST:
        return None
    sources = open_sources(repository)
    return PackedHistory(sources=sources, limit=limit) if sources else None


def _is_text(kind: str, content: bytes) -> bool:
    return kind != "tree" and content.find(b"\0", 0, BINARY_HEAD) < 0 and not is_followed_script(content)


def _is_media(kind: str, head: bytes) -> bool:
    return kind == "blob" and is_media(head)


def _is_none(_kind: str, _content: bytes) -> bool:
    return False
