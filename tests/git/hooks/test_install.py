"""`secops hook install` and `uninstall`: where hooks go, what they keep, and what they refuse."""

from __future__ import annotations

import os
import shutil
import stat
import sys
from pathlib import Path

import pytest

from support import framework
from support.cli import Outcome, run
from support.forked import secops
from support.repos import Repo
from support.values import github_token

FORMER = b"secops"  # what the package and its module were called
FOREIGN = "#!/bin/sh\necho foreign ran: $#\nexit ${FOREIGN_CODE:-0}\n"


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo.create(tmp_path / "it's a repo")


def install(repo: Repo, *options: str) -> Outcome:
    return secops("hook", "install", *options, cwd=repo.path)


def uninstall(repo: Repo, *options: str) -> Outcome:
    return secops("hook", "uninstall", *options, cwd=repo.path)


def hook_files(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.iterdir() if path.suffix != ".sample"}


def foreign_hook(directory: Path, name: str = "pre-commit", content: str = FOREIGN) -> Path:
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / name
    path.write_text(content, encoding="utf-8")
    path.chmod(0o755)
    return path


def blocks(repo: Repo, **env: str) -> bool:
    """Whether a commit with a secret is stopped, by us and for that."""
    repo.stage({"app.py": f"x = '{github_token()}'\n"})
    outcome = repo.try_git("commit", "-m", "change", env=env)
    return outcome.code == 1 and "github-pat" in outcome.text


def test_install_and_uninstall_leave_nothing_behind(repo: Repo) -> None:
    hooks = repo.path / ".git/hooks"
    before = hook_files(hooks)
    outcome = install(repo, "--push")
    assert outcome.code == 0
    assert outcome.out.splitlines() == [f"write {hooks}/pre-commit", f"write {hooks}/pre-push"]
    assert set(hook_files(hooks)) == {"pre-commit", "pre-push"}
    assert stat.S_IMODE((hooks / "pre-commit").stat().st_mode) == 0o755
    assert blocks(repo)
    assert uninstall(repo).code == 0
    assert hook_files(hooks) == before
    assert "no hook of ours" in uninstall(repo).out


def test_installing_again_changes_nothing(repo: Repo) -> None:
    hooks = repo.path / ".git/hooks"
    foreign_hook(hooks)
    install(repo)
    before = hook_files(hooks)
    outcome = install(repo)
    assert outcome.code == 0
    assert "in place" in outcome.out
    assert hook_files(hooks) == before


def test_a_dry_run_says_it_and_does_nothing(repo: Repo) -> None:
    foreign_hook(repo.path / ".git/hooks")
    before = hook_files(repo.path / ".git/hooks")
    outcome = install(repo, "--dry-run")
    assert [line.split(" ")[:2] for line in outcome.out.splitlines()] == [
        ["would", "keep"],
        ["would", "write"],
    ]
    assert hook_files(repo.path / ".git/hooks") == before


def test_a_hook_that_is_there_runs_first_and_comes_back(repo: Repo) -> None:
    path = foreign_hook(repo.path / ".git/hooks")
    install(repo)
    repo.stage({"clean.py": "x = 1\n"})
    outcome = repo.try_git("commit", "-m", "change")
    assert outcome.code == 0
    assert "foreign ran: 0" in outcome.text
    assert blocks(repo)
    repo.stage({"app.py": "x = 1\n"})
    assert repo.try_git("commit", "-m", "change", env={"FOREIGN_CODE": "7"}).code == 1  # its refusal counts
    assert uninstall(repo).code == 0
    assert path.read_text(encoding="utf-8") == FOREIGN
    assert os.access(path, os.X_OK)
    assert set(hook_files(path.parent)) == {"pre-commit"}


