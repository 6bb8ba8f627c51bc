"""Host ports of databases and of their consoles that are open to the world."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from secopskit.audit.mismatch.services.look.hosts import is_loopback, is_unspecified
from secopskit.audit.mismatch.services.look.images import DOCKER_PORT, ServerImage, server_of_port
from secopskit.audit.mismatch.services.look.servers import RunningService, running
from secopskit.audit.mismatch.services.look.telling import once, shows
from secopskit.audit.model import Mismatch, MismatchRule
from secopskit.collect.facts import ProjectFacts, PublishedPort
from secopskit.findings import Severity

_ID: Final = "open-port"
_EXPLANATION: Final = """
A published port listens on every address of the host unless an address is written before it. Docker writes
its own firewall rules, so `ufw` and the like do not close it. A database, a queue or a console that
only other services need is then one weak password away from everybody.

Wrong:

```yaml
services:
  db:
    image: postgres:17
    ports: ["5432:5432"]
```

Right: no port at all (services reach each other by name on the stack's network), or only this machine:

```yaml
    ports: ["127.0.0.1:5432:5432"]
```

No fault: a machine that nobody but its developer reaches, or a server that is meant to be reached from
outside with TLS and accounts of its own.
"""


def judge(project: ProjectFacts) -> Iterator[Mismatch]:
    """See `MismatchRule.judge`."""
    yield from once(found for each in running(project) for found in _of(each))


def _of(each: RunningService) -> Iterator[Mismatch]:
    for port in each.service.ports:
        if port.protocol == "udp" or not is_open(port):
            continue
        server, console = _what(each, port)
        if server:
            yield _mismatch(each, port, server, console=console)


def is_open(port: PublishedPort) -> bool:
    """Whether others than this machine reach a published port; what a variable alone decides is not known."""
    return not port.computed and not is_loopback(port.address)


def _what(each: RunningService, port: PublishedPort) -> tuple[str, bool]:
    """What answers at the port and whether it is a console; empty where it may be meant for everybody."""
    server, container = each.server, port.container
    if container == DOCKER_PORT:
        return "the Docker API", True
    if server is None:
        known = server_of_port(container) if each.image is None else None
        return (known.label, False) if known else ("", False)
    if server.admin:
        return server.label, True
    if container in server.consoles:
        return f"the console of {server.label}", True
    return (server.label, False) if _is_its_port(server, container, each) else ("", False)


def _is_its_port(server: ServerImage, container: int | None, each: RunningService) -> bool:
    return container in server.ports or container in each.service.exposed


def _mismatch(each: RunningService, port: PublishedPort, server: str, *, console: bool) -> Mismatch:
    written = f"{port.address}:" if port.address else ""
    host = f"port {port.host}" if port.host else "a port"
    where = "every address" if is_unspecified(port.address) else port.address
    inner = port.container
    shown = f"127.0.0.1:{port.host or inner}:{inner}"
    severity = Severity.CRITICAL if server == "the Docker API" else Severity.HIGH
    return Mismatch(
        rule_id=_ID,
        subject=each.service.name,
        message=f"{server} of service {each.service.name} answers on {host} of {where} of the host: "
        + (
            "whoever reaches the host can try to log in to it."
            if console
            else "not only the stack reaches it."
        ),
        fix=f'Write "{shown}" if it is for this machine only, or remove the port: services of the '
        f"stack reach it "
        "by its name.",
        evidence=(
            shows(port.place, f"publishes {written}{port.host or ''}:{inner}"),
            shows(each.place, f"service {each.service.name} is {server}"),
        ),
        stack=each.stack.name,
        severity=Severity.MEDIUM if each.development else severity,
        development=each.development,
    )


RULE: Final = MismatchRule(
    id=_ID,
    title="A database or a console is open to the world",
    severity=Severity.HIGH,
    judge=judge,
    explanation=_EXPLANATION,
    reference="https://docs.docker.com/engine/network/port-publishing/",
)
