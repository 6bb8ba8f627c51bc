"""Whom an endpoint means: the service of a stack, or a host that no file here defines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from secopskit.collect.assemble.resolve import UNKNOWN
from secopskit.collect.facts import Endpoint, FileRole, ProjectFacts, Service, Stack, StackKind
from secopskit.named_tuple import NamedTuple

_HERE: Final = frozenset({"localhost", "127.0.0.1", "::1", "[::1]", "0.0.0.0", "host.docker.internal"})  # noqa: S104 - looked for, not listened on
_FOREIGN: Final = frozenset({FileRole.TEST, FileRole.VENDORED, FileRole.DOCUMENT})


class StackGroup(NamedTuple):
    """A stack with its variants: overlays over the same `first` file. A service has the last one's facts.

    `hosts` has the services by the names that others reach them by, in lower case; `ports` by the host's.
    `name` has the file in it where several stacks are called the same.
    """

    name: str
    first: str
    files: frozenset[str]
    directory: str
    services: tuple[Service, ...]
    development: bool
    hosts: Mapping[str, Service]
    ports: Mapping[int, Service]

    def by_name(self, host: str) -> Service | None:
        """The service that others reach by this name."""
        return self.hosts.get(host.lower())

    def by_port(self, port: int | None) -> Service | None:
        """The service that offers this port at the host."""
        return self.ports.get(port) if port else None


class Target(NamedTuple):
    """What is meant: a service of a group, or a host."""

    group: StackGroup | None
    service: Service | None
    host: str


def stack_groups(facts: ProjectFacts) -> tuple[StackGroup, ...]:
    """The stacks of the product (of examples, where there are no others), each with its variants."""
    stacks = [one for one in facts.stacks if one.services and one.kind is not StackKind.WORKFLOW]
    product = [one for one in stacks if one.role is FileRole.PRODUCT]
    groups: dict[tuple[StackKind, str], list[Stack]] = {}
    for stack in product or [one for one in stacks if one.role not in _FOREIGN]:
        groups.setdefault((stack.kind, stack.files[0] if stack.files else stack.name), []).append(stack)
    made = [_group(stacks) for stacks in groups.values()]
    names = Counter(group.name for group in made)
    return tuple(
        group._replace(name=f"{group.name}: {group.first}") if names[group.name] > 1 else group
        for group in made
    )


def _group(stacks: list[Stack]) -> StackGroup:
    services = {service.name: service for stack in stacks for service in stack.services}
    base = next((stack for stack in stacks if not stack.variant), stacks[0])
    ordered = tuple(services[name] for name in sorted(services))
    hosts, ports = dict[str, Service](), dict[int, Service]()
    for service in ordered:
        for name in (service.name, *service.names):
            hosts.setdefault(name.lower(), service)
        for port in service.ports:
            if port.host is not None:
                ports.setdefault(port.host, service)
    return StackGroup(
        name=base.name or base.files[0],
        first=base.files[0] if base.files else "",
        files=frozenset(path for stack in stacks for path in stack.files),
        directory=base.directory,
        services=ordered,
        development=all(stack.development for stack in stacks),
        hosts=hosts,
        ports=ports,
    )


def shown_host(host: str) -> str:
    """A host as it is told: `…` for a part that nobody knows."""
    return host.replace(UNKNOWN, "…")


def is_known(host: str) -> bool:
    """Whether there is a host to speak of."""
    return bool(host.replace(UNKNOWN, "").strip("./-:"))


def is_here(host: str) -> bool:
    """Whether a host is the machine, or the container, that looks it up."""
    return host.lower() in _HERE


def source_group(endpoint: Endpoint, groups: Iterable[StackGroup]) -> StackGroup | None:
    """The group whose service is given the endpoint."""
    own = set(endpoint.stack) or {endpoint.place.path}
    return next((group for group in groups if own & group.files), None)


def target_of(endpoint: Endpoint, groups: tuple[StackGroup, ...]) -> Target:
    """Whom `endpoint` means."""
    group = source_group(endpoint, groups)
    if is_here(endpoint.host):
        return _at_this_host(endpoint, groups, inside=group is not None)
    for near in _nearest(endpoint, group, groups):
        if service := near.by_name(endpoint.host):
            return Target(near, service, endpoint.host)
    return Target(None, None, endpoint.host)


def _at_this_host(endpoint: Endpoint, groups: tuple[StackGroup, ...], *, inside: bool) -> Target:
    """Who offers the port here. Inside a container, its own address is nobody else's."""
    local = endpoint.host.lower() == "host.docker.internal" or not inside
    found = [(group, group.by_port(endpoint.port)) for group in groups] if local else []
    offers = [(group, service) for group, service in found if service is not None]
    if len(offers) == 1:
        return Target(*offers[0], endpoint.host)
    return Target(None, None, endpoint.host)


def _nearest(
    endpoint: Endpoint, group: StackGroup | None, groups: tuple[StackGroup, ...]
) -> Iterator[StackGroup]:
    """Where a name is looked up: in the own stack; for a file by itself, in the stacks of its directories."""
    if group is not None:
        yield group
        return
    folder = endpoint.place.path.rpartition("/")[0]
    above = [one for one in groups if not one.directory or f"{folder}/".startswith(f"{one.directory}/")]
    yield from sorted(above, key=lambda one: (-len(one.directory), one.name))
