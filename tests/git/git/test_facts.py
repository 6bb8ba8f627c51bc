"""What a repository tells about itself, and taking files out of its index."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from secopskit.errors import GitError
from secopskit.git.facts import BranchFact, RepositoryFacts
from secopskit.git.gitpython import opened as gitpython
from support.history import opened
from support.repos import Repo


@pytest.fixture(params=["sha1", "sha256"])
def repo(request: pytest.FixtureRequest, tmp_path: Path) -> Repo:
    made = Repo.create(tmp_path / "repo", f"--object-format={request.param}")
    made.commit({"a": "a\n", ".env": "KEY=1\n", "d/*": "star\n", "d/x": "x\n"})
    return made


@pytest.fixture
def facts(repo: Repo) -> RepositoryFacts:
    return RepositoryFacts(opened(repo))


def test_settings(repo: Repo, facts: RepositoryFacts) -> None:
    repo.git("config", "--add", "remote.origin.url", "first")
    repo.git("config", "--add", "remote.origin.url", "with\nnewline")
    assert facts.values("remote.origin.url") == ("first", "with\nnewline")
    assert facts.values("no.such") == ()
    assert facts.names(r"^remote\.") == ("remote.origin.url",)
    assert facts.names("^none") == ()


def test_our_own_settings_are_not_told(repo: Repo, facts: RepositoryFacts) -> None:
    assert facts.values("core.hooksPath") == ()
    repo.git("config", "core.hooksPath", "~/hooks")
    assert facts.values("core.hooksPath", kind="path")[0].startswith(os.sep)


def test_branches(repo: Repo, facts: RepositoryFacts, tmp_path: Path) -> None:
    head = repo.git("rev-parse", "HEAD").strip()
    repo.git("branch", "-q", "--track", "side", "main")
    repo.git("worktree", "add", "-q", str(tmp_path / "other"), "side")
    assert facts.branches() == (
        BranchFact(name="main", head=head, upstream="", work_tree=str(repo.path)),
        BranchFact(name="side", head=head, upstream="refs/heads/main", work_tree=str(tmp_path / "other")),
    )


def test_tracked_files_are_taken_literally(facts: RepositoryFacts) -> None:
    assert facts.tracked() == (".env", "a", "d/*", "d/x")
    assert facts.tracked("d/*") == ("d/*",)
    assert facts.tracked("d") == ("d/*", "d/x")
    assert facts.tracked("none") == ()


def test_a_file_is_untracked_and_stays(repo: Repo, facts: RepositoryFacts) -> None:
    repo.write(".env", "KEY=2\n")
    assert facts.untrack([".env", "none", "d/*"]) == (".env", "d/*")
    assert facts.tracked() == ("a", "d/x")
    assert (repo.path / ".env").read_text() == "KEY=2\n"
    assert (repo.path / "d/*").exists()
    assert repo.git("diff", "--cached", "--name-status").splitlines() == ["D\t.env", "D\td/*"]


def test_what_is_not_committed(repo: Repo, facts: RepositoryFacts) -> None:
    assert facts.uncommitted() == ()
    repo.git("mv", "a", "b")
    repo.write("new", "x")
    assert facts.uncommitted() == ("a", "b", "new")


def test_a_linked_work_tree_and_a_bare_clone(repo: Repo, tmp_path: Path) -> None:
    repo.git("worktree", "add", "-q", "-b", "side", str(tmp_path / "other"))
    repo.git("clone", "-q", "--bare", str(repo.path), str(tmp_path / "bare"))
    linked = RepositoryFacts(opened(Repo(tmp_path / "other")))
    assert linked.untrack(["a"]) == ("a",)
    assert linked.tracked() == (".env", "d/*", "d/x")
    assert RepositoryFacts(opened(repo)).tracked("a") == ("a",)
    bare = RepositoryFacts(opened(Repo(tmp_path / "bare")))
    assert [branch.name for branch in bare.branches()] == ["main", "side"]


def test_what_git_refuses_is_told(repo: Repo) -> None:
    with pytest.raises(GitError, match="no-such"):
        gitpython(opened(repo)).git.show("no-such-object")


def test_nothing_goes_round_us(repo: Repo) -> None:
    """A process that GitPython would keep, for one, or variables of its own choice."""
    seen = gitpython(opened(repo))
    with pytest.raises(NotImplementedError):
        seen.git.cat_file(as_process=True)
    with pytest.raises(NotImplementedError):
        seen.git.log(env={"GIT_PAGER": "x"})
