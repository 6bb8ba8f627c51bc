"""A purge brings along all work trees, wherever in the repository it was called, in submodules as well."""

from __future__ import annotations

from pathlib import Path

import pytest

from secopskit.purge.swap.rollback import rollback
from support.cli import home
from support.history import opened
from support.purges import purge
from support.repos import Repo
from support.values import alnum


@pytest.fixture(autouse=True)
def _own_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(home()))


def _there_and_back(called: Repo, value: str, trees: tuple[Repo, ...], backup: Path) -> None:
    """A purge and its rollback."""
    outcome = purge(called, value, backup_dir=backup)
    assert outcome.proof.holds, outcome.proof.leftovers
    for tree in trees:
        assert (tree.path / ".env").read_text() == "KEY=***REMOVED***\n"
        assert tree.git("status", "--porcelain") == ""
    rollback(opened(called))
    for tree in trees:
        assert (tree.path / ".env").read_text() == f"KEY={value}\n"
        assert tree.git("status", "--porcelain") == ""


def test_from_within_the_git_directory(tmp_path: Path) -> None:
    value, repo = alnum(32), Repo.create(tmp_path / "repo")
    repo.commit({".env": f"KEY={value}\n"})
    _there_and_back(Repo(repo.path / ".git"), value, (repo,), tmp_path / "backup")


@pytest.mark.parametrize("called", ["repo/sub", "linked", "repo/.git/modules/sub"])
def test_a_submodule_with_a_linked_work_tree(tmp_path: Path, called: str) -> None:
    value, lib, repo = alnum(32), Repo.create(tmp_path / "lib"), Repo.create(tmp_path / "repo")
    lib.commit({".env": f"KEY={value}\n"})
    repo.git("-c", "protocol.file.allow=always", "submodule", "-q", "add", str(lib.path), "sub")
    sub, linked = Repo(repo.path / "sub"), Repo(tmp_path / "linked")
    sub.git("worktree", "add", "-q", "-b", "linked", str(linked.path))
    _there_and_back(Repo(tmp_path / called), value, (sub, linked), tmp_path / "deep/down/backup")
