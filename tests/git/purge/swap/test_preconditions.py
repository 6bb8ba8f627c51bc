"""A purge that would be unsafe is refused, with the command that helps; afterwards all is as before."""

from __future__ import annotations

import errno
import os
import re
import shlex
import shutil
import stat
import sys
from collections.abc import Callable
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any, Self

import pytest

from secopskit.errors import GitError, RefusedError, SecopsError
from secopskit.git.repository import Repository
from secopskit.purge.model import Drop
from secopskit.purge.swap import backup, preconditions
from secopskit.purge.swap.apply import apply_plan
from secopskit.purge.swap.rollback import rollback
from support.cli import home
from support.history import opened
from support.purges import assert_whole, planned, purge, refs
from support.repos import Repo
from support.values import alnum


@pytest.fixture(autouse=True)
def _own_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(home()))


@pytest.fixture
def value() -> str:
    return alnum(32)


@pytest.fixture
def repo(tmp_path: Path, value: str) -> Repo:
    made = Repo.create(tmp_path / "repo")
    made.commit({"a": "a\n", "b": "b\n"})
    made.commit({".env": f"KEY={value}\nX=1\n"})
    return made


def _refused(repo: Repo, value: str, words: str, advice: str, **more: Any) -> None:
    before = refs(repo)
    with pytest.raises(RefusedError, match=words) as caught:
        purge(repo, value, **more)
    assert advice in caught.value.advice
    assert value not in f"{caught.value} {caught.value.advice}"
    assert refs(repo) == before


def test_a_shallow_clone(repo: Repo, tmp_path: Path, value: str) -> None:
    clone = repo.clone(tmp_path / "clone", "--depth=1")
    _refused(clone, value, "shallow", "git fetch --unshallow")


def test_a_partial_clone(repo: Repo, tmp_path: Path, value: str) -> None:
    repo.git("config", "uploadpack.allowFilter", "true")
    clone = repo.clone(tmp_path / "clone", "--filter=blob:none")
    _refused(clone, value, "partial", "without --filter")


def _merging(repo: Repo) -> None:
    repo.git("checkout", "-q", "-b", "side", "HEAD~1")
    repo.commit({"a": "theirs\n"})
    repo.git("checkout", "-q", "main")
    repo.commit({"a": "ours\n"})
    assert repo.try_git("merge", "side").code != 0


def _rebasing(repo: Repo) -> None:
    _merging(repo)
    repo.git("merge", "--abort")
    assert repo.try_git("rebase", "side").code != 0


def _picking(repo: Repo) -> None:
    _merging(repo)
    repo.git("merge", "--abort")
    assert repo.try_git("cherry-pick", "side").code != 0


def _bisecting(repo: Repo) -> None:
    repo.git("bisect", "start")


@pytest.mark.parametrize(
    ("begin", "way_out"),
    [
        (_merging, "git merge --abort"),
        (_rebasing, "git rebase --abort"),
        (_picking, "git cherry-pick --abort"),
        (_bisecting, "git bisect reset"),
    ],
)
def test_something_is_under_way(repo: Repo, value: str, begin: Callable[[Repo], None], way_out: str) -> None:
    begin(repo)
    _refused(repo, value, "under way", way_out)


def test_a_rebase_in_a_linked_work_tree(repo: Repo, tmp_path: Path, value: str) -> None:
    linked = Repo(tmp_path / "linked")
    repo.git("worktree", "add", "-q", str(linked.path))
    _merging(linked) if linked.try_git("checkout", "-q", "main").code == 0 else _bisecting(linked)
    _refused(repo, value, "a linked work tree .* under way", "git bisect reset")


def test_the_path_of_a_linked_work_tree_may_hold_the_value(repo: Repo, tmp_path: Path, value: str) -> None:
    linked = Repo(tmp_path / f"linked-{value}")
    repo.git("worktree", "add", "-q", "--detach", str(linked.path))
    linked.git("bisect", "start")
    _refused(repo, value, "under way", "git bisect reset")
    linked.git("bisect", "reset")
    linked.write("a", "changed\n")
    _refused(repo, value, "linked-REMOVED: this linked work tree has changes", "linked-REMOVED stash")
    linked.git("checkout", "-q", "a")
    shutil.rmtree(linked.path)
    _refused(repo, value, "linked-REMOVED: this work tree is gone", "git worktree prune")


