"""What the tests of histories start from."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.cli import home
from support.repos import Repo
from support.values import github_token


@pytest.fixture(autouse=True)
def _own_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(home()))


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """A repository with a commit in which nothing is."""
    made = Repo.create(tmp_path / "repo")
    made.commit({"README": "nothing here\n"})
    return made


@pytest.fixture
def token() -> str:
    """A secret that one finds."""
    return github_token()
