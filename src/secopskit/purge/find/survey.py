"""The survey: every object of the database is read once, and searched for all targets.

Every object: also those that nothing refers to any more, in whatever pack, kept or borrowed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Final

from secopskit.formats.archives.parts import UnopenedMember
from secopskit.git.objects.objectset import ObjectSet
from secopskit.git.objects.slices import Listing, slices, width_of
from secopskit.git.repository import Repository
from secopskit.git.workers import WorkerPool
from secopskit.progress import NO_PROGRESS, Progress, ProgressStage
from secopskit.purge.find.content.archived import ArchiveLook, search_large
from secopskit.purge.find.content.inspector import InspectionResult, Inspector, inspector_maker
from secopskit.purge.find.content.packed import PackedObjects, open_packed
from secopskit.purge.model import ArchivedHit, BinaryFormat, Survey
from secopskit.purge.values.matcher import ValueMatcher

_BOUND_SLICE: Final = 200


def survey(
    repository: Repository,
    matcher: ValueMatcher,
    *,
    jobs: int = 0,
    progress: Progress = NO_PROGRESS,
    oids: ObjectSet | None = None,
    from_packs: bool = True,
) -> Survey:
    """Look for the values in `oids`, or in every object there is.

    Not `from_packs` if git is to read all, as it does quicker where they are few among many. `jobs` 0 means
    all cores; `progress` is told bytes: of packs, those that are inflated. An object that git cannot read is
    in the survey's `missing`. Raises GitError, SecopsError.
    """
    only = None if oids is None else oids.raw
    packed = open_packed(repository, matcher, only) if from_packs else None
    pool = WorkerPool(
        partial(Inspector, repository, matcher, packed),
        lambda: inspector_maker(repository, matcher, packed=packed is not None, only=only),
        jobs=jobs,
    )
    try:
        return _SurveyRun(repository, matcher, pool, progress).run(oids, packed)
    finally:
        pool.close()


def clean_objects(found: Survey) -> ObjectSet:
    """The objects that a survey has read and in which nothing stands, as far as they could be opened."""
    doubtful = {*found.dirty, *found.archives, *found.unopened}
    return ObjectSet(found.seen, found.width).without(ObjectSet.of(doubtful, found.width))


class _SurveyRun:
    def __init__(
        self,
        repository: Repository,
        matcher: ValueMatcher,
        pool: WorkerPool[Inspector],
        progress: Progress,
    ) -> None:
        self._repository = repository
        self._matcher = matcher
        self._pool = pool
        self._progress = progress
        self._listing = Listing()
        self._found: dict[str, dict[str, tuple[int, ...]]] = {
            kind: {} for kind in ("blob", "tree", "commit", "tag")
        }
        self._archives: dict[str, tuple[ArchivedHit, ...]] = {}
        self._unopened: dict[str, tuple[UnopenedMember, ...]] = {}
        self._id_words: dict[str, tuple[str, ...]] = {}
        self._signed: list[str] = []
        self._formats: dict[str, BinaryFormat | None] = {}
        self._bytes = 0
        self._doubtful: list[str] = []

    def run(self, oids: ObjectSet | None, packed: PackedObjects | None) -> Survey:
        listing, width = self._listing, width_of(self._repository)
        left = self._read_packed(packed, oids) if packed else oids
        if left != []:
            self._progress.stage(ProgressStage.LOOKING_FOR_VALUES)
            self._take(self._pool.map(Inspector.inspect, slices(self._repository, listing, oids=left)))
        self._take(self._pool.map(Inspector.inspect, self._large()))
        seen = ObjectSet.joined(listing.seen, width).without(ObjectSet.of(listing.missing, width))
        if bound := sorted(oid for oid in self._matcher.bound_blobs if oid in seen):
            self._take(self._pool.map(Inspector.inspect_bound, _parts(bound)))
        return Survey(
            blobs=self._found["blob"],
            trees=self._found["tree"],
            commits=self._found["commit"],
            tags=self._found["tag"],
            seen=seen.raw,
            width=width,
            bytes_read=self._bytes,
            missing=tuple(sorted(set(listing.missing))),
            archives=dict(sorted(self._archives.items())),
            unopened=dict(sorted(self._unopened.items())),
            id_words=self._id_words,
            signed=frozenset(self._signed),
            formats=self._formats,
        )

    def _read_packed(self, packed: PackedObjects, oids: ObjectSet | None) -> list[str]:
        """Look into all objects, or into `oids`; those that git has to read are left."""
        here = list(packed.sources.ids())
        self._listing.seen += here
        self._doubtful = [doubt.oid for doubt in packed.sources.doubtful()]
        portions = packed.portions(self._pool.jobs)
        weight = sum(one.weight for task in portions for one in task)
        self._progress.stage(ProgressStage.LOOKING_FOR_VALUES, weight)
        self._take(self._pool.map(Inspector.inspect_portions, portions))
        elsewhere = oids.without(ObjectSet.joined(here, oids.width)) if oids else ()
        return [*self._doubtful, *elsewhere]

    def _take(self, results: Iterable[InspectionResult]) -> None:
        for result in results:
            for oid, kind, numbers in result.found:
                self._add(oid, kind, numbers)
            for look in result.archives:
                self._add_archive(look)
            self._id_words |= result.id_words
            self._signed += result.signed
            self._formats |= result.formats
            self._listing.missing += result.missing
            self._listing.large += result.large
            self._doubtful += result.doubtful
            self._bytes += result.bytes_read
            self._progress.advance(result.weight)

    def _add(self, oid: str, kind: str, numbers: tuple[int, ...]) -> None:
        known = self._found[kind].get(oid, ())
        self._found[kind][oid] = tuple(sorted({*known, *numbers}))

    def _add_archive(self, look: ArchiveLook) -> None:
        if look.hits:
            self._archives[look.oid] = look.hits
            self._add(look.oid, "blob", look.numbers)
        if look.unopened:
            self._unopened[look.oid] = look.unopened

    def _large(self) -> Iterator[bytes]:
        """Stream the large blobs here; objects of other kinds that are so large are read whole."""
        for oid in self._listing.large:
            if self._repository.run("cat-file", "-t", oid).strip() != b"blob":
                yield f"{oid}\n".encode()
                continue
            with self._repository.stream("cat-file", "blob", oid) as content:
                numbers, look = search_large(self._matcher, self._counted(content.read), oid)
                if numbers:
                    self._add(oid, "blob", numbers)
                if look:
                    self._add_archive(look)

    def _counted(self, read: Callable[[int], bytes]) -> Callable[[int], bytes]:
        def counting(size: int) -> bytes:
            data = read(size)
            self._bytes += len(data)
            self._progress.advance(len(data))
            return data

        return counting


def _parts(oids: list[str]) -> Iterator[bytes]:
    for start in range(0, len(oids), _BOUND_SLICE):
        yield "".join(f"{oid}\n" for oid in oids[start : start + _BOUND_SLICE]).encode()
