"""Names that a running service is told, and to which nobody answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from secopskit.audit.mismatch.services.look.hosts import is_bare
from secopskit.audit.mismatch.services.look.images import server_of
from secopskit.audit.mismatch.services.look.proxies import read_upstreams
from secopskit.audit.mismatch.services.look.servers import (
    EndpointBook,
    RunningService,
    all_names,
    running,
)
from secopskit.audit.mismatch.services.look.telling import once, shows
from secopskit.audit.model import FixStage, Mismatch, MismatchRule
from secopskit.collect.facts import Endpoint, EndpointKind, ProjectFacts, SettingKind, Stack, Upstream
from secopskit.findings import Severity

_ID: Final = "undefined-service"
_EXPLANATION: Final = """
Within a stack, a name without dots is that of a service. Where no service, alias or `container_name` is
called
so, the connection fails with "could not translate host name".

Wrong: `DATABASE_URL: postgres://app@postgres/shop`, while the service is called `db`.

Right: the service's own name, or an alias for it (`networks: {default: {aliases: [postgres]}}`).

No fault: a name that something outside of this project defines (an external network, the host's own DNS);
what a database server is told about itself (`MARIADB_HOST` of a MariaDB).
"""


def judge(project: ProjectFacts) -> Iterator[Mismatch]:
    """See `MismatchRule.judge`."""
    names = all_names(project)
    yield from once((*_of_services(project, names), *_of_proxies(project, names)))


def _of_services(project: ProjectFacts, names: frozenset[str]) -> Iterator[Mismatch]:
    templates = {
        (one.place.path.rpartition("/")[0], one.key, one.host)
        for one in project.endpoints
        if one.setting is SettingKind.TEMPLATE
    }
    book, nearest = EndpointBook(project), _Nearest()
    for each in running(project):
        if each.stack.limits or each.service.host_network or _leaves(each):
            continue
        for endpoint in book.of(each):
            known = (each.stack.directory, endpoint.key, endpoint.host) in templates  # told of the template
            if known or _is_its_own(each, endpoint):
                continue
            if is_bare(endpoint.host) and endpoint.host.lower() not in names:
                yield _mismatch(each, endpoint, nearest.to(each.stack, endpoint.kind))


def _is_its_own(each: RunningService, endpoint: Endpoint) -> bool:
    """Whether a server is told about itself: `MARIADB_HOST` of a MariaDB is from where its user may come."""
    return each.server is not None and endpoint.kind in (each.server.kind, EndpointKind.OTHER)


def _leaves(each: RunningService) -> bool:
    """Whether it is in networks that others share: their services may answer to any name."""
    return bool(each.stack.external & set(each.service.networks))


def _mismatch(each: RunningService, endpoint: Endpoint, known: str) -> Mismatch:
    return Mismatch(
        rule_id=_ID,
        subject=f"{endpoint.key}: {endpoint.host}",
        message=f"{endpoint.key} of service {each.service.name} points at {endpoint.host}, and no "
        f"service of the project "
        "answers to that name.",
        fix=f"Write {known} for {endpoint.host}, or give the service that is meant that name as an alias."
        if known
        else f"Define the service {endpoint.host}, or write the name of the one that is meant.",
        evidence=(
            shows(endpoint.place, f"{endpoint.key} names {endpoint.host}"),
            shows(each.place, f"service {each.service.name} reads it"),
        ),
        stack=each.stack.name,
        severity=Severity.MEDIUM if each.development else Severity.HIGH,
        development=each.development,
    )


class _Nearest:
    """The only service of a stack that is of a kind, by stack and kind."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, ...], dict[EndpointKind, list[str]]] = {}

    def to(self, stack: Stack, kind: EndpointKind) -> str:
        """Its name; empty where there is none, or more than one."""
        if stack.files not in self._known:
            names = self._known[stack.files] = {}
            for service in stack.services:
                server = server_of(service.image)
                if server is not None and server.kind is not EndpointKind.OTHER:
                    names.setdefault(server.kind, []).append(service.name)
        same = self._known[stack.files].get(kind, [])
        return same[0] if len(same) == 1 else ""


def _of_proxies(project: ProjectFacts, names: frozenset[str]) -> Iterator[Mismatch]:
    for upstream, reader in read_upstreams(project):
        if not is_bare(upstream.host) or upstream.host.lower() in names:
            continue
        if not reader.stack.limits and not _leaves(reader):
            yield _unanswered(upstream, reader)


def _unanswered(upstream: Upstream, each: RunningService) -> Mismatch:
    return Mismatch(
        rule_id=_ID,
        subject=f"upstream {upstream.host}",
        message=f"The proxy of service {each.service.name} passes requests to {upstream.host}, and "
        f"no service of the "
        "project answers to that name: it does not start, or answers 502.",
        fix=f"Write the name of the service that is meant for {upstream.host}, or define it.",
        evidence=(
            shows(upstream.place, f"passes to {upstream.host}"),
            shows(each.place, f"service {each.service.name} reads this file"),
        ),
        stack=each.stack.name,
        severity=Severity.MEDIUM if each.development else Severity.HIGH,
        development=each.development,
    )


RULE: Final = MismatchRule(
    id=_ID,
    title="A setting names a service that nobody defines",
    severity=Severity.HIGH,
    judge=judge,
    explanation=_EXPLANATION,
    reference="https://docs.docker.com/compose/how-tos/networking/",
    stage=FixStage.POINT,
)