def test_a_main_work_tree_that_is_not_looked_into(repo: Repo, tmp_path: Path, value: str) -> None:
    outside = tmp_path / f"outside-{value}"
    outside.mkdir()
    repo.git("config", "core.worktree", str(outside))
    _refused(repo, value, "core.worktree names another directory", "--unset core.worktree")
    repo.git("config", "--unset", "core.worktree")
    assert purge(repo, value).proof.holds


def test_a_git_directory_apart_is_purged_from_its_main_work_tree(tmp_path: Path, value: str) -> None:
    main = Repo.create(tmp_path / "main", "--separate-git-dir", str(tmp_path / "apart"))
    main.commit({".env": f"KEY={value}\n"})
    main.git("worktree", "add", "-q", "--detach", str(tmp_path / "linked"))
    for place in (tmp_path / "linked", tmp_path / "apart"):
        _refused(Repo(place), value, "where the main work tree", "Run this there")
    assert purge(main, value, backup_dir=tmp_path / "backup").proof.holds
    with pytest.raises(RefusedError, match="where the main work tree"):
        rollback(opened(Repo(tmp_path / "linked")))
    rollback(opened(main))
    assert (main.path / ".env").read_text() == f"KEY={value}\n"
    assert main.git("status", "--porcelain") == ""


def test_changes_of_a_file_that_has_to_change(repo: Repo, value: str) -> None:
    repo.write(".env", f"KEY={value}\nX=2\n")
    _refused(repo, value, r"\.env: has to change", "rm --cached -- .env")
    repo.git("add", ".env")
    _refused(repo, value, "is staged", "reset")
    assert (repo.path / ".env").read_text() == f"KEY={value}\nX=2\n"


def test_staged_changes_without_the_value(repo: Repo, value: str) -> None:
    repo.stage({".env": "X=2\n"})
    _refused(repo, value, r"\.env: has to change", "rm --cached -- .env")


@pytest.mark.parametrize("name", [".env", ".env.production", "odoo.conf"])
def test_new_values_are_not_brought_into_a_commit(tmp_path: Path, value: str, name: str) -> None:
    """After a rotation: the advice, followed, leaves the new value on the disk and out of git."""
    repo, new = Repo.create(tmp_path / "shop"), alnum(32)
    repo.commit({name: f"KEY={value}\n"})
    repo.commit({".gitignore": "odoo.conf\n"})
    repo.write(name, f"KEY={new}\n")
    with pytest.raises(RefusedError, match="not committed") as caught:
        purge(repo, value)
    assert "commit --" not in caught.value.advice
    stop, commit = re.findall(r"`git -C (?:\S+) ([^`]+)`", caught.value.advice)
    repo.git(*shlex.split(stop))
    repo.commit({".gitignore": f"{name}\n"})
    assert commit.startswith("commit -m ")
    assert purge(repo, value).proof.holds
    assert (repo.path / name).read_text() == f"KEY={new}\n"
    assert new not in repo.git("log", "--all", "--patch")


def test_of_other_files_the_changes_are_put_aside(repo: Repo, value: str) -> None:
    repo.commit({"app.py": f"KEY = '{value}'\n", ".env.example": f"KEY={value}\n"})
    for name in ("app.py", ".env.example"):
        repo.write(name, f"KEY = '{alnum(32)}'\n")
    words = r"\.env\.example \(and 1 more\): has to change"
    _refused(repo, value, words, "stash push -- .env.example app.py`. Commit it only if no new value")
    _refused(
        repo, value, words, f"`secops scan {repo.path}/.env.example {repo.path}/app.py` must find nothing"
    )
    repo.git("stash", "push", "--", ".env.example", "app.py")
    assert purge(repo, value).proof.holds
    repo.git("stash", "pop")


