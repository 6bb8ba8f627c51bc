"""Where a scan of a history begins: what an earlier one knows of it, and what it leaves to the next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from secopskit.findings import SkipReason
from secopskit.git.repository import Repository
from secopskit.scan.history.again import Present
from secopskit.scan.history.attribution.attribute import Attribution
from secopskit.scan.history.cache import HistoryCache
from secopskit.scan.history.memory.cached_scan import CachedScan
from secopskit.scan.history.memory.commits import tips_of
from secopskit.scan.history.memory.places import places_of
from secopskit.scan.history.memory.unseen import every_object, has_lost, unseen_objects
from secopskit.scan.history.objects.objectfiles import ObjectFiles
from secopskit.scan.history.objects.selection import Selection, range_objects
from secopskit.scan.history.reading.named import NamedScan
from secopskit.scan.history.reading.read import Harvest


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryStart:
    """Where a scan begins: what an earlier one knows, and what is `new` since (None: every object).

    `files` and the digests `refs` and `state` are those that the next scan compares with; none of these two
    without a `cache`.
    """

    cache: HistoryCache | None
    known: CachedScan
    files: ObjectFiles
    refs: str
    new: list[bytes] | None
    state: str
    tips: tuple[str, ...]

    @property
    def unchanged(self) -> bool:
        """Whether neither an object nor a ref is new, and no name has to be found again."""
        return self.new == [] and self.refs == self.known.refs and not self.known.names

    @property
    def goes_on(self) -> bool:
        """Whether only commits that are new have to be told of."""
        return self.new is not None and self.known.goes_on(self.files)


def begin(repository: Repository, selection: Selection, now: Present) -> HistoryStart:
    """The beginning of a scan of what is there now. Raises GitError."""
    known, tips = CachedScan(), tuple[str, ...]()
    if now.cache:
        known = now.cache.load() or known
        known = CachedScan() if has_lost(repository, now.files, known) else known
        tips = tips_of(repository, selection.revisions)
    if not selection.everything:
        new: list[bytes] | None = list(range_objects(repository, selection.revisions))
    else:
        everything = every_object(repository, now.files)
        new = unseen_objects(repository, now.files, known) if known.refs else everything
    return HistoryStart(
        cache=now.cache, known=known, files=now.files, refs=now.refs, new=new, state=now.state, tips=tips
    )


def memory_of(
    start: HistoryStart,
    harvest: Harvest,
    attribution: Attribution,
    named: NamedScan,
    skipped: Mapping[str, SkipReason],
) -> CachedScan:
    """What this scan leaves to the next one."""
    told = named.occurrences.keys() | skipped.keys()
    return CachedScan(
        packs=tuple(start.files.packs),
        loose=tuple(sorted(start.files.loose)),
        blobs=harvest.blobs,
        bytes=harvest.bytes,
        dirty=tuple(sorted(harvest.occurrences)),
        named=tuple(sorted(harvest.named.items())),
        skipped=tuple(skipped.items()),
        unopened=harvest.unopened,
        looked=tuple(dict.fromkeys((*named.pairs, *start.known.looked))) if start.goes_on else named.pairs,
        dirty_pairs=named.dirty_pairs,
        refs=start.refs,
        events=attribution.kept(told),
        places=places_of(harvest.occurrences),
        named_places=places_of(named.found),
        tips=start.tips,
        unnamed=tuple(sorted(attribution.unnamed)),
    )
