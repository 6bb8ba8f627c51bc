"""Databases behind endpoints: which of a project's PostgreSQL databases is meant, and whose it is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import Final, NamedTuple

from secopskit.audit.mismatch.services.look.hosts import is_loopback
from secopskit.audit.mismatch.services.look.images import server_of
from secopskit.audit.mismatch.services.look.servers import RunningService, named, names_of, running
from secopskit.collect.assemble.odoo import is_odoo_service
from secopskit.collect.facts import Endpoint, EndpointKind, ProjectFacts, Stack

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
    """A server that an Odoo uses. `stack` are the files of its stack, none for a host outside."""

    host: str
    database: str
    stack: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DatabaseBook:
    """The servers that the Odoo services and configurations of a project use, and the services there are."""

    servers: tuple[_OdooServer, ...]
    stacks: tuple[Stack, ...]

    @classmethod
    def of(cls, project: ProjectFacts) -> DatabaseBook:
        """What is known of the databases of a project."""
        services = tuple(running(project))
        odoo = [each for each in services if is_odoo_service(each.service, project.dockerfiles)]
        stacks = tuple(dict.fromkeys(each.stack.files for each in odoo))
        found = [server for each in odoo for server in _beside(each)]
        for endpoint in project.endpoints:
            if endpoint.odoo and endpoint.host and not is_loopback(endpoint.host):
                homes = [endpoint.stack] if endpoint.stack else list(stacks) or [()]
                found += [_OdooServer(endpoint.host.lower(), endpoint.database, home) for home in homes]
        every = {each.stack.files: each.stack for each in services}
        return cls(tuple(dict.fromkeys(found)), tuple(every.values()))

    def known(self, endpoint: Endpoint) -> KnownDatabase | None:
        """The database behind an endpoint; None where that is no PostgreSQL, not known, or this machine's."""
        host = endpoint.host.lower()
        if not host or is_loopback(host):
            return None
        if endpoint.kind is not EndpointKind.POSTGRES and not (endpoint.odoo):
            return None
        if endpoint.odoo or any(self._is_odoo(endpoint, server) for server in self.servers):
            return KnownDatabase(DatabaseOwner.ODOO, host)
        if _SUPABASE.fullmatch(host) or self._is_supabase(endpoint):
            return KnownDatabase(DatabaseOwner.SUPABASE, host)
        return KnownDatabase(DatabaseOwner.OTHER, host)

    def _is_odoo(self, endpoint: Endpoint, server: _OdooServer) -> bool:
        if endpoint.host.lower() != server.host:
            return False
        if endpoint.database and server.database and endpoint.database != server.database:
            return False
        if "." in server.host or not server.stack:
            return True
        if endpoint.stack:
            return endpoint.stack[0] == server.stack[0]
        homes = {stack.files[0] for stack in self.stacks if server.host in names_of(stack)}
        return homes <= {server.stack[0]}

    def _is_supabase(self, endpoint: Endpoint) -> bool:
        """Whether a service of Supabase's own image answers."""
        for stack in self.stacks:
            if endpoint.stack and endpoint.stack[0] != stack.files[0]:
                continue
            service = named(stack, endpoint.host)
            if service is not None and service.image is not None:
                return service.image.name.startswith("supabase/")
        return False


def _beside(each: RunningService) -> list[_OdooServer]:
    """The PostgreSQL that an Odoo service uses where it is told no host: the one it depends on, or `db`."""
    told = any(setting.name in ("HOST", "PGHOST", "DB_HOST") for setting in each.service.environment)
    if told:
        return []
    names = [name for name in (*each.service.depends_on, _IMAGE_HOST) if _is_postgres(each.stack, name)]
    return [_OdooServer(name.lower(), "", each.stack.files) for name in dict.fromkeys(names)][:1]


def _is_postgres(stack: Stack, name: str) -> bool:
    service = named(stack, name)
    server = server_of(service.image) if service else None
    return server is not None and server.kind is EndpointKind.POSTGRES