def test_a_copy_that_is_only_staged(repo: Repo, value: str) -> None:
    repo.stage({"copy": (repo.path / ".env").read_bytes()})
    _refused(repo, value, "is staged", "reset")


def test_a_file_assumed_unchanged(repo: Repo, value: str) -> None:
    repo.git("update-index", "--assume-unchanged", ".env")
    repo.write(".env", "mine\n")
    _refused(repo, value, "assumed unchanged", "--no-assume-unchanged")
    assert (repo.path / ".env").read_text() == "mine\n"


def test_a_file_that_git_was_told_to_skip(repo: Repo, value: str) -> None:
    repo.git("update-index", "--skip-worktree", ".env")
    repo.write(".env", "mine\n")
    _refused(repo, value, "told to skip", "update-index --no-skip-worktree -- .env`")
    assert (repo.path / ".env").read_text() == "mine\n"
    repo.git("update-index", "--no-skip-worktree", ".env")
    _refused(repo, value, "not committed", "rm --cached -- .env")


def test_a_skipped_file_without_changes_is_purged(repo: Repo, value: str) -> None:
    repo.git("update-index", "--skip-worktree", ".env")
    assert purge(repo, value).proof.holds
    assert repo.git("ls-files", "-v", ".env") == "S .env\n"
    assert (repo.path / ".env").read_text() == "KEY=***REMOVED***\nX=1\n"


def test_a_file_that_a_sparse_checkout_leaves_out(repo: Repo, value: str) -> None:
    repo.git("sparse-checkout", "set", "--no-cone", "/a")
    assert purge(repo, value).proof.holds
    assert sorted(path.name for path in repo.path.iterdir()) == [".git", "a"]


# --- filters ----------------------------------------------------------------------------------


def _through_a_filter(repo: Repo, value: str) -> None:
    repo.commit({".gitattributes": "*.q filter=q\n"})
    repo.git("config", "filter.q.clean", "sed s/^X//")
    repo.git("config", "filter.q.smudge", "sed s/^/X/")
    repo.commit({"e.q": f"Xk={value}\n", "f.q": "Xother\n"})
    assert repo.git("show", "HEAD:e.q") == f"k={value}\n"


def test_what_a_filter_has_added_is_not_lost(repo: Repo, value: str, tmp_path: Path) -> None:
    """The file is as new as the index: without its filter it looks as if it were changed."""
    _through_a_filter(repo, value)
    linked = Repo(tmp_path / "linked")
    repo.git("worktree", "add", "-q", "--detach", str(linked.path))
    _refused(repo, value, "e.q: has to change, and differs .* filter q", "rm --cached -- e.q")
    _refused(repo, value, "filter q", "rm --cached -- e.q", drops=[Drop(path="e.q")])
    assert (repo.path / "e.q").read_text() == f"Xk={value}\n"
    linked.commit({"e.q": "Xk=placeholder\n"})
    repo.git("rm", "-q", "--cached", "e.q")
    repo.commit({}, "stop tracking it")
    (left,) = purge(repo, value).proof.leftovers
    assert left.name == "e.q"
    assert (repo.path / "e.q").read_text() == f"Xk={value}\n"
    for tree in (repo, linked):
        assert (tree.path / "f.q").read_text() == "Xother\n"
        assert tree.git("status", "--porcelain", "--untracked-files=no") == ""


def test_a_filter_by_attributes_of_the_user(
    repo: Repo, value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "own"))
    attributes = tmp_path / "own/git/attributes"
    attributes.parent.mkdir(parents=True)
    attributes.write_text("*.q filter=q\n")
    repo.git("config", "filter.q.clean", "sed s/^X//")
    repo.write("e.q", f"Xk={value}\n")
    repo.git("add", "e.q", env={"XDG_CONFIG_HOME": str(tmp_path / "own")})
    repo.commit({})
    assert repo.git("show", "HEAD:e.q") == f"k={value}\n"
    _refused(repo, value, "filter q", "rm --cached -- e.q")


