"""Reach: what the code of a service reads, and what the service is given.

Services of Compose that are built here. What an image that is not built here reads is unknown.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import Enum
from itertools import islice
from typing import Final

from secopskit.collect.assemble.sources import NameSources, name_sources
from secopskit.collect.assemble.templates import template_of
from secopskit.collect.facts import (
    DockerfileFacts,
    DynamicLookup,
    FactPlace,
    FileRole,
    Manifest,
    MentionedNames,
    ProjectFacts,
    Service,
    ServiceBuild,
    SettingKind,
    Stack,
    StackKind,
    UseKind,
    VariableUse,
)
from secopskit.collect.value import ConfigValue
from secopskit.named_tuple import NamedTuple

MOST_BUILT: Final = 1000
"""Services that are looked at; a project has some dozens of its own."""
_FOREIGN: Final = frozenset({FileRole.TEST, FileRole.DOCUMENT, FileRole.VENDORED})
_DECLARING: Final = frozenset(
    {
        SettingKind.COMPOSE,
        SettingKind.DOTENV,
        SettingKind.TEMPLATE,
        SettingKind.WORKFLOW,
        SettingKind.KUBERNETES,
        SettingKind.TERRAFORM,
        SettingKind.PLATFORM,
    }
)
_NOT_READ: Final = frozenset({UseKind.COMPOSE, UseKind.WORKFLOW, UseKind.TERRAFORM})


class GivenBy(Enum):
    """What gives a service a variable."""

    ENVIRONMENT = "environment"
    ENV_FILE = "env_file"
    TEMPLATE = "template of an env_file"
    DOCKERFILE = "Dockerfile ENV"
    BUILD = "build argument"


class GivenVariable(NamedTuple):
    """A variable that a service is given. `value` is None where it is only passed through.

    `optional` tells that it is commented out in the template.
    """

    name: str
    value: ConfigValue | None
    place: FactPlace
    by: GivenBy
    optional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceReach:
    """A service that is built here.

    `context` is the directory that it is built from, `component` the one that is its own code, empty for the
    top. `uses` and `dynamic` are the lookups of all files that can be in its image, `own` those of its
    component. `mentioned` are names that stand anywhere in those files. `known` tells that all that it is
    given is known here: no env_file is missing without a template.
    """

    stack: Stack
    service: Service
    build: ServiceBuild
    context: str
    component: str
    dockerfile: DockerfileFacts | None
    paths: frozenset[str]
    uses: tuple[VariableUse, ...]
    own: tuple[VariableUse, ...]
    dynamic: tuple[DynamicLookup, ...]
    given: tuple[GivenVariable, ...]
    mentioned: frozenset[str]
    dependencies: frozenset[str]
    ecosystems: frozenset[str]
    known: bool

    @property
    def reads(self) -> frozenset[str]:
        """The names that some file of its image looks up."""
        return frozenset(use.name for use in self.uses)

    @property
    def gets(self) -> frozenset[str]:
        """The names that it is given, or can be by its template."""
        return frozenset(given.name for given in self.given)


def reaches(project: ProjectFacts, sources: NameSources | None = None) -> tuple[ServiceReach, ...]:
    """The services of Compose that are built here, with what they read and get, stack by stack."""
    told = sources or name_sources(project)
    seen = replace(project, uses=tuple(filter(_is_read, project.uses)), mentions=_telling(project))
    contexts = frozenset(
        _plain(service.build.context)
        for stack in project.stacks
        for service in stack.services
        if service.build and service.build.context is not None
    )
    return tuple(
        _reach(seen, told, (stack, service, build), _plain(context), contexts)
        for stack, service, build, context in islice(_built(project.stacks), MOST_BUILT)
    )


def unreached(project: ProjectFacts) -> int:
    """The number of services that `reaches` has no room for."""
    return max(sum(1 for _ in _built(project.stacks)) - MOST_BUILT, 0)


def _built(stacks: Iterable[Stack]) -> Iterator[tuple[Stack, Service, ServiceBuild, str]]:
    for stack in stacks:
        for service in stack.services if stack.kind is StackKind.COMPOSE else ():
            if (build := service.build) is not None and build.context is not None:
                yield stack, service, build, build.context


def within(path: str, directory: str) -> bool:
    """Whether `path` is `directory` or below it; the top is empty."""
    return not directory or path == directory or path.startswith(directory + "/")


def _reach(
    project: ProjectFacts,
    told: NameSources,
    built: tuple[Stack, Service, ServiceBuild],
    context: str,
    contexts: Iterable[str],
) -> ServiceReach:
    stack, service, build = built
    dockerfile = next((each for each in project.dockerfiles if each.path == build.dockerfile), None)
    others = tuple(other for other in contexts if other != context and within(other, context))
    paths = _paths(project, service, context, dockerfile, others)
    component = _component(project.manifests, context, build.dockerfile)
    uses = tuple(use for use in project.uses if use.place.path in paths)
    manifests = [each for each in project.manifests if each.path in paths]
    given = tuple(_given(project, told, service, dockerfile))
    return ServiceReach(
        stack=stack,
        service=service,
        build=build,
        context=context,
        component=component,
        dockerfile=dockerfile,
        paths=paths,
        uses=uses,
        own=tuple(use for use in uses if _nearest(project.manifests, use.place.path, context) == component),
        dynamic=tuple(
            each for each in project.dynamic if each.place.path in paths and each.role not in _FOREIGN
        ),
        given=given,
        mentioned=frozenset[str]().union(*(each.names for each in project.mentions if each.path in paths)),
        dependencies=frozenset[str]().union(*(each.dependencies for each in manifests)),
        ecosystems=frozenset(each.ecosystem for each in manifests),
        known=all(_is_known(project, told, each.path) for each in service.env_files),
    )


def _telling(project: ProjectFacts) -> tuple[MentionedNames, ...]:
    """The mentions in all files but prose, those that set variables, and the pipelines."""
    setting = {each.place.path for each in project.settings if each.kind in _DECLARING}
    return tuple(
        each
        for each in project.mentions
        if not (each.prose or each.path in setting or each.path.startswith(".git"))
    )


def _plain(path: str) -> str:
    plain = posixpath.normpath(path) if path else ""
    return "" if plain == "." else plain


def _paths(
    project: ProjectFacts,
    service: Service,
    context: str,
    dockerfile: DockerfileFacts | None,
    others: tuple[str, ...],
) -> frozenset[str]:
    """The files that can be in the image or are mounted into it."""
    copies = [_plain(posixpath.join(context, copy)) for copy in (dockerfile.copies if dockerfile else ())]
    tops = [context] if not copies or context in copies or any("*" in copy for copy in copies) else copies
    tops += [_plain(volume.source) for volume in service.volumes if volume.source.startswith(".")]
    if dockerfile is not None:
        tops.append(dockerfile.path)
    nested = [other for other in others if not any(within(top, other) for top in tops)]
    return frozenset(
        path
        for path in project.paths
        if any(within(path, top) for top in tops) and not any(within(path, other) for other in nested)
    )


def _component(manifests: tuple[Manifest, ...], context: str, dockerfile: str) -> str:
    """The directory of the manifest that the Dockerfile stands beside, else that of the context."""
    roots = {posixpath.dirname(each.path) for each in manifests}
    beside = posixpath.dirname(dockerfile)
    if within(beside, context) and beside in roots:
        return beside
    below = {root for root in roots if within(root, context)}
    return below.pop() if len(below) == 1 else context


def _nearest(manifests: tuple[Manifest, ...], path: str, context: str) -> str:
    """The directory of the nearest manifest above `path`, within `context`."""
    roots = [posixpath.dirname(each.path) for each in manifests]
    above = [root for root in roots if within(path, root) and within(root, context)]
    return max(above, key=len, default=context)


def _is_read(use: VariableUse) -> bool:
    return use.kind not in _NOT_READ and use.role not in _FOREIGN


def _given(
    project: ProjectFacts, told: NameSources, service: Service, dockerfile: DockerfileFacts | None
) -> Iterator[GivenVariable]:
    for setting in service.environment:
        yield GivenVariable(setting.name, setting.value, setting.place, GivenBy.ENVIRONMENT)
    for file in service.env_files:
        source, by = file.path, GivenBy.ENV_FILE
        if source not in told.files:
            source, by = template_of(file.path, project.paths), GivenBy.TEMPLATE
        for setting in told.files.get(source, ()):
            yield GivenVariable(setting.name, setting.value, setting.place, by, setting.commented)
    for setting in dockerfile.variables if dockerfile else ():
        yield GivenVariable(setting.name, setting.value, setting.place, GivenBy.DOCKERFILE)
    for setting in service.build.args if service.build else ():
        yield GivenVariable(setting.name, setting.value, setting.place, GivenBy.BUILD)


def _is_known(project: ProjectFacts, told: NameSources, path: str) -> bool:
    return path in told.files or template_of(path, project.paths) in told.files
