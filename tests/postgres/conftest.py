"""Fixtures of the tests that need a PostgreSQL. See support.postgres."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from secopskit.migrate.shadow.server import ShadowServer
from support import postgres as support


@pytest.fixture(scope="session")
def servers() -> Iterator[support.Servers]:
    """The servers of this test process."""
    servers = support.Servers()
    yield servers
    servers.stop()


@pytest.fixture(params=support.versions() or (None,), ids=lambda version: f"pg{version}")
def postgres(request: pytest.FixtureRequest, servers: support.Servers) -> ShadowServer:
    """A server of each version that is here: the test runs once with each."""
    return servers.of(support.need_version(request.param))


@pytest.fixture
def any_postgres(servers: support.Servers) -> ShadowServer:
    """A server of the newest version that is here."""
    return servers.of(support.need_version(max(support.versions(), default=None)))


@pytest.fixture
def database(postgres: ShadowServer) -> Iterator[support.Database]:
    """An empty database in a server of each version."""
    database = support.create_database(postgres)
    yield database
    support.drop_database(database)


@pytest.fixture
def any_database(any_postgres: ShadowServer) -> Iterator[support.Database]:
    """An empty database in a server of the newest version."""
    database = support.create_database(any_postgres)
    yield database
    support.drop_database(database)


@pytest.fixture
def pooler(any_postgres: ShadowServer) -> Iterator[support.Pooler]:
    """A pgbouncer in transaction mode before `any_postgres`."""
    yield from support.pooler(any_postgres)