def test_a_filter_that_has_changed_nothing_is_in_nobodys_way(repo: Repo, value: str) -> None:
    _through_a_filter(repo, value)
    repo.stage({"e.q": f"k={value}\n"})
    assert purge(repo, value).proof.holds
    assert (repo.path / "e.q").read_text() == "k=***REMOVED***\n"


def test_a_name_with_the_value_is_not_shown(tmp_path: Path, value: str) -> None:
    repo = Repo.create(tmp_path / "named")
    repo.commit({f"file-{value}": "a\n"})
    repo.write(f"file-{value}", "b\n")
    _refused(repo, value, "file-.*: has to change", "stash push")


def test_an_untracked_file_in_the_way(tmp_path: Path, value: str) -> None:
    """Only git knows, when it is asked just before the swap."""
    repo = Repo.create(tmp_path / "named")
    repo.commit({f"file-{value}": "a\n"})
    plan = planned(repo, value)
    repo.write("file-REMOVED", "mine\n")
    before = refs(repo)
    with pytest.raises(RefusedError, match="in their way"):
        apply_plan(opened(repo), plan, backup=False)
    assert refs(repo) == before
    assert (repo.path / "file-REMOVED").read_text() == "mine\n"


def test_linked_work_trees(repo: Repo, tmp_path: Path, value: str) -> None:
    linked = Repo(tmp_path / "linked")
    repo.git("worktree", "add", "-q", "-b", "linked", str(linked.path))
    linked.write("a", "changed\n")
    _refused(repo, value, "linked work tree has changes", f"git -C {linked.path} stash")
    linked.git("checkout", "-q", "--detach", "HEAD~1")  # there is nothing to be changed for this one
    assert purge(repo, value).proof.holds
    assert (linked.path / "a").read_text() == "changed\n"


def test_a_linked_work_tree_that_is_gone(repo: Repo, tmp_path: Path, value: str) -> None:
    repo.git("worktree", "add", "-q", "--detach", str(tmp_path / "linked"))
    shutil.rmtree(tmp_path / "linked")
    _refused(repo, value, "gone", "git worktree prune")
    repo.git("worktree", "prune")
    assert purge(repo, value).proof.holds


def test_borrowed_values(repo: Repo, tmp_path: Path, value: str) -> None:
    clone = Repo(tmp_path / "clone")
    repo.git("clone", "-q", "--shared", str(repo.path), str(clone.path))
    _refused(clone, value, "borrowed", "git repack -a -d")
    clone.git("repack", "-a", "-d", "-q")
    (clone.path / ".git/objects/info/alternates").unlink()
    shutil.rmtree(clone.path / ".git/refs/remotes", ignore_errors=True)
    assert purge(clone, value).proof.holds


def test_git_is_at_work_on_the_index(repo: Repo, value: str) -> None:
    (repo.path / ".git/index.lock").touch()
    _refused(repo, value, "index.lock", "index.lock")
    assert (repo.path / ".git/index.lock").exists(), "it is not ours"


def test_git_is_too_old(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Repository, "run", lambda *_words: b"git version 2.30.9\n")
    with pytest.raises(GitError, match="too old") as caught:
        preconditions.check_repository(opened(repo))
    assert "2.31" in caught.value.advice


def test_a_read_only_repository(repo: Repo, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Modes stop nobody who is root, so the system's answer is made up."""
    real = os.open

    def refuse(path: Any, flags: int, *more: Any, **options: Any) -> int:
        if flags & os.O_CREAT and str(path).startswith(str(repo.path)):
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), path)
        return real(path, flags, *more, **options)

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(SecopsError, match="Read-only"):
        purge(repo, value)


