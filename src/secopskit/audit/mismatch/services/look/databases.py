"""Databases behind endpoints: which of a project's PostgreSQL databases is meant, and whose it is."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final

from secopskit.audit.mismatch.services.look.hosts import is_loopback
from secopskit.audit.mismatch.services.look.images import server_of
from secopskit.audit.mismatch.services.look.servers import RunningService, named, running
from secopskit.collect.assemble.odoo import is_odoo_service
from secopskit.collect.facts import Endpoint, EndpointKind, ProjectFacts, Stack
from secopskit.named_tuple import NamedTuple

_SUPABASE: Final = re.compile(r"(?i)(?:.*\.)?supabase\.(?:co|com|net|red|in)\.?")
_IMAGE_HOST: Final = "db"  # where Odoo's image looks without HOST


class DatabaseOwner(Enum):
    """Whose database it is."""

    ODOO = "Odoo"
    SUPABASE = "Supabase"
    OTHER = "another"


class KnownDatabase(NamedTuple):
    """A database: its owner and what it is told by (host, or stack and service)."""

    owner: DatabaseOwner
    where: str


class _OdooServer(NamedTuple):
    """A server that an Odoo uses. `homes` are the stacks (their first files) it may be in, none: outside."""

    host: str
    database: str
    homes: frozenset[str]


@dataclass(frozen=True, slots=True)
class DatabaseBook:
    """The servers that the Odoo services and configurations of a project use, by host.

    `homes` are the stacks (their first files) that have a service of a name, `supabase` those names in them
    that run Supabase's own image.
    """

    servers: Mapping[str, tuple[_OdooServer, ...]]
    homes: Mapping[str, frozenset[str]]
    supabase: frozenset[tuple[str, str]]

    @classmethod
    def of(cls, project: ProjectFacts) -> DatabaseBook:
        """What is known of the databases of a project."""
        services = tuple(running(project))
        odoo = [each for each in services if is_odoo_service(each.service, project.dockerfiles)]
        anywhere = frozenset(each.stack.files[0] for each in odoo)
        found = [server for each in odoo for server in _beside(each)]
        for endpoint in project.endpoints:
            if endpoint.odoo and endpoint.host and not is_loopback(endpoint.host):
                own = frozenset(endpoint.stack[:1]) or anywhere
                found.append(_OdooServer(endpoint.host.lower(), endpoint.database, own))
        servers, homes = defaultdict[str, list[_OdooServer]](list), defaultdict[str, set[str]](set)
        for server in dict.fromkeys(found):
            servers[server.host].append(server)
        supabase = set[tuple[str, str]]()
        for each in services:
            for name in (each.service.name, *each.service.names, *each.service.extra_hosts):
                homes[name.lower()].add(each.stack.files[0])
                if each.service.image is not None and each.service.image.name.startswith("supabase/"):
                    supabase.add((each.stack.files[0], name.lower()))
        return cls(
            {host: tuple(each) for host, each in servers.items()},
            {name: frozenset(each) for name, each in homes.items()},
            frozenset(supabase),
        )

    def known(self, endpoint: Endpoint) -> KnownDatabase | None:
        """The database behind an endpoint; None where that is no PostgreSQL, not known, or this machine's."""
        host = endpoint.host.lower()
        if not host or is_loopback(host):
            return None
        if endpoint.kind is not EndpointKind.POSTGRES and not (endpoint.odoo):
            return None
        if endpoint.odoo or any(self._is_odoo(endpoint, server) for server in self.servers.get(host, ())):
            return KnownDatabase(DatabaseOwner.ODOO, host)
        if _SUPABASE.fullmatch(host) or self._is_supabase(endpoint):
            return KnownDatabase(DatabaseOwner.SUPABASE, host)
        return KnownDatabase(DatabaseOwner.OTHER, host)

    def _is_odoo(self, endpoint: Endpoint, server: _OdooServer) -> bool:
        if endpoint.database and server.database and endpoint.database != server.database:
            return False
        if "." in server.host or not server.homes:
            return True
        if endpoint.stack:
            return endpoint.stack[0] in server.homes
        homes = self.homes.get(server.host, frozenset())
        return len(homes) <= 1 and homes <= server.homes

    def _is_supabase(self, endpoint: Endpoint) -> bool:
        """Whether a service of Supabase's own image answers."""
        host = endpoint.host.lower()
        homes = {endpoint.stack[0]} if endpoint.stack else self.homes.get(host, frozenset())
        return any((home, host) in self.supabase for home in homes)


def _beside(each: RunningService) -> list[_OdooServer]:
    """The PostgreSQL that an Odoo service uses where it is told no host: the one it depends on, or `db`."""
    told = any(setting.name in ("HOST", "PGHOST", "DB_HOST") for setting in each.service.environment)
    if told:
        return []
    names = [name for name in (*each.service.depends_on, _IMAGE_HOST) if _is_postgres(each.stack, name)]
    return [_OdooServer(name.lower(), "", frozenset(each.stack.files[:1])) for name in dict.fromkeys(names)][
        :1
    ]


def _is_postgres(stack: Stack, name: str) -> bool:
    service = named(stack, name)
    server = server_of(service.image) if service else None
    return server is not None and server.kind is EndpointKind.POSTGRES
