"""Services in their stacks: which are judged, what server is in each, and who answers to a name."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final

from secopskit.audit.mismatch.services.look.images import ServerImage, server_of
from secopskit.collect.assemble.templates import template_of
from secopskit.collect.facts import (
    DockerfileFacts,
    Endpoint,
    FactPlace,
    FileRole,
    ImageName,
    ProjectFacts,
    Service,
    Stack,
    StackKind,
)
from secopskit.named_tuple import NamedTuple

_TRIED: Final = re.compile(r"(?i)(?:.*[/._-])?(?:ci|e2e|tests?|testing|integration)(?:[/._-].*)?")
_JUDGED: Final = frozenset({FileRole.PRODUCT, FileRole.EXAMPLE})


class RunningService(NamedTuple):
    """A service with the stack it runs in, its image (or what it is built from) and its server."""

    stack: Stack
    service: Service
    image: ImageName | None
    server: ServerImage | None
    dockerfile: DockerfileFacts | None = None

    @property
    def development(self) -> bool:
        """Whether it serves development or shows something only."""
        return is_development(self.stack)

    @property
    def place(self) -> FactPlace:
        """Where it is declared."""
        return self.service.place


def is_development(stack: Stack) -> bool:
    """Whether a stack serves development, or is an example."""
    return stack.development or stack.role is FileRole.EXAMPLE


def running(project: ProjectFacts, *kinds: StackKind) -> Iterator[RunningService]:
    """The services of the stacks that are judged, those that serve more than development first.

    Without `kinds`, those of Compose. Stacks of tests and of others' code are left out.
    """
    dockerfiles = {file.path: file for file in project.dockerfiles}
    for stack in sorted(project.stacks, key=lambda each: (is_development(each), each.files)):
        if stack.role not in _JUDGED or stack.kind not in (kinds or (StackKind.COMPOSE,)):
            continue
        if any(_TRIED.fullmatch(path) for path in stack.files):
            continue
        for service in stack.services:
            file = dockerfiles.get(service.build.dockerfile) if service.build else None
            image = _image(service, file)
            yield RunningService(stack, service, image, server_of(image), file)


def by_identity(services: Iterable[RunningService]) -> Iterator[list[RunningService]]:
    """The same services of a base and of its overlays, together: by the first file and their name."""
    groups = defaultdict[tuple[str, str], list[RunningService]](list)
    for each in services:
        groups[each.stack.files[0] if each.stack.files else "", each.service.name].append(each)
    yield from groups.values()


def names_of(stack: Stack) -> frozenset[str]:
    """The names that some service of a stack answers to, in lower case."""
    return frozenset(
        name.lower()
        for service in stack.services
        for name in (service.name, *service.names, *service.extra_hosts)
    )


def all_names(project: ProjectFacts) -> frozenset[str]:
    """The names that services of any stack answer to: stacks may share a network."""
    return frozenset().union(*map(names_of, project.stacks))


def named(stack: Stack, host: str) -> Service | None:
    """The service of a stack that answers to `host`."""
    wanted = host.lower()
    return next(
        (
            service
            for service in stack.services
            if wanted in (service.name.lower(), *map(str.lower, service.names))
        ),
        None,
    )


class EndpointBook:
    """The endpoints of a project, to look them up by who is given them."""

    def __init__(self, project: ProjectFacts) -> None:
        self._by_service = defaultdict[tuple[tuple[str, ...], str], list[Endpoint]](list)
        self._by_path = defaultdict[str, list[Endpoint]](list)
        for endpoint in project.endpoints:
            if endpoint.stack:
                self._by_service[endpoint.stack, endpoint.scope].append(endpoint)
            else:
                self._by_path[endpoint.place.path].append(endpoint)

    def of(self, each: RunningService) -> Iterator[Endpoint]:
        """The endpoints that a service is given: by itself, or by its files where it sets nothing else.

        For a file that everybody makes for themselves, its template counts.
        """
        yield from self.of_itself(each)
        own = {setting.name for setting in each.service.environment}
        for endpoint in self.of_files(each):
            if not own & {endpoint.key, *endpoint.keys}:
                yield endpoint

    def of_itself(self, each: RunningService) -> Iterator[Endpoint]:
        """Those that the Compose files set for a service."""
        yield from self._by_service.get((each.stack.files, each.service.name), ())

    def of_files(self, each: RunningService) -> Iterator[Endpoint]:
        """Those in the environment files of a service, or in their templates, in their order."""
        for use in each.service.env_files:
            path = use.path if use.path in self._by_path else template_of(use.path, self._by_path)
            yield from self._by_path.get(path, ())


def _image(service: Service, file: DockerfileFacts | None) -> ImageName | None:
    """What it runs: of a built image, what its last stage is built from."""
    if service.build is None:
        return service.image
    if file is None or not file.stages:
        return None
    wanted = service.build.target
    by_name = {stage.name: stage for stage in file.stages if stage.name}
    stage = by_name.get(wanted) or file.stages[-1]
    for _ in file.stages:
        if stage.base is not None or stage.parent not in by_name:
            break
        stage = by_name[stage.parent]
    return stage.base
