"""Published ports behind which nobody listens."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from secopskit.audit.mismatch.services.look.listening import ConfiguredPorts, listening
from secopskit.audit.mismatch.services.look.servers import RunningService, running
from secopskit.audit.mismatch.services.look.telling import once, shows
from secopskit.audit.model import FixStage, Mismatch, MismatchRule
from secopskit.collect.facts import ProjectFacts, PublishedPort
from secopskit.findings import Severity

_ID: Final = "silent-port"
_EXPLANATION: Final = """
The second number of `ports:` is the port inside the container. Where the program listens on another, the host
accepts connections and drops them.

Wrong: `ports: ["8080:8080"]` for a service that starts with `--port 3000` and has `EXPOSE 3000`.

Right: `ports: ["8080:3000"]`.

No fault: a program that is told its port by something that is not read here (a mounted configuration). It
is told
only where an image is known for its ports, or Dockerfile and command agree.
"""


def judge(project: ProjectFacts) -> Iterator[Mismatch]:
    """See `MismatchRule.judge`."""
    told = ConfiguredPorts.of(project)
    yield from once(
        _mismatch(each, ports[0], known)
        for each in running(project)
        if not told.may_tell(each)
        for ports in _ranges(each.service.ports)
        if told.ports.isdisjoint(port.container for port in ports)
        for known in _where_instead(each, ports)
    )


def _ranges(ports: Iterable[PublishedPort]) -> Iterator[list[PublishedPort]]:
    """Ports one after the other, as a range has them: of such, one that somebody listens on is enough."""
    found = list[PublishedPort]()
    for port in ports:
        if not (found and _follows(found[-1], port)):
            if found:
                yield found
            found = []
        found.append(port)
    if found:
        yield found


def _follows(before: PublishedPort, port: PublishedPort) -> bool:
    if before.container is None or port.container != before.container + 1:
        return False
    return (port.place, port.protocol) == (before.place, before.protocol)


def _where_instead(each: RunningService, ports: Sequence[PublishedPort]) -> Iterator[str]:
    """Where the service listens, if that is sure and none of `ports` is among it."""
    listens, port = listening(each), ports[0]
    if port.container is None or port.computed or not listens.sure or not listens.ports:
        return
    known = listens.ports | listens.mentioned
    if port.protocol == "udp" or any(one.container in known for one in ports):
        return
    published = {one.container for one in each.service.ports}
    if each.service.build is not None and published & listens.ports:
        return  # a second port may be a debugger's
    yield str(listens.usual or min(listens.ports))


def _mismatch(each: RunningService, port: PublishedPort, right: str) -> Mismatch:
    name = each.service.name
    return Mismatch(
        rule_id=_ID,
        subject=f"{name}: {port.container}",
        message=f"Nobody listens on port {port.container} of service {name}: it listens on {right}.",
        fix=f"Write {right} as the second number: {port.host or port.container}:{right}.",
        evidence=(
            shows(port.place, f"publishes {port.container} of {name}"),
            shows(each.place, f"{name} listens on {right}"),
        ),
        stack=each.stack.name,
        development=each.development,
    )


RULE: Final = MismatchRule(
    id=_ID,
    title="A published port that nobody listens on",
    severity=Severity.MEDIUM,
    judge=judge,
    explanation=_EXPLANATION,
    reference="https://docs.docker.com/engine/network/port-publishing/",
    stage=FixStage.POINT,
)
