"""The plan of a purge: a pure value, made by reading only. It can be printed and compared.

The repository is read once, in the survey. Where values then turn out to be ordinary words, the plan
goes on without them, or with them confined to some blobs, from what the survey has found.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from secopskit.git.history.reach import ReachedObjects
from secopskit.git.repository import Repository
from secopskit.progress import NO_PROGRESS, Progress, ProgressStage, still_at_work
from secopskit.purge.find.content.large_files import pointers, with_pointers
from secopskit.purge.find.drops import removed_blobs
from secopskit.purge.find.extent import find_extent
from secopskit.purge.find.lacking import HistoryWalk, marks_in
from secopskit.purge.find.narrow import narrowed
from secopskit.purge.find.outside import search_outside
from secopskit.purge.find.paths import DropSet
from secopskit.purge.find.survey import survey
from secopskit.purge.model import ArchiveFate, Drop, Extent, Leftover, PurgeTarget, StagedFile, Survey
from secopskit.purge.values.matcher import ValueMatcher


@dataclass(frozen=True, slots=True, kw_only=True)
class PurgePlan:
    """A plan: what is to go, where it stands and what has to change for it.

    `outside` are the places that are not objects: the index, reflogs, configuration and so on.
    `archive_paths` are the archives with a value in them by their ids, and `archives` what becomes of
    them: undecided, the plan cannot be applied. `large_files` are the Git LFS pointers that go, by blob id,
    with the stored objects that go with them. `phases` are the seconds that making the plan took.
    `unstage` are staged files to be taken out of the index.
    """

    targets: tuple[PurgeTarget, ...]
    drops: tuple[Drop, ...]
    survey: Survey
    extent: Extent
    outside: tuple[Leftover, ...]
    archives: ArchiveFate | None = None
    archive_paths: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    large_files: Mapping[str, str] = field(default_factory=dict)
    phases: Mapping[str, float] = field(default_factory=dict, compare=False)
    unstage: tuple[StagedFile, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether there is nothing to do."""
        found = self.survey.dirty or self.archive_paths
        return not (found or self.extent.commits or self.extent.refs or self.outside)

    @property
    def unrotated(self) -> tuple[PurgeTarget, ...]:
        """The values that nobody has said to be rotated."""
        return tuple(target for target in self.targets if not target.rotated)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanDraft:
    """A plan before the places that are not objects were searched: its targets may still become fewer."""

    targets: tuple[PurgeTarget, ...]
    drops: tuple[Drop, ...]
    survey: Survey
    extent: Extent
    archives: ArchiveFate | None = None
    archive_paths: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    phases: Mapping[str, float] = field(default_factory=dict, compare=False)

    def files_with(self, number: int) -> int:
        """The number of paths under which a target ever stood in a file."""
        dirty = (oid for oid, numbers in self.survey.blobs.items() if number in numbers)
        return len({path for oid in dirty for path in self.extent.paths.get(oid, ())})


def make_plan(
    repository: Repository,
    targets: tuple[PurgeTarget, ...],
    drops: tuple[Drop, ...] = (),
    *,
    archives: ArchiveFate | None = None,
    keep_ids: bool = False,
    jobs: int = 0,
    progress: Progress = NO_PROGRESS,
) -> PurgePlan:
    """The plan for these targets and drops. Reads the whole repository. Raises GitError.

    `jobs` is a number of processes, 0 for one a core.
    """
    made = draft(repository, targets, drops, keep_ids=keep_ids, jobs=jobs, progress=progress)
    return completed(repository, with_archives(repository, made, archives), progress=progress)


def draft(
    repository: Repository,
    targets: tuple[PurgeTarget, ...],
    drops: tuple[Drop, ...],
    *,
    keep_ids: bool = False,
    jobs: int = 0,
    progress: Progress = NO_PROGRESS,
) -> PlanDraft:
    """The draft of a plan: all objects are read, once. Raises GitError. For the arguments see `make_plan`."""
    matcher, clock = ValueMatcher(targets), time.perf_counter()
    progress.stage(ProgressStage.LISTING_OBJECTS)
    found = with_pointers(repository, survey(repository, matcher, jobs=jobs, progress=progress), matcher)
    still_at_work()
    progress.stage(ProgressStage.FINDING_EXTENT)
    phases = {"survey": time.perf_counter() - clock}
    marks = marks_in(repository)
    with HistoryWalk(repository, marks=marks) as walk:  # it takes its time
        below = walk.reach if marks else None
        made = _with_extent(repository, targets, drops, found, phases, keep_ids=keep_ids, below=below)
        missing = tuple(sorted({*found.missing, *walk.lacking()}))
        reach = walk.reach()
    phases["extent"] = time.perf_counter() - clock - phases["survey"]
    return replace(made, survey=replace(found, missing=missing, reach=reach), phases=phases)


