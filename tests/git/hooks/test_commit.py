"""Commits, in real repositories, past the hook that secops installs and past the pre-commit framework."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from support import framework
from support.cli import Outcome
from support.forked import secops
from support.repos import Repo
from support.values import github_token

# Git starts whole commands, dozens of them; what they execute is measured where forks run the hook.
pytestmark = pytest.mark.usefixtures("unmeasured")


@pytest.fixture(scope="module", params=["installed", "framework"])
def template(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """A repository with hooks and no commit."""
    repo = Repo.create(tmp_path_factory.mktemp(request.param) / "template")
    if request.param == "framework":
        framework.install(repo)
        return repo
    repo.write(framework.CONFIG, framework.config())
    outcome = secops("hook", "install", "--push", cwd=repo.path)
    assert outcome.code == 0, outcome.text
    return repo


@pytest.fixture
def empty(template: Repo, tmp_path: Path) -> Repo:
    """The template's copy."""
    shutil.copytree(template.path, tmp_path / "a repo", symlinks=True)
    return Repo(tmp_path / "a repo")


@pytest.fixture
def repo(empty: Repo) -> Repo:
    """A repository with hooks and a first commit."""
    empty.commit({framework.CONFIG: (empty.path / framework.CONFIG).read_bytes(), "readme.md": "hello\n"})
    return empty


def commit(repo: Repo, *arguments: str) -> Outcome:
    return repo.try_git("commit", "-m", "change", *arguments)


def assert_blocked(outcome: Outcome, value: str, path: str) -> None:
    assert outcome.code == 1, outcome.text
    assert "github-pat" in outcome.text
    assert path in outcome.text
    assert value not in outcome.text


def assert_passed(outcome: Outcome) -> None:
    assert outcome.code == 0, outcome.text


def test_a_secret_blocks_the_commit(repo: Repo) -> None:
    value = github_token()
    before = repo.head
    repo.stage({"app.py": f"token = '{value}'\n"})
    assert_blocked(commit(repo), value, "app.py:1:10")
    assert repo.head == before


def test_a_clean_commit_passes_and_an_allowed_secret_too(repo: Repo) -> None:
    repo.stage(
        {"clean.py": "x = 1\n", "app.py": f"t = '{github_token()}'  # secops: allow[github-pat] revoked\n"}
    )
    assert_passed(commit(repo))


def test_the_first_commit_is_checked(empty: Repo) -> None:
    value = github_token()
    empty.stage({framework.CONFIG: (empty.path / framework.CONFIG).read_bytes(), "app.py": value + "\n"})
    assert_blocked(commit(empty), value, "app.py:1:1")
    empty.stage({"app.py": "clean\n"})
    assert_passed(commit(empty))


def test_what_is_not_staged_does_not_count(repo: Repo) -> None:
    repo.stage({"app.py": "x = 1\n"})
    repo.write("app.py", f"x = 1\ny = '{github_token()}'\n")
    assert_passed(commit(repo))


def test_what_is_staged_counts_even_if_the_file_on_disk_is_clean(repo: Repo) -> None:
    value = github_token()
    repo.stage({"app.py": f"x = '{value}'\n"})
    repo.write("app.py", "x = 1\n")
    assert_blocked(commit(repo), value, "app.py:1:6")


def test_an_old_secret_in_a_changed_file_does_not_block(repo: Repo) -> None:
    old = f"x = '{github_token()}'\n"
    repo.commit({"app.py": old})
    repo.stage({"app.py": "# a comment above\n" + old + "y = 1\n"})
    assert_passed(commit(repo))


def test_renaming_a_file_with_an_old_secret_passes_and_a_new_secret_in_it_does_not(repo: Repo) -> None:
    old = "".join(f"line {number}\n" for number in range(30)) + f"x = '{github_token()}'\n"
    repo.commit({"old.py": old})
    repo.git("mv", "old.py", "new.py")
    assert_passed(commit(repo))
    value = github_token()
    repo.git("mv", "new.py", "newer.py")
    repo.stage({"newer.py": old + f"y = '{value}'\n"})
    assert_blocked(commit(repo), value, "newer.py:32:6")


def test_deleting_a_file_with_a_secret_passes(repo: Repo) -> None:
    repo.commit({"app.py": f"x = '{github_token()}'\n"})
    repo.git("rm", "-q", "app.py")
    assert_passed(commit(repo))


def test_a_path_with_a_space_and_a_line_break(repo: Repo) -> None:
    value = github_token()
    repo.stage({"a dir/x\ny.py": f"x = '{value}'\n"})
    assert_blocked(commit(repo), value, "a dir/x\\ny.py:1:6")


def test_a_path_that_looks_like_an_option(repo: Repo) -> None:
    value = github_token()
    repo.stage({"--push": f"x = '{value}'\n"})
    assert_blocked(commit(repo), value, "--push:1:6")


def test_commit_a_and_commit_of_one_path(repo: Repo) -> None:
    value = github_token()
    repo.commit({"app.py": "x = 1\n", "other.py": "z = 1\n"})
    repo.write("app.py", f"x = '{value}'\n")
    repo.write("other.py", "z = 2\n")
    assert_blocked(commit(repo, "-a"), value, "app.py:1:6")
    assert_blocked(commit(repo, "--", "app.py"), value, "app.py:1:6")
    repo.git("add", "app.py")
    assert_passed(commit(repo, "--", "other.py"))  # the staged secret is not part of this commit


def test_no_verify_is_the_way_around(repo: Repo) -> None:
    repo.stage({"app.py": f"x = '{github_token()}'\n"})
    assert_passed(commit(repo, "--no-verify"))


