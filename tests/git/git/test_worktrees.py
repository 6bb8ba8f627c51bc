"""Where the main work tree stands, from wherever the repository was found; and where nobody can tell."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from secopskit.git.worktrees import main_path, main_view, overlooked, work_trees
from support.history import opened
from support.repos import Repo


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    made = Repo.create(tmp_path / "repo")
    made.commit({"a": "a\n"})
    return made


def _with_submodule(repo: Repo) -> Repo:
    repo.git("-c", "protocol.file.allow=always", "submodule", "-q", "add", str(repo.path), "sub")
    return Repo(repo.path / "sub")


def test_from_within_the_git_directory(repo: Repo, tmp_path: Path) -> None:
    repo.git("worktree", "add", "-q", "--detach", str(tmp_path / "linked"))
    for place in (repo.path, repo.path / ".git", repo.path / ".git/objects", tmp_path / "linked"):
        found = opened(Repo(place))
        assert main_path(found) == str(repo.path)
        assert work_trees(found)[0].path == str(repo.path)
        assert overlooked(found) is None


def test_a_bare_repository_has_none(repo: Repo, tmp_path: Path) -> None:
    mirror = repo.clone(tmp_path / "mirror/.git", "--mirror")
    mirror.git("worktree", "add", "-q", "--detach", str(tmp_path / "linked"))
    for place in (mirror.path, tmp_path / "linked"):
        found = opened(Repo(place))
        assert (main_path(found), overlooked(found)) == (None, None)


def test_that_of_a_submodule(repo: Repo, tmp_path: Path) -> None:
    sub = _with_submodule(repo)
    sub.git("worktree", "add", "-q", "--detach", str(tmp_path / "linked"))
    for place in (sub.path, repo.path / ".git/modules/sub", tmp_path / "linked"):
        found = opened(Repo(place))
        assert (main_path(found), overlooked(found)) == (str(sub.path), None)


def test_a_copy_of_a_submodule_is_read_where_it_lies(repo: Repo, tmp_path: Path) -> None:
    """`core.worktree` leads nowhere from there."""
    sub = opened(_with_submodule(repo))
    copy = str(tmp_path / "elsewhere/copy")
    shutil.copytree(sub.common_dir, copy)
    theirs = main_view(sub._replace(git_dir=copy, common_dir=copy))
    assert theirs.run("for-each-ref") == main_view(sub).run("for-each-ref")


def test_core_worktree_is_followed_where_it_leads_back(repo: Repo, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    repo.git("config", "core.worktree", str(elsewhere))
    other = overlooked(opened(repo))
    assert other is not None
    assert other.place == str(elsewhere)
    assert str(repo.path / ".git") in other.way_out
    (elsewhere / ".git").write_text(f"gitdir: {repo.path}/.git\n")
    for place in (repo.path, elsewhere):
        found = opened(Repo(place))
        assert (main_path(found), overlooked(found)) == (str(elsewhere), None)


def test_of_a_git_directory_apart_nobody_knows_it(tmp_path: Path) -> None:
    main = Repo.create(tmp_path / "main", "--separate-git-dir", str(tmp_path / "apart"))
    main.commit({"a": "a\n"})
    main.git("worktree", "add", "-q", "--detach", str(tmp_path / "linked"))
    assert overlooked(opened(main)) is None
    for place in (tmp_path / "linked", tmp_path / "apart"):
        other = overlooked(opened(Repo(place)))
        assert other is not None
        assert "the main work tree" in other.what
