"""Pipelines of GitLab: jobs, their variables and scripts, and the containers beside them.

Which names a script takes from the project's variables cannot be told from its own: `JobFacts.variables` has
only those that values of the pipeline refer to and the pipeline does not set.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import Final

from secopskit.collect.facts import (
    Fact,
    FactPlace,
    JobCommand,
    JobFacts,
    Service,
    SettingKind,
    Stack,
    StackKind,
    VariableSetting,
)
from secopskit.collect.image import image_name
from secopskit.collect.interface import Collector
from secopskit.collect.place import FilePlaces
from secopskit.collect.value import ConfigValue
from secopskit.collect.workflows.bounded import facts_of_jobs
from secopskit.findings import Blob, Skipped, SkipReason
from secopskit.formats.references import references
from secopskit.formats.trees.environment import text_of
from secopskit.formats.trees.yaml_tree import documents
from secopskit.formats.workflows.gitlab_jobs import (
    GitlabJob,
    GitlabPair,
    GitlabPipeline,
    GitlabService,
    pipeline,
)
from secopskit.lazy_regex import LazyRegex

_NAMED: Final = LazyRegex(
    r"(?:^|/)\.gitlab-ci(?:[.-][^/]{1,100})?\.ya?ml$|(?:^|/)\.gitlab/ci/[^/]{1,100}\.ya?ml$"
)
_PREDEFINED: Final = ("CI", "GITLAB_", "FF_", "RUNNER_")


def _wants(path: str) -> bool:
    return _NAMED.search(path) is not None


def _collect(blob: Blob) -> Iterator[Fact]:
    found = pipeline(blob.data)
    if found is None:
        if documents(blob.data, expand=True) is None:
            yield Skipped(blob.path, SkipReason.TOO_COMPLEX, "no YAML that can be read")
        return
    reader = _PipelineReader(blob, found)
    if found.cut:
        yield Skipped(blob.path, SkipReason.TOO_COMPLEX, "some of its scripts")
    yield from reader.settings(found.variables, "")
    yield from facts_of_jobs(blob.path, found.jobs, reader)


class _PipelineReader:
    """Makes facts of the jobs of one file."""

    def __init__(self, blob: Blob, source: GitlabPipeline) -> None:
        self._path = blob.path
        self._places = FilePlaces(blob.path, blob.data)
        self._everywhere = source.variables
        self._taken_in = self._references(source.variables)

    def cost(self, job: GitlabJob) -> int:
        """How much its facts are."""
        given = len(self._everywhere) + len(job.variables)
        services = sum(given + len(service.variables) for service in job.services)
        return given + len(job.script) + len(self._taken_in) + services

    def job(self, job: GitlabJob) -> JobFacts:
        """The facts of a job."""
        name = text_of(job.key)
        return JobFacts(
            system="gitlab",
            name=name,
            place=self._places.at(job.key.start),
            environment=job.environment,
            variables=self._looked_up(job),
            settings=tuple(self.settings(job.variables, name)),
            commands=tuple(JobCommand(text_of(line), self._places.at(line.start)) for line in job.script),
        )

    def settings(self, pairs: tuple[GitlabPair, ...], scope: str) -> Iterator[VariableSetting]:
        """What a `variables` block gives."""
        for key, value in pairs:
            given = ConfigValue(value.value)
            yield VariableSetting(
                text_of(key), given, self._places.at(key.start), SettingKind.WORKFLOW, scope
            )

    def _looked_up(self, job: GitlabJob) -> tuple[tuple[str, FactPlace], ...]:
        own = {text_of(key) for key, _ in (*self._everywhere, *job.variables)}
        found = self._taken_in | self._references(job.variables)
        return tuple(sorted(each for each in found if each[0] not in own))

    def _references(self, pairs: tuple[GitlabPair, ...]) -> set[tuple[str, FactPlace]]:
        return {
            (reference.name, self._places.at(value.start))
            for _, value in pairs
            for reference in references(value.value)
            if not reference.name.startswith(_PREDEFINED)
        }

    def stack(self, job: GitlabJob) -> Stack:
        """The containers beside a job, which are there as long as it runs."""
        return Stack(
            name=text_of(job.key),
            kind=StackKind.WORKFLOW,
            files=(self._path,),
            services=tuple(self._service(each, job) for each in job.services),
            directory=posixpath.dirname(self._path),
            development=True,
        )

    def _service(self, service: GitlabService, job: GitlabJob) -> Service:
        """A container; it is given the variables of all jobs, those of its job, and its own."""
        name = service.names[0]
        given = {
            setting.name: setting
            for pairs in (self._everywhere, job.variables, service.variables)
            for setting in self.settings(pairs, name)
        }
        return Service(
            name=name,
            place=self._places.at(service.place.start),
            image=image_name(service.image),
            environment=tuple(given.values()),
            names=service.names,
        )


COLLECTOR: Final = Collector("gitlab", _wants, _collect)