def test_too_little_room(repo: Repo, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(repo.path)._replace(free=1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage)
    _refused(repo, value, "MB are free", "Make room")


def test_state_that_leads_elsewhere(repo: Repo, tmp_path: Path, value: str) -> None:
    (tmp_path / "elsewhere").mkdir()
    (repo.path / ".git/secops").symlink_to(tmp_path / "elsewhere")
    _refused(repo, value, "leads elsewhere", "Remove it")
    assert not list((tmp_path / "elsewhere").rglob("*"))


# --- the backup -------------------------------------------------------------------------------


@pytest.mark.parametrize("linked", [True, False])
def test_a_backup_is_the_whole_repository(
    repo: Repo, tmp_path: Path, linked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(_old: str, _new: str) -> None:
        raise OSError(errno.EXDEV, "another file system")

    if not linked:
        monkeypatch.setattr(os, "link", no_links)
    repo.git("gc", "-q")
    repo.stage({"staged": "x\n"})
    made = backup.make_backup(opened(repo), str(tmp_path / "a b"))
    monkeypatch.undo()
    copy = Repo(tmp_path / "a b/repository.git")
    copy.git("config", "core.bare", "true")
    assert {name: oid for name, oid in refs(copy).items() if name != "HEAD"}.items() <= refs(repo).items()
    assert made.refs == len(refs(repo)) - 1
    assert_whole(copy)
    assert stat.S_IMODE((tmp_path / "a b").stat().st_mode) == 0o700
    assert made.destroy == f"rm -rf '{tmp_path}/a b'"
    pack = next((copy.path / "objects/pack").glob("*.pack"))
    assert (pack.stat().st_nlink > 1) is linked
    assert (copy.path / "config").stat().st_nlink == 1


def test_where_a_backup_may_be(repo: Repo, tmp_path: Path) -> None:
    here = opened(repo)
    assert Path(backup.choose_place(here)).parent == tmp_path
    for place in (repo.path / "backup", repo.path / ".git/backup"):
        with pytest.raises(RefusedError, match="inside the repository"):
            backup.choose_place(here, str(place))
    other = Repo.create(tmp_path / "other")
    with pytest.raises(RefusedError, match="work tree of"):
        backup.choose_place(here, str(other.path / "backup"))
    with pytest.raises(RefusedError, match="already there"):
        backup.choose_place(here, str(other.path))


def test_only_a_backup_of_ours_is_ever_removed(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/file").touch()
    backup.discard_backup(str(tmp_path / "mine"))
    assert (tmp_path / "mine/file").exists()


# --- a hostile repository ---------------------------------------------------------------------


@pytest.mark.skipif(sys.platform == "win32", reason="the canary is a shell script")
def test_nothing_of_the_repository_is_run(repo: Repo, tmp_path: Path, value: str) -> None:
    canary, trace = tmp_path / "canary", tmp_path / "trace"
    canary.write_text(f'#!/bin/sh\necho "$0 $*" >> "{trace}"\ncat\n')
    canary.chmod(0o755)
    repo.commit({".gitattributes": "* filter=evil diff=evil merge=evil\n"})
    repo.write("a", "changed\n")
    hooks = repo.path / ".git/hooks"
    names = ("post-index-change", "reference-transaction", "post-checkout", "pre-auto-gc", "post-rewrite")
    for name in names:
        shutil.copy(canary, hooks / name)
    for key in (
        "core.fsmonitor",
        "core.alternateRefsCommand",
        "diff.external",
        "diff.evil.textconv",
        "filter.evil.clean",
        "filter.evil.smudge",
        "filter.evil.process",
        "gpg.program",
    ):
        repo.git("config", key, str(canary))
    repo.git("config", "filter.evil.required", "true")
    trace.unlink(missing_ok=True)
    outcome = purge(repo, value, drops=[Drop(path="b")])
    assert not trace.exists(), trace.read_text()
    assert outcome.proof.holds, outcome.proof.leftovers
    assert (repo.path / ".env").read_text() == "KEY=***REMOVED***\nX=1\n"
    assert (repo.path / "a").read_text() == "changed\n"


class _StoppedClock(datetime):
    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Self:
        return cls(2026, 1, 2, 3, 4, 5, tzinfo=tz)


def test_backups_of_one_second_have_names_of_their_own(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backup, "datetime", _StoppedClock)
    places = list[str]()
    for _ in range(3):
        places.append(backup.default_place(opened(repo)))
        Path(places[-1]).mkdir()
    assert places[1:] == [f"{places[0]}-2", f"{places[0]}-3"]