def test_a_chained_pre_push_hook_hears_what_git_says(repo: Repo, tmp_path: Path) -> None:
    foreign_hook(repo.path / ".git/hooks", "pre-push", '#!/bin/sh\necho "args: $1"\nsed "s/^/heard: /"\n')
    install(repo, "--push")
    Repo.create(tmp_path / "bare.git", "--bare")
    repo.git("remote", "add", "origin", str(tmp_path / "bare.git"))
    repo.commit({"app.py": f"x = '{github_token()}'\n"})
    outcome = repo.try_git("push", "origin", "main")
    assert outcome.code == 1
    assert "args: origin" in outcome.text
    assert f"heard: refs/heads/main {repo.head} refs/heads/main" in outcome.text
    assert "github-pat" in outcome.text


def test_where_nobody_commits_no_commit_hook_is_written(repo: Repo, tmp_path: Path) -> None:
    repo.commit({"a": "1"})
    bare = Repo.create(tmp_path / "bare.git", "--bare")
    refused = secops("hook", "install", cwd=bare.path)
    assert refused.code == 5
    assert "secops hook pre-receive" in refused.err
    assert secops("hook", "install", "--reject-purged", cwd=bare.path).code == 0
    repo.git("clone", "--quiet", "--bare", str(repo.path), str(tmp_path / "shared.git"))
    shared = Repo(tmp_path / "shared.git")
    shared.git("worktree", "add", "--quiet", str(tmp_path / "linked"))
    assert secops("hook", "install", cwd=shared.path).code == 0, "its linked work trees have them"


def test_a_hook_that_is_a_link_stays_one(repo: Repo) -> None:
    script = foreign_hook(repo.path / "scripts", "check")
    link = repo.path / ".git/hooks/pre-commit"
    link.parent.mkdir(exist_ok=True)
    link.symlink_to("../../scripts/check")
    install(repo)
    assert not link.is_symlink()
    assert blocks(repo)
    uninstall(repo)
    assert link.is_symlink()
    assert script.read_text(encoding="utf-8") == FOREIGN


def test_a_foreign_hook_is_never_lost(repo: Repo) -> None:
    hooks = repo.path / ".git/hooks"
    foreign_hook(hooks)
    install(repo)
    other = FOREIGN.replace("foreign", "another")
    (hooks / "pre-commit").unlink()
    foreign_hook(hooks, content=other)  # somebody wrote over ours
    before = hook_files(hooks)
    outcome = install(repo)
    assert outcome.code == 5
    assert "would be lost" in outcome.err
    assert hook_files(hooks) == before
    assert "no hook of ours" in uninstall(repo).out
    assert hook_files(hooks) == before


def test_an_installation_that_was_cut_off_is_finished_by_the_next(repo: Repo) -> None:
    path = foreign_hook(repo.path / ".git/hooks")
    os.link(path, f"{path}.secops-chained")  # the first step, and then the power went
    assert install(repo).code == 0
    assert blocks(repo)
    uninstall(repo)
    assert hook_files(path.parent) == {"pre-commit": FOREIGN.encode()}


# --- where hooks are ----------------------------------------------------------------------------


def test_a_linked_work_tree_shares_the_hooks(repo: Repo) -> None:
    repo.commit({"readme.md": "hello\n"})
    repo.git("worktree", "add", "-q", "../linked tree", "-b", "other")
    linked = Repo(repo.path.parent / "linked tree")
    assert install(linked).code == 0
    assert "pre-commit" in hook_files(repo.path / ".git/hooks")
    assert blocks(linked)
    assert blocks(repo)


def test_from_a_directory_below(repo: Repo) -> None:
    repo.write("deep/down/x.txt", "x\n")
    assert secops("hook", "install", cwd=repo.path / "deep/down").code == 0
    assert blocks(repo)


def test_without_a_hooks_directory(repo: Repo) -> None:
    shutil.rmtree(repo.path / ".git/hooks", ignore_errors=True)
    assert install(repo).code == 0
    assert blocks(repo)


