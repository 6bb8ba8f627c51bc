"""The plan of a purge: a pure value, made by reading only. It can be printed and compared."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from secopskit.git.repository import Repository
from secopskit.purge.find.extent import find_extent
from secopskit.purge.find.outside import search_places
from secopskit.purge.find.survey import survey
from secopskit.purge.model import Drop, Extent, Leftover, PurgeTarget, Survey
from secopskit.purge.values.matcher import ValueMatcher


@dataclass(frozen=True, slots=True, kw_only=True)
class PurgePlan:
    """What is to go, where it stands and what has to change for it.

    `outside` are the places that are not objects: the index, reflogs, configuration and so on.
    `phases` are the seconds that making the plan took.
    """

    targets: tuple[PurgeTarget, ...]
    drops: tuple[Drop, ...]
    survey: Survey
    extent: Extent
    outside: tuple[Leftover, ...]
    phases: Mapping[str, float] = field(default_factory=dict, compare=False)

    @property
    def empty(self) -> bool:
        """Whether there is nothing to do."""
        return not (self.survey.dirty or self.extent.commits or self.extent.refs or self.outside)

    @property
    def unrotated(self) -> tuple[PurgeTarget, ...]:
        """The values that nobody has said to be rotated."""
        return tuple(target for target in self.targets if not target.rotated)


def make_plan(
    repository: Repository,
    targets: tuple[PurgeTarget, ...],
    drops: tuple[Drop, ...] = (),
    *,
    jobs: int = 0,
    progress: Callable[[int], None] | None = None,
) -> PurgePlan:
    """Read the whole repository and find out what a purge would change. Raises GitError.

    `progress` is told bytes read. `jobs` is a number of processes, 0 for one a core.
    """
    matcher = ValueMatcher(targets)
    clock = [time.perf_counter()]
    found = survey(repository, matcher, jobs=jobs, progress=progress)
    clock.append(time.perf_counter())
    extent = find_extent(repository, found, drops, matcher)
    outside = search_places(repository, matcher)
    clock.append(time.perf_counter())
    return PurgePlan(
        targets=targets,
        drops=drops,
        survey=found,
        extent=extent,
        outside=outside,
        phases={"survey": clock[1] - clock[0], "extent": clock[2] - clock[1]},
    )
