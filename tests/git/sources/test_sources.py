"""Where content comes from: what each source reads, what it passes over, and that it says so."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from secopskit.findings import Blob, Skipped, SkipReason
from secopskit.git.repository import Repository
from secopskit.sources.content import read_file
from secopskit.sources.files import FilesSource, StdinSource
from secopskit.sources.interface import Source
from secopskit.sources.staged import StagedSource
from secopskit.sources.worktree import WorktreeSource, unopened
from support.cli import home
from support.forked import secops
from support.repos import Repo
from support.values import github_token

LIMIT = 1_000_000
posix_only = pytest.mark.skipif(os.name == "nt", reason="no such thing on Windows")
linux_only = pytest.mark.skipif(sys.platform != "linux", reason="the file system refuses such names")


@pytest.fixture(autouse=True)
def _own_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(home()))


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo.create(tmp_path / "repo")


def opened(repo: Repo | Path) -> Repository:
    found = Repository.open(str(repo.path if isinstance(repo, Repo) else repo))
    assert found is not None
    return found


def read(source: Source) -> tuple[dict[str, bytes], dict[str, SkipReason]]:
    """What a source gives: content by path, and reasons by path. No path comes twice."""
    blobs, skips = dict[str, bytes](), dict[str, SkipReason]()
    for item in source.blobs():
        assert item.path not in blobs
        assert item.path not in skips
        if isinstance(item, Blob):
            blobs[item.path] = item.data
        else:
            skips[item.path] = item.reason
    return blobs, skips


def worktree(repo: Repo, **options: bool | str) -> tuple[dict[str, bytes], dict[str, SkipReason]]:
    return read(WorktreeSource(opened(repo), limit=LIMIT, **options))  # type: ignore[arg-type]  # by name, as given


def files(names: Iterable[Path | str], root: Path) -> tuple[dict[str, bytes], dict[str, SkipReason]]:
    return read(FilesSource([str(name) for name in names], root=str(root), limit=LIMIT))


# --- the work tree ----------------------------------------------------------------------------


def test_a_work_tree_is_read_as_git_sees_it(repo: Repo) -> None:
    repo.commit(
        {".gitignore": ".env\nkept.env\n", "a.py": "1", "kept.env": "tracked although ignored", "gone": "x"}
    )
    repo.write(".env", "ignored")
    repo.write("new.py", "untracked")
    repo.write("a.py", "changed on disk")
    (repo.path / "gone").unlink()
    blobs, skips = worktree(repo)
    assert blobs.keys() == {".gitignore", "a.py", "kept.env", "new.py"}
    assert blobs["a.py"] == b"changed on disk"
    assert not skips


def test_a_directory_of_a_work_tree(repo: Repo) -> None:
    repo.commit({"sub/[a]*/x": "1", "sub/b/x": "2", "x": "3"})
    assert worktree(repo, directory="sub")[0].keys() == {"sub/[a]*/x", "sub/b/x"}
    assert worktree(repo, directory="sub/[a]*")[0].keys() == {"sub/[a]*/x"}


def test_a_conflicted_file_is_read_once(repo: Repo) -> None:
    repo.commit({"f": "base\n"})
    repo.git("checkout", "-q", "-b", "other")
    repo.commit({"f": "theirs\n"})
    repo.git("checkout", "-q", "main")
    repo.commit({"f": "ours\n"})
    assert repo.try_git("merge", "other").code != 0
    blobs, _ = worktree(repo)
    assert b"<<<<<<<" in blobs["f"]


def test_a_linked_work_tree_shares_its_state(repo: Repo, tmp_path: Path) -> None:
    repo.commit({"a": "1"})
    repo.git("worktree", "add", "-q", str(tmp_path / "linked"))
    linked = Repo(tmp_path / "linked")
    linked.write("b", "2")
    assert worktree(linked)[0].keys() == {"a", "b"}
    assert opened(linked).git_dir != opened(repo).git_dir
    assert opened(linked).state_dir == opened(repo).state_dir == str(repo.path / ".git" / "secops")


@posix_only
def test_a_repository_opened_through_a_link_into_it(repo: Repo, tmp_path: Path) -> None:
    repo.commit({"deep/er/a": "1"})
    (tmp_path / "link").symlink_to(repo.path / "deep" / "er")
    assert opened(tmp_path / "link").common_dir == opened(repo).common_dir


def test_names_that_lead_out_of_the_tree_are_not_followed(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As an index may hold that somebody has made by hand: git writes none of them."""
    repo.commit({"in/a": "1"})
    (tmp_path / "secret").write_text("outside")
    names = ("../secret", "in/../../secret", str(tmp_path / "secret"), "in/../in/a", "in/a")
    listing = b"\0".join(map(os.fsencode, names))
    run = Repository.run

    def told(self: Repository, *words: str, **others: Any) -> bytes:
        return listing if "--cached" in words else run(self, *words, **others)

    monkeypatch.setattr(Repository, "run", told)
    blobs, skips = worktree(repo)
    assert blobs.keys() == {"in/../in/a", "in/a"}
    assert skips == dict.fromkeys(names[:3], SkipReason.SYMLINK_ESCAPE)


