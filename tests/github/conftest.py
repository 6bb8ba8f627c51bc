"""Fixtures of the tests that talk to a GitHub. See support.github.server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from support.github.server import ContractServer


@pytest.fixture
def github() -> Iterator[ContractServer]:
    """A GitHub of the test's own. What broke the contract fails the test that let it happen."""
    with ContractServer() as server:
        yield server
    assert server.violations == []
