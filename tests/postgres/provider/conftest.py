"""Fixtures of the rotations of PostgreSQL passwords. See support.shops."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from secopskit.migrate.shadow.server import ShadowServer
from support import shops as support


@pytest.fixture
def shop(postgres: ShadowServer) -> Iterator[support.Shop]:
    """A shop in a server of each version."""
    with support.shop(postgres) as made:
        yield made


@pytest.fixture
def any_shop(any_postgres: ShadowServer) -> Iterator[support.Shop]:
    """A shop in a server of the newest version."""
    with support.shop(any_postgres) as made:
        yield made