def test_a_tree_reached_through_links_stays_inside(repo: Repo, tmp_path: Path) -> None:
    repo.commit({"real/deep/a": "1", "b": "2"})
    outside = tmp_path / "outside" / "deep"
    outside.mkdir(parents=True)
    (outside / "a").write_text("outside")
    shutil.rmtree(repo.path / "real")
    (repo.path / "real").symlink_to(tmp_path / "outside")
    blobs, skips = worktree(repo)
    assert blobs.keys() == {"b"}
    assert skips["real/deep/a"] is SkipReason.SYMLINK_ESCAPE
    (repo.path / "real").unlink()
    (repo.path / "kept" / "deep").mkdir(parents=True)
    (repo.path / "kept" / "deep" / "a").write_text("inside")
    (repo.path / "real").symlink_to("kept")
    assert worktree(repo)[0]["real/deep/a"] == b"inside"


@linux_only
def test_a_file_of_no_known_size_is_read_whole() -> None:
    read_here = read_file("/proc/self/limits", "limits", LIMIT)
    assert isinstance(read_here, Blob)
    assert read_here.data.count(b"\n") > 5


@linux_only
def test_a_repository_below_a_directory_with_a_newline(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path / "two\nlines")
    repo.commit({"a": "1"})
    found = opened(repo)
    assert found.root == str(repo.path)
    assert found.common_dir == str(repo.path / ".git")
    assert worktree(repo)[0] == {"a": b"1"}


def test_submodules_are_passed_over_unless_asked_for(repo: Repo, tmp_path: Path) -> None:
    inner = Repo.create(tmp_path / "inner")
    inner.commit({"x": "inside"})
    repo.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner.path), "mod")
    repo.commit({"a": "1"})
    blobs, skips = worktree(repo)
    assert "mod/x" not in blobs
    assert skips == {"mod": SkipReason.SUBMODULE}
    blobs, skips = worktree(repo, submodules=True)
    assert blobs["mod/x"] == b"inside"
    assert not skips
    repo.git("submodule", "--quiet", "deinit", "-f", "mod")
    assert worktree(repo, submodules=True)[1] == {"mod": SkipReason.SUBMODULE}


def test_a_nested_repository_is_passed_over(repo: Repo) -> None:
    Repo.create(repo.path / "nested").commit({"x": "1"})
    assert worktree(repo) == ({}, {"nested": SkipReason.SUBMODULE})


def test_a_sha256_repository(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path / "long", "--object-format=sha256")
    repo.commit({"a": "1"})
    repo.stage({"b": "2"})
    assert opened(repo).object_format == "sha256"
    assert worktree(repo)[0].keys() == {"a", "b"}
    assert read(StagedSource(opened(repo), limit=LIMIT))[0] == {"b": b"2"}


def test_a_bare_repository_has_no_work_tree(tmp_path: Path) -> None:
    bare = Repo.create(tmp_path / "bare", "--bare")
    found = opened(bare)
    assert found.work_tree is None
    assert found.root == str(bare.path)


def test_no_repository(tmp_path: Path) -> None:
    assert Repository.open(str(tmp_path)) is None


