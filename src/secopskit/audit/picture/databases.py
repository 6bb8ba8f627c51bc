"""The databases of a project, and who points at each: by URL, by connection string, by sibling names."""

from __future__ import annotations

from collections.abc import Iterator

from secopskit.audit.mismatch.services.look.images import server_of
from secopskit.audit.picture.draw import DATA_KINDS
from secopskit.audit.picture.find import (
    StackGroup,
    Target,
    is_known,
    shown_host,
    source_group,
    stack_groups,
    target_of,
)
from secopskit.audit.picture.model import DatabaseRow, Pointer
from secopskit.collect.assemble.naming import USUAL_PORTS
from secopskit.collect.facts import Endpoint, FileRole, ProjectFacts, Service, SettingKind

_Key = tuple[bool, str, str, str]


def databases_of(facts: ProjectFacts) -> tuple[DatabaseRow, ...]:
    """A row a database, those of stacks first. A database service that nobody points at has a row, too."""
    groups = stack_groups(facts)
    rows: dict[_Key, DatabaseRow] = {}
    for endpoint in facts.endpoints:
        if not _counts(endpoint):
            continue
        target = target_of(endpoint, groups)
        kind = _kind_of(endpoint, target)
        if not kind:
            continue
        group = source_group(endpoint, groups)
        if target.service is not None and target.group is group and target.service.name == endpoint.scope:
            continue  # what it is told of itself
        row = _row(endpoint, target, kind)
        key = (row.outside, row.where, row.kind, row.database)
        known = rows.get(key, row)
        pointer = _pointer(endpoint, group, target)
        pointers = known.pointers if pointer in known.pointers else (*known.pointers, pointer)
        rows[key] = known._replace(pointers=pointers, odoo=known.odoo or endpoint.odoo)
    _without_repetition(rows)
    seen = {row.where for row in rows.values()}
    for row in _unused(groups, seen):
        rows[row.outside, row.where, row.kind, ""] = row
    return tuple(rows[key] for key in sorted(rows))


def _without_repetition(rows: dict[_Key, DatabaseRow]) -> None:
    """Who does not say which database means the only one that others name there."""
    for outside, where, kind, database in list(rows):
        named = [key for key in rows if key[:3] == (outside, where, kind) and key[3]]
        if not database and len(named) == 1:
            row = rows.pop((outside, where, kind, ""))
            known = rows[named[0]]
            rows[named[0]] = known._replace(
                pointers=(*known.pointers, *row.pointers), odoo=known.odoo or row.odoo
            )


def _counts(endpoint: Endpoint) -> bool:
    """Whether it says something of its own: a template's line of what a service is given does not."""
    told = endpoint.setting is not SettingKind.TEMPLATE
    return told and endpoint.role is FileRole.PRODUCT and is_known(endpoint.host)


def _kind_of(endpoint: Endpoint, target: Target) -> str:
    """What server is meant: by the address, else by the image of the service; empty where it is none."""
    if endpoint.kind in DATA_KINDS:
        return endpoint.kind.value
    return _kind(target.service) if target.service is not None else ""


def _row(endpoint: Endpoint, target: Target, kind: str) -> DatabaseRow:
    where = shown_host(target.host)
    if target.group is not None and target.service is not None:
        where = _name(target.service, target.group)
    elif endpoint.port and endpoint.port != USUAL_PORTS.get(endpoint.kind):
        where = f"{where}:{endpoint.port}"
    return DatabaseRow(
        kind=kind,
        where=where,
        database=shown_host(endpoint.database),
        pointers=(),
        outside=target.service is None,
    )


def _pointer(endpoint: Endpoint, group: StackGroup | None, target: Target) -> Pointer:
    """Who points: a service by its name, with its stack where that is another than the database's."""
    who = endpoint.place.path
    if endpoint.scope and group is not None:
        who = endpoint.scope if group is target.group else f"{endpoint.scope} ({group.name})"
    elif endpoint.setting is SettingKind.WORKFLOW:
        who = f"job {endpoint.scope.partition('/')[0]} in {who}"
    return Pointer(who, endpoint.key, endpoint.place, endpoint.tls)


def _unused(groups: tuple[StackGroup, ...], seen: set[str]) -> Iterator[DatabaseRow]:
    for group in groups:
        for service in group.services:
            kind, where = _kind(service), _name(service, group)
            if kind and where not in seen:
                yield DatabaseRow(kind=kind, where=where, database="", pointers=())


def _kind(service: Service) -> str:
    """What server the image of a service is, of those that keep data or queues; else empty."""
    server = server_of(service.image)
    if server is None or server.admin:
        return ""
    if server.kind in DATA_KINDS:
        return server.kind.value
    return server.label if server.data else ""


def _name(service: Service, group: StackGroup) -> str:
    return f"{service.name} ({group.name})"
