"""A plan is carried out on real repositories: what must go is gone, and nothing else has moved."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from secopskit.errors import RefusedError
from secopskit.git.repository import Repository
from secopskit.purge.journal import PurgeNotebook
from secopskit.purge.model import Drop
from secopskit.purge.swap.apply import apply_plan
from support.cli import home, run
from support.history import opened
from support.purges import Acting, assert_whole, everything, files_with, planned, purge, refs
from support.repos import Repo
from support.values import alnum


@pytest.fixture(autouse=True, params=["", "first", "last"])
def _marked(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """What one commit reaches is known early: the first, which mostly stays, or the last, which does not."""
    monkeypatch.setenv("HOME", str(home()))

    def mark(repository: Repository) -> tuple[str, ...]:
        line = repository.run("rev-list", "--first-parent", "HEAD").decode().split()
        return (line[-1 if request.param == "first" else 0],)

    if request.param:
        monkeypatch.setattr("secopskit.purge.plan.marks_in", mark)


@pytest.fixture
def value() -> str:
    return alnum(32)


def _simple(path: Path, value: str, *options: str) -> Repo:
    repo = Repo.create(path, *options)
    repo.commit({"a": "a\n", "b": "b\n"})
    repo.commit({".env": f"KEY={value}\n"})
    repo.commit({"a": "aa\n"})
    return repo


def test_all_that_a_repository_has(tmp_path: Path, value: str) -> None:
    repo = everything(tmp_path / "repo", value)
    linked = Repo(tmp_path / "linked")
    repo.git("worktree", "add", "-q", "--detach", str(linked.path))
    repo.git("gc", "-q")
    repo.git("commit-graph", "write", "--reachable", "--changed-paths")
    repo.stage({"b": "staged\n"})
    repo.write("a", "not staged\n")
    repo.write("new", "untracked\n")
    before = refs(repo)
    outcome = purge(repo, value)
    assert outcome.proof.holds, outcome.proof.leftovers
    assert_whole(repo)
    after = refs(repo)
    assert after["refs/heads/old"] == before["refs/heads/old"]
    assert not set(after) & {f"refs/heads/feature-{value}"}
    assert after["HEAD"] == outcome.commits[before["HEAD"]]
    assert (repo.path / ".env").read_text() == "KEY=***REMOVED***\n"
    assert (linked.path / ".env").read_text() == "KEY=***REMOVED***\n"
    assert linked.git("status", "--porcelain") == ""
    assert repo.git("status", "--porcelain") == " M a\nM  b\n?? new\n"
    assert (repo.path / "a").read_text() == "not staged\n"
    stash = [line.split(": ", 1)[1] for line in repo.git("stash", "list").splitlines()]
    assert stash == [f"On main: entry {number} ***REMOVED***" for number in (2, 1, 0)]
    for number in range(3):
        assert repo.git("show", f"stash@{{{2 - number}}}:c") == f"stash {number}\n"
    assert repo.git("remote", "get-url", "origin") == "https://user:***REMOVED***@example.org/x\n"
    assert repo.git("reflog", "HEAD") == ""
    assert repo.try_git("commit-graph", "verify").code == 0
    assert (repo.path / ".git/objects/info/commit-graph").is_file()
    for old in outcome.gone:
        assert repo.try_git("cat-file", "-e", old).code != 0
        # Only the record of the purge, which a rollback goes by, still tells the old ids.
        assert set(files_with(repo.path / ".git", old)) <= {"secops/purge/last.json"}
    assert files_with(repo.path, value) == []


def test_a_bare_repository(tmp_path: Path, value: str) -> None:
    mirror = _simple(tmp_path / "repo", value).clone(tmp_path / "mirror", "--mirror")
    outcome = purge(mirror, value)
    assert outcome.proof.holds
    assert mirror.git("show", "HEAD:.env") == "KEY=***REMOVED***\n"
    assert_whole(mirror)


def test_sha256(tmp_path: Path, value: str) -> None:
    repo = _simple(tmp_path / "repo", value, "--object-format=sha256")
    outcome = purge(repo, value)
    assert outcome.proof.holds
    assert repo.git("show", "HEAD:.env") == "KEY=***REMOVED***\n"
    assert_whole(repo)


def test_nothing_of_the_history_has_to_change(tmp_path: Path, value: str) -> None:
    """A value in the configuration alone: no object is touched."""
    repo = _simple(tmp_path / "repo", alnum(20))
    repo.git("remote", "add", "origin", f"https://user:{value}@example.org/x")
    before, objects = refs(repo), sorted((repo.path / ".git/objects").rglob("*"))
    outcome = purge(repo, value)
    assert outcome.proof.holds
    assert refs(repo) == before
    assert sorted((repo.path / ".git/objects").rglob("*")) == objects
    assert files_with(repo.path, value) == []


def test_what_nothing_refers_to(tmp_path: Path, value: str) -> None:
    repo = _simple(tmp_path / "repo", alnum(20))
    dangling = repo.git("hash-object", "-w", "--stdin", stdin=value.encode()).strip()
    before = refs(repo)
    assert purge(repo, value).proof.holds
    assert repo.try_git("cat-file", "-e", dangling).code != 0
    assert refs(repo) == before
    assert_whole(repo)


def test_a_dropped_file(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path / "repo")
    repo.commit({"secret.key": "one\n", "a": "a\n"})
    repo.commit({"secret.key": "two\n"})
    blob = repo.git("rev-parse", "HEAD:secret.key").strip()
    purge(repo, drops=[Drop(path="secret.key")])
    assert repo.try_git("cat-file", "-e", blob).code != 0
    assert not (repo.path / "secret.key").exists()
    assert repo.git("status", "--porcelain") == ""
    assert_whole(repo)


def test_packs_that_are_to_be_kept(tmp_path: Path, value: str) -> None:
    repo = _simple(tmp_path / "repo", value)
    repo.git("repack", "-q", "-a", "-d")
    for pack in (repo.path / ".git/objects/pack").glob("*.pack"):
        pack.with_suffix(".keep").touch()
    repo.commit({"c": "c\n"})
    repo.git("repack", "-q", "-d")
    repo.git("multi-pack-index", "write")
    assert purge(repo, value).proof.holds
    names = {path.suffix for path in (repo.path / ".git/objects/pack").iterdir()}
    assert ".keep" not in names
    assert (repo.path / ".git/objects/pack/multi-pack-index").exists()
    assert repo.try_git("multi-pack-index", "verify").code == 0
    assert_whole(repo)


def test_a_sparse_checkout(tmp_path: Path, value: str) -> None:
    repo = Repo.create(tmp_path / "repo")
    repo.commit({"in/a": "a\n", "out/.env": f"KEY={value}\n", "in/.env": f"KEY={value}\n"})
    repo.git("sparse-checkout", "set", "in")
    assert not (repo.path / "out").exists()
    assert purge(repo, value).proof.holds
    assert not (repo.path / "out").exists()
    assert (repo.path / "in/.env").read_text() == "KEY=***REMOVED***\n"
    assert repo.git("status", "--porcelain") == ""


def test_line_ends_of_the_work_tree(tmp_path: Path, value: str) -> None:
    repo = Repo.create(tmp_path / "repo")
    repo.git("config", "core.autocrlf", "true")
    repo.commit({".env": f"KEY={value}\r\nX=1\r\n"})
    assert purge(repo, value).proof.holds
    assert (repo.path / ".env").read_bytes() == b"KEY=***REMOVED***\r\nX=1\r\n"
    assert repo.git("status", "--porcelain") == ""


def test_a_branch_whose_name_holds_the_value_is_checked_out(tmp_path: Path, value: str) -> None:
    repo = _simple(tmp_path / "repo", alnum(20))
    repo.git("checkout", "-q", "-b", f"fix-{value}")
    repo.git("config", f"branch.fix-{value}.description", "words")
    head = repo.head
    outcome = purge(repo, value)
    assert outcome.proof.holds, outcome.proof.leftovers
    branch = repo.git("symbolic-ref", "--short", "HEAD").strip()
    assert value not in branch
    assert repo.head == head
    assert repo.git("config", f"branch.{branch}.description") == "words\n"


def test_borrowed_objects_stay_borrowed(tmp_path: Path, value: str) -> None:
    origin = Repo.create(tmp_path / "origin")
    origin.commit({"big": "x" * 1000, "a": "a\n"})
    borrowed = origin.git("rev-parse", "HEAD:big").strip()
    repo = Repo(tmp_path / "repo")
    origin.git("clone", "-q", "--shared", str(origin.path), str(repo.path))
    repo.commit({".env": f"KEY={value}\n"})
    assert purge(repo, value).proof.holds
    packed = repo.git("verify-pack", "-v", *map(str, (repo.path / ".git/objects/pack").glob("*.idx")))
    assert borrowed not in packed
    assert repo.git("cat-file", "-p", borrowed) == "x" * 1000
    assert_whole(repo)


def test_what_git_remembers_besides(tmp_path: Path, value: str) -> None:
    repo = _simple(tmp_path / "repo", value)
    old = repo.head
    git = repo.path / ".git"
    (git / "ORIG_HEAD").write_text(old + "\n")
    (git / "FETCH_HEAD").write_text(f"{'1' * 40}\tnot-for-merge\tbranch 'x' of https://example.org\n")
    (git / "rr-cache/1234").mkdir(parents=True)
    (git / "rr-cache/1234/preimage").write_text(f"<<<\n{value}\n>>>\n")
    (git / "fast_import_crash_99").write_text(f"author {value}\n")
    (git / "description").write_text(f"The repository of {value}\n")
    outcome = purge(repo, value)
    assert outcome.proof.holds, outcome.proof.leftovers
    assert (git / "ORIG_HEAD").read_text() == outcome.commits[old] + "\n"
    assert not any((git / name).exists() for name in ("FETCH_HEAD", "rr-cache/1234", "fast_import_crash_99"))
    assert (git / "description").read_text() == "The repository of ***REMOVED***\n"


def test_a_conflict_that_was_resolved_is_forgotten(tmp_path: Path, value: str) -> None:
    """The index remembers the versions of a resolved conflict, and git wants to see them."""
    repo = Repo.create(tmp_path / "repo")
    repo.commit({"f": "base\n"})
    repo.git("checkout", "-q", "-b", "side")
    repo.commit({"f": f"{value}\n"})
    repo.git("checkout", "-q", "main")
    repo.commit({"f": "ours\n"})
    assert repo.try_git("merge", "-q", "side").code != 0
    repo.commit({"f": "both\n"}, "merge")
    repo.git("branch", "-D", "side")
    assert purge(repo, value).proof.holds
    assert_whole(repo)


def test_work_that_comes_in_between_is_not_lost(tmp_path: Path, value: str) -> None:
    repo = _simple(tmp_path / "repo", value)
    repo.git("branch", "clean", "HEAD~2")
    plan, made = planned(repo, value), list[str]()

    def commit(phase: str) -> None:
        if phase == "clean-up":
            tree = repo.git("rev-parse", "clean^{tree}").strip()
            made.append(repo.git("commit-tree", "-p", "clean", "-m", "in between", tree).strip())
            repo.git("update-ref", "refs/heads/clean", made[0])

    assert apply_plan(opened(repo), plan, backup=False, tell=Acting(commit)).proof.holds
    assert repo.git("rev-parse", "clean").strip() == made[0]
    assert_whole(repo)


def test_a_ref_that_moves_stops_everything(tmp_path: Path, value: str) -> None:
    repo = _simple(tmp_path / "repo", value)
    plan, seen = planned(repo, value), dict[str, str]()

    def move(phase: str) -> None:
        if phase == "pack":
            repo.git("update-ref", "refs/heads/main", "HEAD~1")
            seen.update(refs(repo))

    with pytest.raises(RefusedError, match="moved"):
        apply_plan(opened(repo), plan, backup=True, backup_dir=str(tmp_path / "backup"), tell=Acting(move))
    assert refs(repo) == seen
    assert os.listdir(repo.path / ".git/secops/purge") == ["lock"]
    assert not (tmp_path / "backup").exists()
    assert not [one for one in (repo.path / ".git").rglob("*.lock") if one.parent.name != "secops"]
    assert not list((repo.path / ".git/objects/pack").iterdir())


def test_two_purges_at_once(tmp_path: Path, value: str) -> None:
    repo = _simple(tmp_path / "repo", value)
    plan = planned(repo, value)
    notebook = PurgeNotebook.of(opened(repo))
    notebook.open()
    with notebook.held():
        with pytest.raises(RefusedError, match="another purge"):
            apply_plan(opened(repo), plan, backup=False)
        with pytest.raises(RefusedError, match="another purge"):
            planned(repo, value)
    assert apply_plan(opened(repo), plan, backup=False, wait=1).proof.holds


def test_the_state_is_for_its_owner_alone(tmp_path: Path, value: str) -> None:
    repo = everything(tmp_path / "repo", value)
    modes = dict[str, int]()

    def look(phase: str) -> None:
        top = repo.path / ".git/secops/purge"
        modes.update({str(path): stat.S_IMODE(path.stat().st_mode) for path in (top, *top.iterdir())})
        assert files_with(top, value) == [], phase

    old = os.umask(0o022)
    try:
        apply_plan(opened(repo), planned(repo, value), backup_dir=str(tmp_path / "backup"), tell=Acting(look))
    finally:
        os.umask(old)
    assert {mode & 0o077 for mode in modes.values()} == {0}, modes
    assert stat.S_IMODE((tmp_path / "backup").stat().st_mode) == 0o700


def test_a_detached_head_and_a_linked_branch(tmp_path: Path, value: str) -> None:
    repo, linked = _simple(tmp_path / "repo", value), Repo(tmp_path / "linked")
    repo.git("checkout", "-q", "--detach")
    repo.git("worktree", "add", "-q", str(linked.path), "main")
    only_here = linked.git("commit-tree", "-m", "mine", "HEAD~2^{tree}").strip()
    linked.git("update-ref", "refs/worktree/mine", only_here)
    old = repo.head
    outcome = purge(linked, value)
    assert outcome.proof.holds, outcome.proof.leftovers
    assert repo.head == linked.head == outcome.commits[old]
    assert linked.git("symbolic-ref", "HEAD") == "refs/heads/main\n"
    assert linked.git("rev-parse", "refs/worktree/mine").strip() == only_here
    for each in (repo, linked):
        assert each.git("status", "--porcelain") == ""
        assert_whole(each)


def test_a_submodule_and_what_is_around_it(tmp_path: Path, value: str) -> None:
    inner = _simple(tmp_path / "inner", value)
    outer = Repo.create(tmp_path / "outer")
    outer.commit({".env": f"KEY={value}\n"})
    outer.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", f"file://{inner.path}", "sub")
    outer.commit({})
    sub = Repo(outer.path / "sub")
    with pytest.raises(RefusedError, match="work tree of"):
        apply_plan(opened(sub), planned(sub, value))
    sub.git("update-ref", "-d", "refs/remotes/origin/main")
    assert purge(sub, value).proof.holds
    assert (sub.path / ".env").read_text() == "KEY=***REMOVED***\n"
    assert purge(outer, value).proof.holds
    assert outer.git("status", "--porcelain") == " M sub\n", "its commit has another id now"
    assert_whole(outer)


def test_grafts_follow(tmp_path: Path, value: str) -> None:
    repo = _simple(tmp_path / "repo", value)
    tree = repo.git("rev-parse", "HEAD~2^{tree}").strip()
    earlier = repo.git("commit-tree", "-m", "before the beginning", tree).strip()
    first = repo.git("rev-list", "--max-parents=0", "HEAD").strip()
    second = repo.git("rev-parse", "HEAD~1").strip()
    grafts = repo.path / ".git/info/grafts"
    grafts.write_text(f"{first} {earlier}\n{second} {first}\n")
    outcome = purge(repo, value)
    assert outcome.proof.holds
    assert grafts.read_text() == f"{first} {earlier}\n{outcome.commits[second]} {first}\n"
    assert repo.git("cat-file", "-t", earlier) == "commit\n"
    assert repo.try_git("fsck", "--full", "--strict").code == 0  # it says that grafts are deprecated


def test_tables_of_refs(tmp_path: Path, value: str) -> None:
    """Refs in the reftable format, where git knows it."""
    tried = run("git", "init", "-q", "--ref-format=reftable", str(tmp_path / "tried"), cwd=tmp_path)
    if tried.code != 0:
        pytest.skip("this git does not know reftable")
    repo = _simple(tmp_path / "repo", value, "--ref-format=reftable")
    for number in range(2):
        repo.write("a", f"{number}\n")
        repo.git("stash", "push", "-q", "-m", f"entry {number} {value}")
    assert purge(repo, value).proof.holds
    assert "entry 0 ***REMOVED***" in repo.git("stash", "list")
    assert_whole(repo)