# --- content ----------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_is_read_as_text(repo: Repo, encoding: str) -> None:
    mark = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}[encoding]
    repo.write("w.ps1", mark + "one\r\ntwo äö\n".encode(encoding))
    repo.write("broken", mark + "\ud800\0".encode(encoding, "surrogatepass"))
    blobs, skips = worktree(repo)
    assert blobs == {"w.ps1": "one\r\ntwo äö\n".encode()}
    assert skips == {"broken": SkipReason.BINARY}


def test_binary_large_and_long(repo: Repo) -> None:
    repo.write("picture", b"\x89PNG\0\0")
    repo.write("late", b"x" * 8000 + b"\0")
    repo.write("large", b"x" * (LIMIT + 1))
    repo.write("fits", b"x" * LIMIT)
    repo.write("empty", b"")
    blobs, skips = worktree(repo)
    assert {path: len(data) for path, data in blobs.items()} == {
        "late": 8001,
        "large": LIMIT + 1,
        "fits": LIMIT,
        "empty": 0,
    }
    assert skips == {"picture": SkipReason.BINARY}


@posix_only
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_file_is_told(repo: Repo) -> None:
    repo.write("locked", "x").chmod(0)
    assert worktree(repo)[1] == {"locked": SkipReason.UNREADABLE}
    assert files([repo.path / "locked"], repo.path)[1] == {"locked": SkipReason.UNREADABLE}


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert files([tmp_path / "none"], tmp_path)[1] == {"none": SkipReason.UNREADABLE}


@posix_only
def test_links_and_fifos_are_neither_followed_nor_waited_for(repo: Repo, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "passwd").write_text("canary")
    repo.commit({"dir/passwd": "mine", "target": "inside"})
    os.mkfifo(repo.path / "fifo")
    (repo.path / "loop").symlink_to("loop")
    (repo.path / "out").symlink_to(tmp_path / "outside" / "passwd")
    (repo.path / "in").symlink_to("target")
    (repo.path / "dir" / "passwd").unlink()
    (repo.path / "dir").rmdir()
    (repo.path / "dir").symlink_to(tmp_path / "outside")
    blobs, skips = worktree(repo)
    assert blobs == {"target": b"inside"}
    # git does not list a FIFO that is not tracked; `dir/passwd` is tracked, `dir` is not.
    assert skips == {
        "loop": SkipReason.NOT_REGULAR,
        "out": SkipReason.SYMLINK_ESCAPE,
        "in": SkipReason.NOT_REGULAR,
        "dir": SkipReason.SYMLINK_ESCAPE,
        "dir/passwd": SkipReason.SYMLINK_ESCAPE,
    }


@posix_only
def test_a_tracked_file_that_became_a_fifo(repo: Repo) -> None:
    repo.commit({"f": "1"})
    (repo.path / "f").unlink()
    os.mkfifo(repo.path / "f")
    assert worktree(repo) == ({}, {"f": SkipReason.NOT_REGULAR})


@linux_only
def test_names_that_are_no_text(repo: Repo) -> None:
    odd, wide = os.fsdecode(b"caf\xe9"), "two\nlines"
    for name in (odd, wide):
        repo.write(name, name.encode("utf-8", "surrogateescape"))
    repo.git("add", "-A")
    expected = {odd: b"caf\xe9", wide: b"two\nlines"}
    assert worktree(repo)[0] == expected
    assert read(StagedSource(opened(repo), limit=LIMIT))[0] == expected
    assert files([repo.path], repo.path)[0] == expected


def test_what_a_sparse_checkout_leaves_out_is_told_and_what_was_deleted_is_not(repo: Repo) -> None:
    repo.commit({"a/x": "1", "b/y": "2", "b/z": "3", "gone": "4"})
    repo.git("sparse-checkout", "set", "a")
    (repo.path / "gone").unlink()
    for directory, limits in (("", 1), ("a", 0)):
        source = WorktreeSource(opened(repo), limit=LIMIT, directory=directory)
        assert read(source) == ({"a/x": b"1"}, {})
        assert len(source.limits) == limits
    assert "2 tracked files are not checked out" in whole_tree(repo).limits[0]
    repo.git("sparse-checkout", "disable")
    assert whole_tree(repo).limits == ()