@pytest.mark.parametrize("how", ["absolute", "relative", "link"])
def test_a_hooks_path_that_others_use_is_refused_unless_named(repo: Repo, tmp_path: Path, how: str) -> None:
    shared = tmp_path / "shared hooks"
    shared.mkdir()
    if how == "link":
        shutil.rmtree(repo.path / ".git/hooks", ignore_errors=True)
        (repo.path / ".git/hooks").symlink_to(shared)
    else:
        repo.git("config", "core.hooksPath", str(shared) if how == "absolute" else "../shared hooks")
    outcome = install(repo)
    assert outcome.code == 5
    assert "other repositories" in outcome.err
    assert "--shared" in outcome.err
    assert hook_files(shared) == {}
    assert install(repo, "--shared").code == 0
    assert blocks(repo)
    assert uninstall(repo).code == 5
    assert uninstall(repo, "--shared").code == 0
    assert hook_files(shared) == {}


def test_a_hooks_path_in_the_work_tree_is_everybodys(repo: Repo) -> None:
    repo.git("config", "core.hooksPath", ".githooks")
    outcome = install(repo)
    assert outcome.code == 5
    assert "may be committed" in outcome.err
    assert install(repo, "--shared").code == 0
    assert (repo.path / ".githooks/pre-commit").exists()


def test_a_hooks_path_inside_the_git_directory_is_our_own(repo: Repo) -> None:
    repo.git("config", "core.hooksPath", str(repo.path / ".git/my hooks"))
    assert install(repo).code == 0
    assert (repo.path / ".git/my hooks/pre-commit").exists()
    assert blocks(repo)


# --- other managers -----------------------------------------------------------------------------


def test_under_the_framework_it_says_how_to_add_it_there(repo: Repo) -> None:
    framework.install(repo)
    before = hook_files(repo.path / ".git/hooks")
    outcome = install(repo)
    assert outcome.code == 5
    assert "secops-scan" in outcome.err
    assert hook_files(repo.path / ".git/hooks") == before


def test_under_husky_and_lefthook_too(repo: Repo) -> None:
    lefthook = foreign_hook(
        repo.path / ".git/hooks", content='#!/bin/sh\ncall_lefthook run "pre-commit" "$@"\n'
    )
    outcome = install(repo)
    assert outcome.code == 5
    assert "lefthook.yml" in outcome.err
    lefthook.unlink()
    repo.git("config", "core.hooksPath", ".husky/_")
    outcome = install(repo, "--shared")
    assert outcome.code == 5
    assert ".husky/pre-commit" in outcome.err


# --- the file -----------------------------------------------------------------------------------


def test_it_falls_back_to_path_and_says_when_there_is_nothing(repo: Repo, tmp_path: Path) -> None:
    install(repo)
    path = repo.path / ".git/hooks/pre-commit"
    path.write_text(
        path.read_text(encoding="utf-8").replace(sys.executable, "/nowhere/python"), encoding="utf-8"
    )
    repo.stage({"app.py": "x = 1\n"})
    outcome = repo.try_git("commit", "-m", "change", env={"PATH": "/usr/bin:/bin"})
    assert outcome.code == 1
    assert "/nowhere/python is gone" in outcome.text
    command = tmp_path / "bin/secopskit"
    command.parent.mkdir()
    foreign = command.with_name("secops")  # another project's command
    foreign.write_text("#!/bin/sh\necho foreign\n", encoding="utf-8")
    foreign.chmod(0o755)
    outcome = repo.try_git("commit", "-m", "change", env={"PATH": f"{foreign.parent}:/usr/bin:/bin"})
    assert (outcome.code, "foreign" in outcome.text) == (1, False)
    command.write_text('#!/bin/sh\necho "stood in: $*"\n', encoding="utf-8")
    command.chmod(0o755)
    outcome = repo.try_git("commit", "-m", "change", env={"PATH": f"{command.parent}:/usr/bin:/bin"})
    assert outcome.code == 0
    assert "stood in: hook run" in outcome.text


def before_the_renaming(path: Path) -> bytes:
    """Make the hook at `path` what it was when the package was called `secops`; returns that."""
    path.write_bytes(path.read_bytes().replace(b"secopskit", FORMER))
    return path.read_bytes()


