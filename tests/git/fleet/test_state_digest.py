"""Whether anything has changed in a repository, told without git."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from secopskit.fleet.worker.state_digest import common_directory, state_digest
from secopskit.git.repository import Repository
from support.repos import Repo


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    made = Repo.create(tmp_path / "repo")
    made.commit({"a": "1\n"})
    made.commit({"a": "2\n"})
    return made


def _digest(repo: Repo) -> str:
    found = Repository.open(str(repo.path))
    assert found is not None
    assert common_directory(str(repo.path)) in ("", found.common_dir)
    return state_digest(found.common_dir)


def _hash_object(repo: Repo) -> None:
    repo.git("hash-object", "-w", "--stdin", stdin=b"alone\n")


@pytest.mark.parametrize(
    "change",
    [
        lambda repo: repo.commit({"b": "3\n"}),
        lambda repo: repo.git("branch", "other"),
        lambda repo: repo.git("tag", "v1", "HEAD~1"),
        lambda repo: repo.git("update-ref", "refs/heads/main", "HEAD~1"),
        lambda repo: repo.git("checkout", "-q", "--detach"),
        lambda repo: repo.git("notes", "add", "-m", "a note"),
        lambda repo: repo.git("symbolic-ref", "HEAD", "refs/heads/elsewhere"),
        lambda repo: repo.git("gc", "-q"),
        _hash_object,
    ],
)
def test_every_change_is_seen(repo: Repo, change: Callable[[Repo], object]) -> None:
    before = _digest(repo)
    change(repo)
    assert _digest(repo) != before


def test_a_ref_that_is_packed_and_moved_is_seen(repo: Repo) -> None:
    repo.git("pack-refs", "--all")
    before = _digest(repo)
    repo.git("update-ref", "refs/heads/main", "HEAD~1")
    assert _digest(repo) != before


def test_looking_changes_nothing(repo: Repo) -> None:
    before = _digest(repo)
    repo.git("status")
    repo.git("log", "--all")
    repo.write("untracked", "x")
    assert _digest(repo) == before


def test_where_refs_and_objects_are(repo: Repo, tmp_path: Path) -> None:
    assert common_directory(str(repo.path)) == str(repo.path / ".git")
    bare = repo.clone(tmp_path / "bare.git", "--bare")
    assert common_directory(str(bare.path)) == str(bare.path)
    repo.git("worktree", "add", "-q", str(tmp_path / "linked"))
    assert common_directory(str(tmp_path / "linked")) == ""
    assert common_directory(str(repo.path / ".git" / "worktrees" / "linked")) == ""
    assert common_directory(str(tmp_path)) == ""