def whole_tree(repo: Repo) -> WorktreeSource:
    source = WorktreeSource(opened(repo), limit=LIMIT)
    read(source)
    return source


# --- files, directories, standard input -------------------------------------------------------


@posix_only
def test_a_plain_directory_is_walked_without_following(tmp_path: Path) -> None:
    top = tmp_path / "top"
    (top / "a" / ".git").mkdir(parents=True)
    (top / "a" / ".git" / "config").write_text("not content")
    (top / "a" / "x").write_text("1")
    (top / ".env").write_text("2")
    (tmp_path / "outside").write_text("canary")
    (top / "out").symlink_to(tmp_path / "outside")
    (top / "up").symlink_to(tmp_path)
    (top / "loop").symlink_to("loop")
    os.mkfifo(top / "fifo")
    blobs, skips = files([top], top)
    assert blobs == {"a/x": b"1", ".env": b"2"}
    assert skips == dict.fromkeys(("out", "up", "loop", "fifo"), SkipReason.NOT_REGULAR)


@posix_only
def test_a_link_to_a_directory_is_followed_where_somebody_has_named_it(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "a").write_text("1")
    (tmp_path / "real" / "up").symlink_to(tmp_path)
    (tmp_path / "cur").symlink_to("real")
    names = [str(tmp_path / "cur")]
    source = FilesSource(names, root=names[0], limit=LIMIT, follows=True)
    assert read(source) == ({"a": b"1"}, {"up": SkipReason.NOT_REGULAR})
    assert files(names, tmp_path) == ({}, {"cur": SkipReason.NOT_REGULAR})


def test_files_by_name_are_labelled_from_the_root(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a").write_text("1")
    (tmp_path / "b").write_text("2")
    blobs, _ = files([tmp_path / "in" / "a", tmp_path / "b"], tmp_path / "in")
    assert blobs == {"a": b"1", str(tmp_path / "b").replace(os.sep, "/"): b"2"}


def test_a_name_is_read_although_ignored(repo: Repo) -> None:
    repo.commit({".gitignore": ".env"})
    assert files([repo.write(".env", "x")], repo.path)[0] == {".env": b"x"}


def test_standard_input() -> None:
    assert read(StdinSource(BytesIO(b"text"), path="name.py", limit=4))[0] == {"name.py": b"text"}
    assert read(StdinSource(BytesIO(b"text!"), path="-", limit=4))[0] == {"-": b"text!"}
    assert read(StdinSource(BytesIO(b"a\0b"), path="-", limit=4))[1] == {"-": SkipReason.BINARY}


# --- the index --------------------------------------------------------------------------------


def staged(repo: Repo) -> StagedSource:
    return StagedSource(opened(repo), limit=LIMIT)


def test_the_index_counts_not_the_disk(repo: Repo) -> None:
    repo.commit({"f": "one\ntwo\n", "same": "x"})
    repo.stage({"f": "one\nstaged\ntwo\n"})
    repo.write("f", "on disk")
    repo.write("untracked", "x")
    source = staged(repo)
    assert read(source)[0] == {"f": b"one\nstaged\ntwo\n"}
    assert [line for line in (1, 2, 3) if source.counts("f", line, line)] == [2]
    assert source.counts("f", 1, 3)


def test_the_first_commit_counts_whole(repo: Repo) -> None:
    repo.stage({"f": "one\n"})
    source = staged(repo)
    assert read(source)[0] == {"f": b"one\n"}
    assert source.counts("f", 1, 1)


def test_deleted_renamed_and_copied_files(repo: Repo) -> None:
    lines = "".join(f"line {n}\n" for n in range(30))
    repo.commit({"old": lines, "gone": "x"})
    repo.git("mv", "old", "new")
    repo.stage({"new": lines + "added\n"})
    repo.git("rm", "-q", "gone")
    source = staged(repo)
    assert read(source)[0] == {"new": (lines + "added\n").encode()}
    assert [line for line in range(1, 32) if source.counts("new", line, line)] == [31]


def test_a_merge_counts_only_what_no_parent_has(repo: Repo) -> None:
    repo.commit({"f": "a\n\n\n\nz\n"})
    repo.git("checkout", "-q", "-b", "other")
    repo.commit({"f": "a\n\n\n\ntheirs\n", "theirs": "x\n"})
    repo.git("checkout", "-q", "main")
    repo.commit({"f": "ours\n\n\n\nz\n"})
    repo.git("merge", "-q", "--no-commit", "--no-ff", "other")
    repo.stage({"f": "ours\n\nevil\n\ntheirs\n"})
    source = staged(repo)
    read(source)
    assert [line for line in range(1, 6) if source.counts("f", line, line)] == [3]
    assert not source.counts("theirs", 1, 1)


def test_settings_for_diffs_do_not_change_what_counts(repo: Repo) -> None:
    body = [f"line {n}" for n in range(9)]
    repo.commit({"f": "\n".join(body)})
    body[2], body[6] = "first", "second"
    repo.stage({"f": "\n".join(body), ".gitattributes": "* -diff\n"})
    for name, value in (("diff.interHunkContext", "9"), ("diff.context", "9"), ("diff.noprefix", "true")):
        repo.git("config", name, value)
    repo.git("config", "color.ui", "always")
    source = staged(repo)
    read(source)
    assert [line for line in range(1, 10) if source.counts("f", line, line)] == [3, 7]


def test_a_staged_submodule_and_large_file_are_told(repo: Repo) -> None:
    repo.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},mod")
    repo.stage({"large": b"x" * (LIMIT + 1)})
    blobs, skips = read(staged(repo))
    assert (len(blobs["large"]), skips) == (LIMIT + 1, {"mod": SkipReason.SUBMODULE})


