"""The services of a stack as each other's neighbours: who answers to a name, and where nobody listens."""

from __future__ import annotations

from secopskit.audit.mismatch.services.look.listening import ConfiguredPorts, listening
from secopskit.audit.mismatch.services.look.servers import RunningService
from secopskit.collect.facts import EndpointKind
from secopskit.named_tuple import NamedTuple


class MissedPort(NamedTuple):
    """A port of `other` at which nobody answers, the right one, and how that is known."""

    other: RunningService
    right: int
    why: str


class Neighbours:
    """The services of a stack, by the names that they answer to and by the kind of server that they are."""

    def __init__(self) -> None:
        self.services: list[RunningService] = []
        self.by_name: dict[str, RunningService] = {}
        self.by_kind: dict[EndpointKind, list[RunningService]] = {}

    def add(self, each: RunningService) -> None:
        """Take in a service."""
        self.services.append(each)
        for name in (each.service.name, *each.service.names):
            self.by_name.setdefault(name.lower(), each)
        if each.server is not None:
            self.by_kind.setdefault(each.server.kind, []).append(each)

    def missed(self, host: str, port: int, told: ConfiguredPorts, *, by: RunningService) -> MissedPort | None:
        """What is wrong about `host:port` that the service `by` connects to; None where it may be right."""
        other = self.by_name.get(host.lower())
        if other is None or other is by or other.service.host_network or told.may_tell(other):
            return None
        listens = listening(other)
        name, inner = other.service.name, {each.container for each in other.service.ports}
        if port in listens.ports | listens.mentioned | inner | told.ports:
            return None
        published = next((each for each in other.service.ports if each.host == port), None)
        if published is not None and published.container:
            right = published.container
            why = f"{port} is the port that the host publishes; within the stack {name} listens on {right}"
            return MissedPort(other, right, why)
        if not listens.sure or not listens.usual:
            return None
        label = f" ({listens.label})" if listens.label != name else ""
        return MissedPort(other, listens.usual, f"{name}{label} listens on {listens.usual}")
