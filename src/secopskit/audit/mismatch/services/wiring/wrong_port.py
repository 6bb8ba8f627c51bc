"""Addresses within a stack that miss the service they mean: a wrong port, the host's port, or localhost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from secopskit.audit.mismatch.services.look.hosts import is_loopback
from secopskit.audit.mismatch.services.look.listening import ConfiguredPorts
from secopskit.audit.mismatch.services.look.neighbours import MissedPort, Neighbours
from secopskit.audit.mismatch.services.look.proxies import read_upstreams
from secopskit.audit.mismatch.services.look.servers import EndpointBook, RunningService, running
from secopskit.audit.mismatch.services.look.telling import once, shows
from secopskit.audit.model import FixStage, Mismatch, MismatchRule
from secopskit.collect.facts import Endpoint, EndpointKind, ProjectFacts, Upstream
from secopskit.findings import Severity

_ID: Final = "wrong-port"
_BESIDE: Final = frozenset(
    {EndpointKind.POSTGRES, EndpointKind.MYSQL, EndpointKind.REDIS, EndpointKind.MONGODB, EndpointKind.AMQP}
)
_EXPLANATION: Final = """
Within a stack's network, services reach each other on the port that the program listens on. The port that
is published (`5433:5432`) is the host's, and `localhost` is the container itself.

Wrong:

```yaml
services:
  db:
    image: postgres:17
    ports: ["127.0.0.1:5433:5432"]
  web:
    environment:
      DATABASE_URL: postgres://app@db:5433/shop
```

Right: `postgres://app@db:5432/shop`. The same holds for what a proxy passes requests to
(`proxy_pass http://web:3001;`).

No fault: a server that is told elsewhere to listen on another port (a configuration file that is
mounted); where such a file is, nothing is told.
"""


def judge(project: ProjectFacts) -> Iterator[Mismatch]:
    """See `MismatchRule.judge`."""
    by_stack = dict[tuple[str, ...], Neighbours]()
    for each in running(project):
        by_stack.setdefault(each.stack.files, Neighbours()).add(each)
    told, book = ConfiguredPorts.of(project), EndpointBook(project)
    settings = (
        found
        for neighbours in by_stack.values()
        for each in neighbours.services
        if not each.service.host_network
        for endpoint in book.of(each)
        for found in (*_missed(each, endpoint, neighbours, told), *_at_home(each, endpoint, neighbours))
    )
    proxies = (
        _passed(upstream, each, missed)
        for upstream, each in read_upstreams(project)
        if upstream.port and not each.service.host_network
        if (missed := by_stack[each.stack.files].missed(upstream.host, upstream.port, told, by=each))
    )
    yield from once((*settings, *proxies))


def _missed(
    each: RunningService, endpoint: Endpoint, neighbours: Neighbours, told: ConfiguredPorts
) -> Iterator[Mismatch]:
    if endpoint.port is None or endpoint.assumed or not endpoint.host:
        return
    if missed := neighbours.missed(endpoint.host, endpoint.port, told, by=each):
        yield _mismatch(each, endpoint, missed.other, right=missed.right, why=missed.why)


def _at_home(each: RunningService, endpoint: Endpoint, neighbours: Neighbours) -> Iterator[Mismatch]:
    """`localhost` in a container, where the server is in another."""
    if endpoint.kind not in _BESIDE or not is_loopback(endpoint.host) or each.service.network_of:
        return
    if each.server is not None or (endpoint.place.path != each.service.place.path and not endpoint.stack):
        return
    meant = [one for one in neighbours.by_kind.get(endpoint.kind, [])[:2] if one is not each]
    if len(meant) == 1 and not meant[0].service.network_of:
        name = meant[0].service.name
        yield _mismatch(
            each, endpoint, meant[0], right=None,
            why=f"{endpoint.host} is the container of {each.service.name} itself; "
            f"{endpoint.kind.value} runs in {name}",
        )  # fmt: skip


def _passed(upstream: Upstream, each: RunningService, missed: MissedPort) -> Mismatch:
    place = f"{upstream.host}:{upstream.port}"
    return Mismatch(
        rule_id=_ID,
        subject=f"upstream {place}",
        message=f"The proxy of service {each.service.name} passes requests to {place}, where nothing "
        f"answers: {missed.why}.",
        fix=f"Write {upstream.host}:{missed.right} there.",
        evidence=(
            shows(upstream.place, f"passes to {place}"),
            shows(missed.other.place, f"service {missed.other.service.name}"),
            shows(each.place, f"service {each.service.name} reads this file"),
        ),
        stack=each.stack.name,
        severity=Severity.MEDIUM if each.development else Severity.HIGH,
        development=each.development,
    )


def _mismatch(
    each: RunningService, endpoint: Endpoint, other: RunningService, *, right: int | None, why: str
) -> Mismatch:
    place = f"{endpoint.host}:{endpoint.port}" if endpoint.port else endpoint.host
    wanted = f"{endpoint.host}:{right}" if right else other.service.name
    return Mismatch(
        rule_id=_ID,
        subject=f"{each.service.name}: {endpoint.key}",
        message=f"{endpoint.key} of service {each.service.name} connects to {place}, where nothing "
        f"answers: {why}.",
        fix=f"Write {wanted} in {endpoint.key}.",
        evidence=(
            shows(endpoint.place, f"{endpoint.key} names {place}"),
            shows(other.place, f"service {other.service.name}"),
        ),
        stack=each.stack.name,
        severity=Severity.MEDIUM if each.development else Severity.HIGH,
        development=each.development,
    )


RULE: Final = MismatchRule(
    id=_ID,
    title="A setting names the wrong port or host of a service",
    severity=Severity.HIGH,
    judge=judge,
    explanation=_EXPLANATION,
    reference="https://docs.docker.com/compose/how-tos/networking/",
    stage=FixStage.POINT,
)