def test_a_linked_work_tree(repo: Repo) -> None:
    repo.git("worktree", "add", "-q", "../linked tree", "-b", "other")
    linked = Repo(repo.path.parent / "linked tree")
    value = github_token()
    linked.stage({"app.py": f"x = '{value}'\n"})
    assert_blocked(commit(linked), value, "app.py:1:6")
    linked.stage({"app.py": "x = 1\n"})
    assert_passed(commit(linked))


def test_a_submodule_bump_passes(repo: Repo, tmp_path: Path) -> None:
    library = Repo.create(tmp_path / "library")
    library.commit({"lib.py": f"x = '{github_token()}'\n"})
    repo.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(library.path), "lib")
    assert_passed(commit(repo))
    inner = Repo(repo.path / "lib")
    inner.commit({"lib.py": f"x = '{github_token()}'\n"})
    repo.git("add", "lib")
    assert_passed(commit(repo))


# --- merges -------------------------------------------------------------------------------------


@pytest.fixture
def merging(repo: Repo) -> Repo:
    """A merge that stopped at a conflict in `app.py`; both sides have secrets of their own."""
    repo.commit({"app.py": "x = 1\n", "kept.py": f"k = '{github_token()}'\n"})
    repo.git("checkout", "-q", "-b", "side")
    repo.commit({"app.py": f"x = 2\ns = '{github_token()}'\n", "side.py": f"s = '{github_token()}'\n"})
    repo.git("checkout", "-q", "main")
    repo.commit({"app.py": f"x = 3\nm = '{github_token()}'\n"})
    assert repo.try_git("merge", "side").code == 1
    return repo


def test_what_a_merged_branch_brings_was_checked_there(merging: Repo) -> None:
    side, main = (merging.git("show", f"{commit}:app.py") for commit in ("side", "main"))
    merging.stage(
        {"app.py": "x = 4\n" + side.splitlines(keepends=True)[1] + main.splitlines(keepends=True)[1]}
    )
    assert_passed(commit(merging))


@pytest.mark.parametrize("chosen", ["main", "side"])
def test_a_conflict_that_ends_as_one_side_had_it_passes(merging: Repo, chosen: str) -> None:
    merging.stage({"app.py": merging.git("show", f"{chosen}:app.py")})
    assert_passed(commit(merging))


def test_a_secret_that_the_resolution_adds_blocks(merging: Repo) -> None:
    value = github_token()
    merging.stage({"app.py": f"x = '{value}'\n"})
    assert_blocked(commit(merging), value, "app.py:1:6")


# --- pushes -------------------------------------------------------------------------------------


@pytest.fixture
def remote(repo: Repo, tmp_path: Path) -> Repo:
    """The repository that `repo` knows as origin, with its first commit."""
    bare = Repo.create(tmp_path / "origin.git", "--bare")
    repo.git("remote", "add", "origin", str(bare.path))
    repo.git("push", "-q", "--no-verify", "-u", "origin", "main")
    return bare


def test_a_push_is_blocked_even_if_the_secret_was_removed_later(repo: Repo, remote: Repo) -> None:
    value = github_token()
    repo.commit({"app.py": f"x = '{value}'\n"})
    repo.commit({"app.py": "x = 1\n"})
    outcome = repo.try_git("push", "origin", "main")
    assert_blocked(outcome, value, "app.py:1:6")
    assert remote.git("rev-parse", "main").strip() != repo.head


def test_a_clean_push_passes_whatever_the_remote_has_already(repo: Repo, remote: Repo) -> None:
    repo.commit({"old.py": f"x = '{github_token()}'\n"})
    repo.git("push", "-q", "--no-verify", "origin", "main")
    repo.commit({"app.py": "x = 1\n"})
    assert_passed(repo.try_git("push", "origin", "main"))
    repo.git("checkout", "-q", "-b", "topic")
    repo.commit({"app.py": "x = 2\n"})
    assert_passed(repo.try_git("push", "origin", "topic"))


def test_an_old_secret_in_a_file_that_the_push_touches_does_not_block(repo: Repo, remote: Repo) -> None:
    old = f"x = '{github_token()}'\n"
    repo.commit({"app.py": old, "moved.py": old + "pass\n" * 30})
    repo.git("push", "-q", "--no-verify", "origin", "main")
    repo.git("mv", "moved.py", "elsewhere.py")
    repo.commit({"app.py": "# above\n" + old, "elsewhere.py": old + "pass\n" * 31})
    repo.commit({"app.py": "# above\n# again\n" + old})
    assert_passed(repo.try_git("push", "origin", "main"))


def test_a_new_branch_is_checked_from_where_it_leaves_the_remote(repo: Repo, remote: Repo) -> None:
    value = github_token()
    repo.git("checkout", "-q", "-b", "topic")
    repo.commit({"app.py": f"x = '{value}'\n"})
    assert_blocked(repo.try_git("push", "origin", "topic"), value, "app.py:1:6")


def test_the_whole_branch_is_checked_for_an_empty_remote(repo: Repo, tmp_path: Path) -> None:
    value = github_token()
    repo.commit({"app.py": f"x = '{value}'\n"})
    Repo.create(tmp_path / "empty.git", "--bare")
    repo.git("remote", "add", "fresh", str(tmp_path / "empty.git"))
    assert_blocked(repo.try_git("push", "fresh", "main"), value, "app.py:1:6")


def test_deleting_a_remote_branch_passes(repo: Repo, remote: Repo) -> None:
    repo.commit({"app.py": f"x = '{github_token()}'\n"})
    repo.git("push", "-q", "--no-verify", "origin", "main:doomed")
    assert_passed(repo.try_git("push", "origin", ":doomed"))
