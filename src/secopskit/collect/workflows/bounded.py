"""The facts of a pipeline's jobs, up to a bound: what all jobs share counts for each of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, Protocol, TypeVar

from secopskit.collect.facts import Fact, JobFacts, Stack
from secopskit.findings import Skipped, SkipReason
from secopskit.formats.trees.environment import text_of
from secopskit.formats.trees.yaml_tree import Scalar

_MOST: Final = 100_000
"""Look-ups, steps, lines and settings of all jobs of a file."""


class PipelineJob(Protocol):
    """A job as its format has it."""

    @property
    def key(self) -> Scalar | None:
        """Its name, None for a job without one."""

    @property
    def services(self) -> Sequence[object]:
        """The containers beside it."""


_Job_contra = TypeVar("_Job_contra", bound=PipelineJob, contravariant=True)


class JobReader(Protocol[_Job_contra]):
    """Makes facts of the jobs of one file."""

    def cost(self, job: _Job_contra) -> int:
        """How much its facts are."""

    def job(self, job: _Job_contra) -> JobFacts:
        """The facts of a job."""

    def stack(self, job: _Job_contra) -> Stack:
        """The containers beside a job, which are there as long as it runs."""


def facts_of_jobs(path: str, jobs: Iterable[_Job_contra], reader: JobReader[_Job_contra]) -> Iterator[Fact]:
    """The facts of each job in turn; where the bound is reached, which job is the first that is left out."""
    left = _MOST
    for job in jobs:
        left -= reader.cost(job)
        if left < 0:
            name = text_of(job.key) if job.key else ""
            yield Skipped(path, SkipReason.TOO_COMPLEX, f"from its job {name} on")
            return
        facts = reader.job(job)
        yield facts
        yield from facts.settings
        if job.services:
            yield reader.stack(job)
