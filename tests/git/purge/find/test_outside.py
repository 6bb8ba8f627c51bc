"""The places that no rewrite reaches: of many objects in a repository within, those not named are counted."""

from __future__ import annotations

from pathlib import Path

import pytest

from secopskit.purge.find.outside import search_outside
from secopskit.purge.model import Leftover, PlaceKind
from secopskit.purge.tell.gather_facts import plan_facts
from secopskit.purge.values.matcher import ValueMatcher
from support.history import opened
from support.purges import planned, target
from support.repos import Repo
from support.values import github_token


def test_of_many_objects_within_the_rest_is_counted(tmp_path: Path) -> None:
    first, second = github_token(), github_token()
    repo = Repo.create(tmp_path / "repo")
    repo.commit({"README": "nothing\n"})
    within = Repo.create(repo.path / "lib")
    within.commit({f"f{number}": f"{number} {first}\n{second}\n" for number in range(25)})
    within.git("rm", "-q", "-r", ".")
    within.commit({}, "gone")
    found = search_outside(opened(repo), ValueMatcher((target(first, 1), target(second, 2))))
    assert {one.place for one in found} == {PlaceKind.SUBMODULE}
    names = [one.name for one in found]
    assert len([name for name in names if name.startswith("lib/.git: object ")]) == 20
    assert "lib/.git: 5 more objects" in names
    assert all(one.targets == (1, 2) for one in found)


def _outside(repo: Repo, value: str) -> dict[str, Leftover]:
    return {one.name: one for one in search_outside(opened(repo), ValueMatcher((target(value),)))}


def test_from_within_the_git_directory_the_work_tree_is_searched(tmp_path: Path) -> None:
    value, repo = github_token(), Repo.create(tmp_path / "repo")
    repo.commit({"README": "nothing\n"})
    repo.write(".env", value)
    repo.stage({f"staged-{value}": "x\n"})
    found = _outside(Repo(repo.path / ".git"), value)
    assert found[".env"].place is PlaceKind.WORK_TREE
    assert PlaceKind.INDEX in {one.place for one in found.values()}


def test_a_work_tree_that_is_not_looked_into_is_named(tmp_path: Path) -> None:
    value, repo = github_token(), Repo.create(tmp_path / "repo")
    repo.commit({})
    outside = tmp_path / f"outside-{value}"
    outside.mkdir()
    (outside / "private").write_text(value)
    repo.git("config", "core.worktree", str(outside))
    (one,) = (one for one in _outside(repo, value).values() if one.place is PlaceKind.WORK_TREE)
    assert one.name == str(tmp_path / "outside-REMOVED")
    assert (one.targets, "core.worktree" in one.advice) == ((), True)


def test_what_git_keeps_of_a_removed_submodule_is_read(tmp_path: Path) -> None:
    """Its work tree, to which `core.worktree` leads, is gone."""
    value, lib, repo = github_token(), Repo.create(tmp_path / "lib"), Repo.create(tmp_path / "repo")
    lib.commit({"a": value})
    repo.git("-c", "protocol.file.allow=always", "submodule", "-q", "add", str(lib.path), "sub")
    repo.commit({}, "with it")
    repo.git("rm", "-qf", "sub")
    repo.commit({}, "without it")
    oid = lib.git("rev-parse", "HEAD:a").strip()
    assert list(_outside(repo, value)) == [f"modules/sub: object {oid}"]


def test_nobody_is_told_to_delete_what_git_cannot_do_without(tmp_path: Path) -> None:
    value, repo = github_token(), Repo.create(tmp_path / "repo")
    repo.commit({})
    linked = Repo(tmp_path / value)
    repo.git("worktree", "add", "-q", "--detach", str(linked.path))
    linked.git("symbolic-ref", "HEAD", f"refs/heads/unborn-{value}")
    repo.git("symbolic-ref", "HEAD", f"refs/heads/unborn-{value}")
    found = _outside(repo, value)
    for name in ("HEAD", "worktrees/REMOVED/HEAD"):
        assert "git symbolic-ref HEAD refs/heads/NEW" in found[name].advice
    for name in ("worktrees/REMOVED", "worktrees/REMOVED/gitdir", str(tmp_path / "REMOVED" / ".git")):
        assert "git worktree remove" in found[name].advice
    repo.git("worktree", "remove", "--force", str(linked.path))
    repo.git("symbolic-ref", "HEAD", "refs/heads/new")
    assert not [one for one in _outside(repo, value).values() if one.place is not PlaceKind.REFLOG]


def test_the_link_to_a_git_directory_apart_stays(tmp_path: Path) -> None:
    value = github_token()
    repo = Repo.create(tmp_path / "repo", "--separate-git-dir", str(tmp_path / value))
    repo.commit({})
    assert "never delete it" in _outside(repo, value)[".git"].advice


def test_files_of_the_same_name_in_several_work_trees_are_told_apart(tmp_path: Path) -> None:
    value, repo, linked = github_token(), Repo.create(tmp_path / "repo"), tmp_path / "linked"
    repo.commit({".env": value})
    repo.git("worktree", "add", "-q", "-b", "hot", str(linked))
    assert {name for name in _outside(repo, value) if "env" in name} == {".env", str(linked / ".env")}
    assert ".env" in _outside(Repo(linked), value)
    assert str(repo.path / ".env") in _outside(Repo(linked), value)


@pytest.mark.parametrize("in_main", [True, False])
def test_a_file_is_written_anew_where_its_own_work_tree_tracks_it(tmp_path: Path, in_main: bool) -> None:
    value, repo = github_token(), Repo.create(tmp_path / "repo")
    repo.commit({".env": value})
    linked = Repo(tmp_path / "linked")
    repo.git("worktree", "add", "-q", "-b", "hot", str(linked.path))
    tracks, leaves = (repo, linked) if in_main else (linked, repo)
    leaves.git("rm", "-q", "--cached", ".env")
    leaves.git("commit", "-q", "-m", "no longer tracked")
    plan = planned(repo, value)
    facts = plan_facts(opened(repo), plan, ValueMatcher(plan.targets)).outside
    ours = {one.name: one.ours for one in facts if one.place == PlaceKind.WORK_TREE.value}
    names = {repo: ".env", linked: str(linked.path / ".env")}
    assert ours == {names[tracks]: True, names[leaves]: False}
