"""Workflows and composite actions of GitHub (Gitea, Forgejo): jobs, and the containers beside them.

A job looks up in the host's store what stands in it and in the `env` of all jobs. What a `run` script looks
up by itself is not told: names of a script are mostly its own.
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
from secopskit.collect.stacks.short_forms import bounded, published_port, short_mount
from secopskit.collect.value import ConfigValue
from secopskit.collect.workflows.bounded import facts_of_jobs
from secopskit.findings import Blob, Skipped, SkipReason
from secopskit.formats.trees.environment import text_of
from secopskit.formats.trees.yaml_tree import documents
from secopskit.formats.workflows import workflow_uses
from secopskit.formats.workflows.context_uses import ContextUse
from secopskit.formats.workflows.workflow_steps import (
    WorkflowContainer,
    WorkflowJobSteps,
    WorkflowPair,
    WorkflowSteps,
    workflow_steps,
)
from secopskit.formats.workflows.workflow_uses import WorkflowJob, WorkflowSource
from secopskit.lazy_regex import LazyRegex

_WORKFLOW: Final = LazyRegex(r"(?:^|/)\.(?:github|gitea|forgejo)/workflows/[^/]{1,200}\.ya?ml$")
_ACTION: Final = LazyRegex(r"(?:^|/)action\.ya?ml$")


def _wants(path: str) -> bool:
    return _WORKFLOW.search(path) is not None or _ACTION.search(path) is not None


def _collect(blob: Blob) -> Iterator[Fact]:
    read = workflow_uses.workflow if _WORKFLOW.search(blob.path) else workflow_uses.action
    source, steps = read(blob.data), workflow_steps(blob.data)
    if source is None or steps is None:
        if documents(blob.data, expand=True) is None:
            yield Skipped(blob.path, SkipReason.TOO_COMPLEX, "no YAML that can be read")
        return
    reader = _WorkflowReader(blob, source, steps)
    yield from reader.settings(steps.env, "")
    yield from facts_of_jobs(blob.path, steps.jobs, reader)


class _WorkflowReader:
    """Puts the looked-up names and the steps of a workflow's jobs together."""

    def __init__(self, blob: Blob, source: WorkflowSource, steps: WorkflowSteps) -> None:
        self._path = blob.path
        self._places = FilePlaces(blob.path, blob.data)
        self._everywhere = source.uses
        self._jobs: dict[str, WorkflowJob] = {job.id: job for job in source.jobs}

    def cost(self, job: WorkflowJobSteps) -> int:
        """How much its facts are."""
        source = self._jobs.get(text_of(job.key) if job.key else "")
        given = sum(1 + len(step.env) for step in job.steps) + sum(1 + len(one.env) for one in job.services)
        return 1 + len(self._everywhere) + (len(source.uses) if source else 0) + len(job.env) + given

    def job(self, job: WorkflowJobSteps) -> JobFacts:
        """The facts of a job; a composite action is one without a name."""
        name = text_of(job.key) if job.key else ""
        source = self._jobs.get(name)
        uses = (*self._everywhere, *(source.uses if source else ()))
        given = list(self.settings(job.env, name))
        for step in job.steps:
            given += self.settings(step.env, f"{name}/{step.name}")
        runs = [step.run for step in job.steps if step.run]
        targets = [step.uses for step in job.steps if step.uses] + ([job.uses] if job.uses else [])
        return JobFacts(
            system="github",
            name=name,
            place=self._places.at(job.key.start) if job.key else FactPlace(self._path, 1),
            environment=source.environment.text if source and source.environment else "",
            secrets=self._names(uses, variables=False),
            variables=self._names(uses, variables=True),
            settings=tuple(given),
            commands=tuple(JobCommand(text_of(run), self._places.at(run.start)) for run in runs),
            actions=tuple((text_of(target), self._places.at(target.start)) for target in targets),
        )

    def settings(self, env: tuple[WorkflowPair, ...], scope: str) -> Iterator[VariableSetting]:
        """What an `env` gives."""
        for key, value in env:
            given = ConfigValue(value.value)
            yield VariableSetting(
                text_of(key), given, self._places.at(key.start), SettingKind.WORKFLOW, scope
            )

    def _names(self, uses: tuple[ContextUse, ...], *, variables: bool) -> tuple[tuple[str, FactPlace], ...]:
        found = {
            (use.name, FactPlace(self._path, use.line))
            for use in uses
            if use.name and use.variable == variables
        }
        return tuple(sorted(found))

    # --- containers ---------------------------------------------------------------------------

    def stack(self, job: WorkflowJobSteps) -> Stack:
        """The containers beside a job, which are there as long as it runs."""
        name = text_of(job.key) if job.key else ""
        return Stack(
            name=name,
            kind=StackKind.WORKFLOW,
            files=(self._path,),
            services=tuple(self._service(each) for each in job.services),
            directory=posixpath.dirname(self._path),
            development=True,
        )

    def _service(self, container: WorkflowContainer) -> Service:
        name = text_of(container.name)
        ports = [published_port(text_of(port), self._places.at(port.start)) for port in container.ports]
        mounts = [short_mount(text_of(volume), self._places.at(volume.start)) for volume in container.volumes]
        written = text_of(container.image).replace("${{", "${") if container.image else ""
        return Service(
            name=name,
            place=self._places.at(container.name.start),
            image=image_name(written) if written else None,
            environment=tuple(self.settings(container.env, name)),
            ports=tuple(bounded(ports)),
            volumes=tuple(mounts),
            names=(name,),
            health_check=True if "--health-cmd" in container.options else None,
        )


COLLECTOR: Final = Collector("workflow", _wants, _collect)