def test_a_missing_staged_object_is_told(repo: Repo) -> None:
    repo.git("update-index", "--add", "--cacheinfo", f"100644,{'1' * 40},f")
    repo.stage({"g": "x"})
    assert read(staged(repo)) == ({"g": b"x"}, {"f": SkipReason.MISSING_OBJECT})


def test_a_file_that_is_only_meant_to_be_added(repo: Repo) -> None:
    repo.commit({"a": "1"})
    repo.write("later", "x")
    repo.git("add", "-N", "later")
    assert read(staged(repo)) == ({}, {})


def test_a_skip_is_a_value_with_a_reason() -> None:
    skipped = Skipped(path="x", reason=SkipReason.BINARY)
    assert skipped.reason.value


def test_a_named_directory_that_git_ignores_is_read(repo: Repo) -> None:
    repo.commit({".gitignore": "out/\n"})
    repo.write("out/a.py", f"token = {github_token()!r}\n")
    assert secops("scan", cwd=repo.path).code == 0
    assert secops("scan", "out", cwd=repo.path).code == 1


def test_a_range_does_not_report_what_its_files_held_before(repo: Repo) -> None:
    old = f"token = {github_token()!r}\n"
    repo.commit({"a.py": old})
    repo.commit({"a.py": old + "x = 1\n"})
    assert secops("scan", "--since", "HEAD~1", cwd=repo.path).code == 0
    repo.commit({"a.py": old + f"other = {github_token()!r}\n"})
    assert secops("scan", "--since", "HEAD~1", cwd=repo.path).code == 1


@posix_only
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_directory_that_git_cannot_open_is_told(repo: Repo) -> None:
    repo.write("a/closed/new.py", "x")
    closed = repo.path / "a/closed"
    closed.chmod(0)
    try:
        assert worktree(repo)[1] == {"a/closed": SkipReason.UNREADABLE}
    finally:
        closed.chmod(0o755)


def test_the_words_of_git_about_directories_that_it_cannot_open() -> None:
    words = (
        b"warning: could not open directory 'a/it's closed/': Permission denied\n"
        b"warning: something else\n"
        b"warning: could not open directory 'b/': Permission denied\n"
    )
    found = [(one.path, one.reason, one.detail) for one in unopened(words, "sub/")]
    assert found == [
        ("sub/a/it's closed", SkipReason.UNREADABLE, "Permission denied"),
        ("sub/b", SkipReason.UNREADABLE, "Permission denied"),
    ]