def test_an_outdated_hook_stops_the_commit_is_recognised_and_is_renewed(repo: Repo, tmp_path: Path) -> None:
    hooks = repo.path / ".git/hooks"
    install(repo, "--push")
    current = hook_files(hooks)
    for name in ("pre-commit", "pre-push"):
        assert b" -m %b " % FORMER in before_the_renaming(hooks / name)
    another = tmp_path / "site/secops/__init__.py"  # another project's package of that name
    another.parent.mkdir(parents=True)
    another.write_text("", encoding="utf-8")
    repo.stage({"clean.py": "x = 1\n"})
    for path in ("", str(tmp_path / "site")):
        outcome = repo.try_git("commit", "-m", "change", env={"PYTHONPATH": path})
        assert (outcome.code, "No module named" in outcome.text) == (1, True)
    told = secops("hook", "status", cwd=repo.path)
    assert told.code == 1
    assert [line.split(None, 1)[0] for line in told.out.splitlines() if "but outdated" in line] == [
        "pre-commit",
        "pre-push",
    ]
    assert told.out.splitlines()[-1] == f"pre-receive  none  {hooks}/pre-receive"
    assert install(repo).out.splitlines() == [f"write {hooks}/pre-commit", f"write {hooks}/pre-push"]
    assert hook_files(hooks) == current
    assert secops("hook", "status", cwd=repo.path).code == 0
    assert "in place" in install(repo).out
    assert blocks(repo)


def test_renewing_keeps_the_purpose_and_what_is_foreign(repo: Repo) -> None:
    hooks = repo.path / ".git/hooks"
    install(repo, "--reject-purged")
    guard = hook_files(hooks)["pre-push"]
    before_the_renaming(hooks / "pre-push")
    install(repo)
    assert hook_files(hooks)["pre-push"] == guard
    install(repo, "--push")
    scan = hook_files(hooks)["pre-push"]
    before_the_renaming(hooks / "pre-push")
    install(repo, "--reject-purged")  # asks for less than what is there
    assert hook_files(hooks)["pre-push"] == scan
    theirs = foreign_hook(hooks, "pre-receive", "#!/bin/sh\nexec secops hook pre-receive\n")
    before = theirs.read_bytes()
    install(repo)
    assert theirs.read_bytes() == before
    assert "not ours" in secops("hook", "status", cwd=repo.path).out


def test_modules_of_the_repository_are_not_imported(repo: Repo) -> None:
    install(repo, "--push")
    for name in ("secopskit", "click", "re", "enum", "yaml", "hyperscan"):
        repo.write(f"{name}.py", f"open('imported-{name}', 'w')\n")
    assert blocks(repo)
    assert not list(repo.path.glob("imported-*"))


def test_a_push_check_needs_a_push(repo: Repo) -> None:
    assert (
        secops("hook", "run", "--push", "origin", "url", cwd=repo.path).code == 0
    )  # git had nothing to send
    assert secops("hook", "run", "--push", "origin", "url", cwd=repo.path, stdin=b"nonsense\n").code == 2


def test_outside_of_a_repository(tmp_path: Path) -> None:
    for command in ("install", "status", "uninstall"):
        outcome = run(sys.executable, "-m", "secopskit", "hook", command, cwd=tmp_path)
        assert outcome.code == 2
        assert "not a git repository" in outcome.err


@pytest.mark.skipif(os.name == "nt", reason="no such mode")
def test_a_hook_that_git_passes_over_is_told_and_made_to_run(repo: Repo) -> None:
    install(repo)
    hook = repo.path / ".git/hooks/pre-commit"
    hook.chmod(0o644)
    outcome = secops("hook", "status", cwd=repo.path)
    assert outcome.code == 1
    assert "not executable" in outcome.out
    assert "write" in install(repo).out
    assert os.access(hook, os.X_OK)
    assert secops("hook", "status", cwd=repo.path).code == 0
