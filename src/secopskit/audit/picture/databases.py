"""The databases of a project, and who points at each: by URL, by connection string, by sibling names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from secopskit.audit.picture.draw import DATA_KINDS, kind_of_service
from secopskit.audit.picture.find import (
    StackGroup,
    Target,
    is_known,
    shown_host,
    source_group,
    stack_groups,
    target_of,
)
from secopskit.audit.picture.model import DatabaseRow, NodeKind, Pointer
from secopskit.collect.facts import Endpoint, EndpointKind, FileRole, ProjectFacts, Service, SettingKind

_BY_IMAGE: Final = (
    (("postgres", "postgis", "timescaledb", "pgvector"), EndpointKind.POSTGRES),
    (("mysql", "mariadb"), EndpointKind.MYSQL),
    (("redis", "valkey", "keydb"), EndpointKind.REDIS),
    (("mongo",), EndpointKind.MONGODB),
    (("rabbitmq",), EndpointKind.AMQP),
)
_Key = tuple[bool, str, str, str]


def databases_of(facts: ProjectFacts) -> tuple[DatabaseRow, ...]:
    """A row a database, those of stacks first. A database service that nobody points at has a row, too."""
    groups = stack_groups(facts)
    rows: dict[_Key, DatabaseRow] = {}
    seen = set[tuple[str, str]]()
    for endpoint in facts.endpoints:
        if endpoint.kind not in DATA_KINDS or not _counts(endpoint):
            continue
        target = target_of(endpoint, groups)
        if target.group is not None and target.service is not None:
            seen.add((target.group.name, target.service.name))
        row = _row(endpoint, target)
        key = (row.outside, row.where, row.kind.value, row.database)
        known = rows.get(key, row._replace(pointers=()))
        pointer = _pointer(endpoint, groups)
        pointers = known.pointers if pointer in known.pointers else (*known.pointers, pointer)
        rows[key] = known._replace(pointers=pointers, odoo=known.odoo or endpoint.odoo)
    for row in _unused(groups, seen):
        rows.setdefault((row.outside, row.where, row.kind.value, ""), row)
    return tuple(rows[key] for key in sorted(rows))


def _counts(endpoint: Endpoint) -> bool:
    """Whether it says something of its own: a template's line of what a service is given does not."""
    told = endpoint.setting is not SettingKind.TEMPLATE
    return told and endpoint.role is FileRole.PRODUCT and is_known(endpoint.host)


def _row(endpoint: Endpoint, target: Target) -> DatabaseRow:
    where = shown_host(target.host)
    if target.group is not None and target.service is not None:
        where = _name(target.service, target.group)
    elif endpoint.port and not endpoint.assumed:
        where = f"{where}:{endpoint.port}"
    return DatabaseRow(
        kind=endpoint.kind,
        where=where,
        database=shown_host(endpoint.database),
        pointers=(),
        outside=target.service is None,
    )


def _pointer(endpoint: Endpoint, groups: tuple[StackGroup, ...]) -> Pointer:
    group = source_group(endpoint, groups)
    who = endpoint.place.path
    if endpoint.scope:
        who = f"{endpoint.scope} ({group.name})" if group is not None else f"{endpoint.scope} in {who}"
    return Pointer(who, endpoint.key, endpoint.place, endpoint.tls)


def _unused(groups: tuple[StackGroup, ...], seen: set[tuple[str, str]]) -> Iterator[DatabaseRow]:
    for group in groups:
        for service in group.services:
            kind = _kind(service)
            if kind is not None and (group.name, service.name) not in seen:
                yield DatabaseRow(kind=kind, where=_name(service, group), database="", pointers=())


def _kind(service: Service) -> EndpointKind | None:
    if kind_of_service(service) is not NodeKind.DATABASE or service.image is None:
        return None
    base = service.image.base.lower()
    return next((kind for names, kind in _BY_IMAGE if base.startswith(names)), None)


def _name(service: Service, group: StackGroup) -> str:
    return f"{service.name} ({group.name})"
