"""A repository with a declaration, and a GitHub on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.github.server import ContractServer
from support.repos import Repo
from support.syncs import SyncedShop


@pytest.fixture
def github() -> Iterator[ContractServer]:
    """A GitHub of the test's own. What broke the contract fails the test that let it happen."""
    with ContractServer() as server:
        yield server
    assert server.violations == []


@pytest.fixture
def shop(tmp_path: Path, github: ContractServer) -> SyncedShop:
    """A repository that declares two environments, with values that were made for the test."""
    return SyncedShop(Repo.create(tmp_path / "shop"), github)