def with_fewer_targets(
    repository: Repository, before: PlanDraft, targets: tuple[PurgeTarget, ...]
) -> PlanDraft:
    """The draft for `targets`, which are among those of `before`, some confined to blobs since.

    What they stand in is known; only the graph of the commits is asked again. Raises GitError.
    """
    found = narrowed(before.survey, before.targets, targets)
    kept = before.extent.keep_ids
    return _with_extent(repository, targets, before.drops, found, before.phases, keep_ids=kept)


def with_archives(repository: Repository, before: PlanDraft, fate: ArchiveFate | None) -> PlanDraft:
    """The draft with a decision about archives; those that are kept change nothing. Raises GitError."""
    if fate is not ArchiveFate.KEEP or not before.archive_paths:
        return replace(before, archives=fate)
    blobs = {oid: found for oid, found in before.survey.blobs.items() if oid not in before.archive_paths}
    left = replace(before.survey, blobs=blobs)
    made = _with_extent(
        repository,
        before.targets,
        before.drops,
        left,
        before.phases,
        keep_ids=before.extent.keep_ids,
    )
    return replace(made, archives=fate, archive_paths=before.archive_paths)


def completed(repository: Repository, made: PlanDraft, *, progress: Progress = NO_PROGRESS) -> PurgePlan:
    """The plan: the draft, with the places searched that are not objects. Raises GitError."""
    progress.stage(ProgressStage.LOOKING_OUTSIDE)
    clock = time.perf_counter()
    outside = search_outside(repository, ValueMatcher(made.targets))
    return PurgePlan(
        targets=made.targets,
        drops=made.drops,
        survey=made.survey,
        extent=made.extent,
        outside=outside,
        archives=made.archives,
        archive_paths=made.archive_paths,
        large_files=_large_files(repository, made),
        phases=_longer(made.phases, "extent", time.perf_counter() - clock),
    )


def _with_extent(
    repository: Repository,
    targets: tuple[PurgeTarget, ...],
    drops: tuple[Drop, ...],
    found: Survey,
    phases: Mapping[str, float],
    *,
    keep_ids: bool,
    below: Callable[[], ReachedObjects | None] | None = None,
) -> PlanDraft:
    clock, known = time.perf_counter(), found.reach
    matcher, below = ValueMatcher(targets), below or (known and (lambda: known))
    extent = find_extent(repository, found, drops, matcher, keep_ids=keep_ids, below=below)
    return PlanDraft(
        targets=targets,
        drops=drops,
        survey=found,
        extent=extent,
        archive_paths=_archive_paths(found, extent, drops),
        phases=_longer(phases, "extent", time.perf_counter() - clock),
    )


def _large_files(repository: Repository, made: PlanDraft) -> dict[str, str]:
    decided = made.archives not in (None, ArchiveFate.KEEP)
    going = {*removed_blobs(repository, made.drops), *(made.archive_paths if decided else ())}
    return pointers(repository, going)


def _archive_paths(found: Survey, extent: Extent, drops: tuple[Drop, ...]) -> dict[str, tuple[str, ...]]:
    """The archives that commits or refs lead to, with their paths, apart from those that go in any case."""
    paths, going = dict[str, tuple[str, ...]](), DropSet(drops)
    for oid in found.archives:
        places = extent.paths.get(oid)
        left = tuple(path for path in places or () if not going.takes(path, oid))
        if places is not None and (left or not places):
            paths[oid] = left
    return paths


def _longer(phases: Mapping[str, float], phase: str, seconds: float) -> dict[str, float]:
    return {**phases, phase: phases.get(phase, 0.0) + seconds}
