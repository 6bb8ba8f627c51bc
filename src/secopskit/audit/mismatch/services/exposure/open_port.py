"""Host ports of databases and of their consoles that are open to the world."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from secopskit.audit.mismatch.services.look.doors import what_answers
from secopskit.audit.mismatch.services.look.hosts import is_loopback, is_unspecified
from secopskit.audit.mismatch.services.look.servers import RunningService, running
from secopskit.audit.mismatch.services.look.telling import once, shows
from secopskit.audit.model import FixStage, Mismatch, MismatchRule
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
    """One mismatch for each kind of thing that answers: its ports are closed together."""
    found = defaultdict[tuple[str, bool], list[PublishedPort]](list)
    for port in each.service.ports:
        if port.protocol != "udp" and is_open(port) and (what := what_answers(each, port)):
            found[what].append(port)
    for (server, console), ports in found.items():
        yield _mismatch(each, ports, server, console=console)


def is_open(port: PublishedPort) -> bool:
    """Whether others than this machine reach a published port; what a variable alone decides is not known."""
    return not port.computed and not is_loopback(port.address)


def _mismatch(each: RunningService, ports: list[PublishedPort], server: str, *, console: bool) -> Mismatch:
    name = each.service.name
    hosts = [f"port {port.host}" if port.host else f"a port for its {port.container}" for port in ports]
    has = "has" if server.startswith("the console") else "is"
    first = ports[0]
    where = "every address" if is_unspecified(first.address) else first.address
    shown = ", ".join(f'"127.0.0.1:{port.host or port.container}:{port.container}"' for port in ports)
    severity = Severity.CRITICAL if server == "the Docker API" else Severity.HIGH
    return Mismatch(
        rule_id=_ID,
        subject=name,
        message=f"{_capital(server)} of service {name} answers on "
        f"{' and '.join(hosts)} of {where} of the "
        + (
            "host: whoever reaches it can use it, or try to log in."
            if console
            else "host, and not only to the stack."
        ),
        fix=f"Write the address before it, {shown}, if it is for this machine only, or remove the port: "
        f"services of the stack reach {name} by its name.",
        evidence=(
            *(shows(port.place, f"publishes {_written(port)}") for port in ports),
            shows(each.place, f"service {name} {has} {server}"),
        ),
        stack=each.stack.name,
        severity=Severity.MEDIUM if each.development else severity,
        development=each.development,
    )


def _capital(server: str) -> str:
    return f"T{server[1:]}" if server.startswith("the ") else server


def _written(port: PublishedPort) -> str:
    address = f"{port.address}:" if port.address else ""
    return f"{address}{port.host or ''}:{port.container}"


RULE: Final = MismatchRule(
    id=_ID,
    title="A database or a console is open to the world",
    severity=Severity.HIGH,
    judge=judge,
    explanation=_EXPLANATION,
    reference="https://docs.docker.com/engine/network/port-publishing/",
    stage=FixStage.CLOSE,
)
