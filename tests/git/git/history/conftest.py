"""Tests of what reads packs; without the compiled part there is nothing to test."""

from __future__ import annotations

from pathlib import Path

import pytest

from secopskit.git.packs.available import can_read_packs
from support.repos import Repo

collect_ignore_glob = [] if can_read_packs() else ["test_treelog.py"]


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """A repository with one commit."""
    made = Repo.create(tmp_path / "repo")
    made.commit({"README": "hello\n"})
    return made
