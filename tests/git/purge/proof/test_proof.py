"""The proof on real repositories: every place where a value can hide is named, and nothing else is."""

from __future__ import annotations

import base64
import os
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from secopskit.errors import SecopsError
from secopskit.git.objects.objectset import ObjectSet
from secopskit.git.objects.slices import all_objects
from secopskit.purge.find.outside import search_outside
from secopskit.purge.find.survey import clean_objects, survey
from secopskit.purge.model import Extent, Leftover, PlaceKind, PurgeTarget, RefChange, Rewrite
from secopskit.purge.proof.prove import prove
from secopskit.purge.proof.rewritecheck import check_rewrite
from secopskit.purge.values.matcher import ValueMatcher
from secopskit.secret import SecretValue
from support.history import opened
from support.repos import Repo
from support.values import alnum

VALUE = alnum(24)


def matcher(*values: str) -> ValueMatcher:
    return ValueMatcher(
        [
            PurgeTarget(number=number, value=SecretValue(value.encode()), label="", fingerprint="")
            for number, value in enumerate(values or (VALUE,), 1)
        ]
    )


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    repo = Repo.create(tmp_path / "repo")
    repo.commit({"readme": "clean", "sub/file": "clean"})
    return repo


def left(repo: Repo) -> list[Leftover]:
    return list(prove(opened(repo), matcher()).leftovers)


def only(repo: Repo) -> Leftover:
    (leftover,) = left(repo)
    assert leftover.targets == (1,)
    assert leftover.advice
    return leftover


def test_a_clean_repository(repo: Repo) -> None:
    repo.git("stash", "list")
    proof = prove(opened(repo), matcher())
    assert proof.holds, proof.leftovers
    assert proof.objects == proof.objects_read > 3
    assert any("unreachable" in check for check in proof.checks)


GIT_FILES = {
    "COMMIT_EDITMSG": PlaceKind.GIT_FILE,
    "MERGE_MSG": PlaceKind.GIT_FILE,
    "FETCH_HEAD": PlaceKind.GIT_FILE,
    "description": PlaceKind.GIT_FILE,
    "info/exclude": PlaceKind.GIT_FILE,
    "info/grafts": PlaceKind.GIT_FILE,
    "hooks/post-commit": PlaceKind.GIT_FILE,
    "rr-cache/0123/preimage": PlaceKind.GIT_FILE,
    "filter-repo/ref-map": PlaceKind.GIT_FILE,
    "fast_import_crash_4711": PlaceKind.GIT_FILE,
    "BISECT_LOG": PlaceKind.GIT_FILE,
    "rebase-merge/message": PlaceKind.GIT_FILE,
    "secops/purge/anything": PlaceKind.GIT_FILE,
    "logs/refs/heads/main": PlaceKind.REFLOG,
    "worktrees/w/logs/HEAD": PlaceKind.REFLOG,
    "config.worktree": PlaceKind.CONFIG,
    "lfs/objects/aa/bb/" + "a" * 64: PlaceKind.LFS,
    "objects/info/alternates": PlaceKind.GIT_FILE,
    "sharedindex." + "a" * 40: PlaceKind.INDEX,
}


@pytest.mark.parametrize("name", GIT_FILES)
def test_files_of_the_git_directory(repo: Repo, name: str) -> None:
    path = repo.path / ".git" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    before = path.read_text() if path.exists() else ""
    path.write_text(f"{before}# {VALUE}\n" if name != "FETCH_HEAD" else VALUE)
    leftover = only(repo)
    assert (leftover.place, leftover.name) == (GIT_FILES[name], name)


def test_an_encoded_value_in_a_large_file(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("secopskit.purge.find.content.streamed.WINDOW", 1000)
    path = repo.path / ".git/lfs/objects/x"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"." * 990 + base64.b64encode(b"u:" + VALUE.encode()) + b"." * 3000)
    assert only(repo).place is PlaceKind.LFS


def _remote(repo: Repo) -> None:
    repo.git("remote", "add", "origin", f"https://ada:{VALUE}@example.org/x.git")


def _branch(repo: Repo) -> None:
    repo.git("branch", f"feature/{VALUE}")
    repo.git("pack-refs", "--all")
    for log in (repo.path / ".git/logs").rglob("*"):
        if log.is_file():
            log.unlink()


def _reflog(repo: Repo) -> None:
    repo.git("update-ref", "-m", f"note {VALUE}", "refs/heads/main", repo.commit({}, "x"))
    repo.git("update-ref", "-m", f"note {VALUE}", "refs/heads/main", "HEAD~1")


def _index(repo: Repo) -> None:
    repo.git("update-index", "--index-version", "4")
    (repo.path / f"sub/{VALUE}").write_text("x")
    repo.git("add", "sub")
    (repo.path / f"sub/{VALUE}").unlink()


def _untracked(repo: Repo) -> None:
    repo.write("new.txt", f"x = {VALUE}")


def _ignored(repo: Repo) -> None:
    (repo.path / ".git/info/exclude").write_text("*.env\n")
    repo.write("deep/er/local.env", f"KEY={VALUE}")


def _link(repo: Repo) -> None:
    (repo.path / "link").symlink_to(f"/srv/{VALUE}")


def _named(repo: Repo) -> None:
    repo.write(f"a/{VALUE}.txt", "x")


PLACES: dict[str, tuple[Callable[[Repo], None], set[PlaceKind]]] = {
    "remote url": (_remote, {PlaceKind.CONFIG}),
    "branch name": (_branch, {PlaceKind.REF}),
    "reflog": (_reflog, {PlaceKind.REFLOG}),
    "name in a compressed index": (_index, {PlaceKind.INDEX}),
    "untracked file": (_untracked, {PlaceKind.WORK_TREE}),
    "ignored file": (_ignored, {PlaceKind.WORK_TREE}),
    "symbolic link": (_link, {PlaceKind.WORK_TREE}),
    "name of an untracked file": (_named, {PlaceKind.WORK_TREE}),
}


@pytest.mark.parametrize("name", PLACES)
def test_places(repo: Repo, name: str) -> None:
    make, places = PLACES[name]
    make(repo)
    found = left(repo)
    assert {leftover.place for leftover in found} == places
    assert all(leftover.targets == (1,) and leftover.advice for leftover in found)
    assert VALUE not in repr(found)
    assert VALUE not in repr(prove(opened(repo), matcher()).checks)


def test_objects_are_told_with_what_keeps_them(repo: Repo) -> None:
    oid = repo.git("hash-object", "-w", "--stdin", stdin=VALUE.encode()).strip()
    leftover = only(repo)
    assert leftover.place is PlaceKind.UNREACHABLE
    assert oid in leftover.name
    repo.git("tag", "named", oid)
    reached = only(repo)
    assert (reached.place, reached.name) == (PlaceKind.BLOB, oid)
    commit = repo.git("commit-tree", "HEAD^{tree}", "-m", VALUE).strip()
    repo.git("update-ref", "refs/heads/other", commit)
    assert {one.place for one in left(repo)} == {PlaceKind.BLOB, PlaceKind.COMMIT}


def test_borrowed_objects_name_their_lender(repo: Repo, tmp_path: Path) -> None:
    lender = Repo.create(tmp_path / "lender")
    lender.git("hash-object", "-w", "--stdin", stdin=VALUE.encode())
    (repo.path / ".git/objects/info/alternates").write_text(f"{lender.path}/.git/objects\n")
    leftover = only(repo)
    assert leftover.place is PlaceKind.ALTERNATE
    assert str(lender.path) in leftover.advice


def test_only_what_is_new_is_read(repo: Repo) -> None:
    found = survey(opened(repo), matcher())
    new = repo.git("hash-object", "-w", "--stdin", stdin=b"new").strip()
    proof = prove(opened(repo), matcher(), clean=clean_objects(found))
    assert proof.holds
    assert (proof.objects, proof.objects_read) == (len(found.seen) // 20 + 1, 1)
    dirty = repo.git("hash-object", "-w", "--stdin", stdin=VALUE.encode()).strip()
    proof = prove(opened(repo), matcher(), clean=clean_objects(found), gone=[dirty])
    assert [dirty in one.name for one in proof.leftovers] == [True, True]
    proof = prove(opened(repo), matcher(), clean=clean_objects(found), gone=["1" * 40, new])
    assert [one.name for one in proof.leftovers if not one.targets] == [f"old object {new}"]


def test_without_values_only_old_objects_are_looked_for(repo: Repo) -> None:
    (repo.path / ".git/description").write_text(VALUE)
    proof = prove(opened(repo), ValueMatcher(()), gone=["1" * 40])
    assert proof.holds
    assert proof.objects_read == 0
    assert not prove(opened(repo), ValueMatcher(()), gone=[repo.head]).holds


def test_linked_work_trees_and_their_indexes(repo: Repo, tmp_path: Path) -> None:
    inside = repo.path / "inner-tree"
    repo.git("worktree", "add", "-q", "-b", "one", str(inside))
    repo.git("worktree", "add", "-q", "-b", "two", str(tmp_path / "apart"))
    (inside / "new").write_text(VALUE)
    staged = tmp_path / "apart" / VALUE
    staged.write_text("x")
    Repo(tmp_path / "apart").git("add", ".")
    staged.unlink()
    found = left(repo)
    assert [(one.place, one.name) for one in found if one.place is PlaceKind.WORK_TREE] == [
        (PlaceKind.WORK_TREE, str(inside / "new"))
    ]
    assert {one.place for one in found} == {PlaceKind.WORK_TREE, PlaceKind.INDEX}


def test_submodules_with_objects_of_their_own(repo: Repo, tmp_path: Path) -> None:
    library = Repo.create(tmp_path / "library")
    library.commit({"code": f"key = {VALUE}"})
    library.commit({"code": "clean"})
    repo.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", f"file://{library.path}", "lib")
    found = left(repo)
    assert {one.place for one in found} == {PlaceKind.SUBMODULE}
    assert len(found) == 1
    assert found[0].name.startswith(os.path.join("modules", "lib") + ": object ")


def test_a_repository_inside_the_work_tree(repo: Repo) -> None:
    inner = Repo.create(repo.path / "vendor")
    inner.commit({"code": VALUE})
    inner.commit({"code": "clean"})
    (leftover,) = left(repo)
    assert leftover.place is PlaceKind.SUBMODULE
    assert leftover.name.startswith(os.path.join("vendor", ".git"))


def test_what_interrupted_commands_leave(repo: Repo) -> None:
    objects = repo.path / ".git/objects"
    loose = objects / "12/tmp_obj_AbCdEf"
    loose.parent.mkdir(exist_ok=True)
    loose.write_bytes(zlib.compress(b"blob 30\0" + VALUE.encode())[:-4])  # cut off
    assert only(repo).name == os.path.join("objects", "12", "tmp_obj_AbCdEf")
    loose.unlink()
    other = Repo.create(repo.path.parent / "other")
    other.commit({"a": "1", "b": "2" * 3000, "c": VALUE, "d": "x" * 50})
    other.git("repack", "-a", "-d", "-q")
    (pack,) = (other.path / ".git/objects/pack").glob("*.pack")
    cut = objects / "pack/tmp_pack_AbCdEf"
    cut.write_bytes(pack.read_bytes()[:-30])
    assert only(repo).name == os.path.join("objects", "pack", "tmp_pack_AbCdEf")
    cut.unlink()
    orphan = objects / "pack" / pack.name
    orphan.write_bytes(pack.read_bytes())
    assert only(repo).name == os.path.join("objects", "pack", pack.name)
    (objects / "pack/tmp_idx_x").write_bytes(b"PACK\0\0\0\2")
    orphan.unlink()
    assert left(repo) == []


def test_a_bare_repository(repo: Repo, tmp_path: Path) -> None:
    bare = repo.clone(tmp_path / "bare.git", "--mirror")
    assert left(bare) == []
    (bare.path / "config").write_text((bare.path / "config").read_text() + f"[x]\n\tkey = {VALUE}\n")
    assert only(bare).place is PlaceKind.CONFIG


def test_nothing_is_followed_or_waited_for(repo: Repo, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/file").write_text(VALUE)
    (repo.path / "out").symlink_to(tmp_path / "outside")
    (repo.path / ".git/out").symlink_to(tmp_path / "outside")
    os.mkfifo(repo.path / "fifo")
    os.mkfifo(repo.path / ".git/fifo")
    assert left(repo) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_that_cannot_be_read_is_told(repo: Repo) -> None:
    path = repo.path / ".git/COMMIT_EDITMSG"
    path.chmod(0)
    (leftover,) = left(repo)
    assert leftover.targets == ()
    assert "permissions" in leftover.advice


def test_the_work_tree_can_be_left_out(repo: Repo) -> None:
    repo.write("new", VALUE)
    assert search_outside(opened(repo), matcher(), work_tree=False) == ()
    assert len(search_outside(opened(repo), matcher())) == 1
    assert search_outside(opened(repo), ValueMatcher(())) == ()


def test_listing_all_objects(repo: Repo) -> None:
    expected = repo.git("cat-file", "--batch-all-objects", "--batch-check=%(objectname)").split()
    assert list(all_objects(opened(repo))) == sorted(expected)
    assert isinstance(all_objects(opened(repo)), ObjectSet)


def _rewritten(repo: Repo) -> tuple[Rewrite, Extent]:
    """A history of three commits, and the second and third made anew by hand."""
    first = repo.head
    second = repo.commit({"sub/key.py": f"a = 1\nkey = '{VALUE}'\nb = 2\n", f"sub/{VALUE}": "x"}, "second")
    third = repo.commit({"other": "y"}, f"about {VALUE}")
    clean = b"a = 1\nkey = '***REMOVED***'\nb = 2\n"
    blob = repo.git("hash-object", "-w", "--stdin", stdin=clean).strip()
    commits, tip = {}, first
    for old, message in ((second, "second\n"), (third, "about ***REMOVED***\n")):
        repo.git("read-tree", old)
        repo.git("rm", "-q", "--cached", f"sub/{VALUE}")
        repo.git("update-index", "--cacheinfo", f"100644,{blob},sub/key.py")
        x = repo.git("hash-object", "-w", "--stdin", stdin=b"x").strip()
        repo.git("update-index", "--add", "--cacheinfo", f"100644,{x},sub/REMOVED")
        dates = repo.git("log", "-1", "--format=%ad%n%cd", "--date=raw", old).splitlines()
        names = {"GIT_AUTHOR_DATE": dates[0], "GIT_COMMITTER_DATE": dates[1]}
        tip = repo.git(
            "commit-tree", repo.git("write-tree").strip(), "-p", tip, stdin=message.encode(), env=names
        ).strip()
        commits[old] = tip
    old_blob = repo.git("rev-parse", f"{second}:sub/key.py").strip()
    repo.git("read-tree", "HEAD")
    rewrite = Rewrite(
        commits=commits,
        tags={},
        trees={},
        blobs={old_blob: blob},
        refs=(RefChange(ref="refs/heads/main", old=third, new=tip),),
        symrefs={},
        stash=(),
        packs=(),
    )
    extent = Extent(
        commits=(second, third),
        first=(second,),
        paths={old_blob: ("sub/key.py",)},
        dirty_paths=("sub/key.py", f"sub/{VALUE}"),
        refs=("refs/heads/main",),
        tags=(),
        renamed_refs={},
        notes=(),
        stash=(),
        signed=(),
        total_commits=3,
        total_refs=1,
    )
    return rewrite, extent


def test_a_rewrite_as_planned(repo: Repo) -> None:
    rewrite, extent = _rewritten(repo)
    told = check_rewrite(opened(repo), rewrite, extent, matcher())
    assert told[0] == "1 commits kept their ids"


def _fail(repo: Repo, rewrite: Rewrite, extent: Extent) -> str:
    with pytest.raises(SecopsError, match="not what was planned") as caught:
        check_rewrite(opened(repo), rewrite, extent, matcher())
    assert VALUE not in str(caught.value)
    return str(caught.value)


def test_a_rewrite_that_touches_something_else(repo: Repo) -> None:
    rewrite, extent = _rewritten(repo)
    assert "directory" in _fail(repo, rewrite, replace(extent, dirty_paths=("sub/key.py",)))
    assert "directory" in _fail(repo, rewrite, replace(extent, dirty_paths=("elsewhere",)))
    assert "no change" in _fail(repo, rewrite, replace(extent, commits=extent.commits[:1]))
    wrong = RefChange(ref="refs/heads/main", old=extent.commits[1], new=extent.commits[0])
    assert "ref" in _fail(repo, replace(rewrite, refs=(wrong,)), extent)


@pytest.mark.parametrize(
    "content",
    [
        b"a = 1\nkey = '***REMOVED***'\nb = 3\n",
        b"a = 1\nkey = '***REMOVED***'\n",
        b"key = '***REMOVED***'\nb = 2\n",
        b"",
        f"a = 1\nkey = '{VALUE}'\nb = 2\n".encode(),
    ],
    ids=["another line changed", "a line less behind", "a line less before", "empty", "not redacted"],
)
def test_a_blob_that_lost_something_else(repo: Repo, content: bytes) -> None:
    rewrite, extent = _rewritten(repo)
    blob = repo.git("hash-object", "-w", "--stdin", stdin=content).strip()
    assert "blob" in _fail(repo, replace(rewrite, blobs=dict.fromkeys(rewrite.blobs, blob)), extent)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("Ada", "Eve", "text"),
        ("ada@example.org> 1", "ada@example.org> 2", "text"),
        ("second", "another", "text"),
        ("parent ", "parent-of ", "parents"),
    ],
)
def test_a_commit_that_lost_something_else(repo: Repo, old: str, new: str, words: str) -> None:
    rewrite, extent = _rewritten(repo)
    second = extent.commits[0]
    raw = repo.git("cat-file", "commit", rewrite.commits[second])
    assert old in raw
    text = raw.replace(old, new, 1).encode()
    forged = repo.git("hash-object", "-t", "commit", "--literally", "-w", "--stdin", stdin=text).strip()
    assert words in _fail(repo, replace(rewrite, commits={**rewrite.commits, second: forged}), extent)


def test_a_signature_may_go_and_nothing_else(repo: Repo) -> None:
    rewrite, extent = _rewritten(repo)
    second, third = extent.commits
    raw = repo.git("cat-file", "commit", second).replace(
        "\n\n", "\ngpgsig -----BEGIN\n abc\n -----END\n\n", 1
    )
    signed = repo.git("hash-object", "-t", "commit", "-w", "--stdin", stdin=raw.encode()).strip()
    commits = {signed: rewrite.commits[second]}
    extent = replace(extent, commits=(signed,))
    check_rewrite(opened(repo), replace(rewrite, commits=commits, refs=()), extent, matcher())
    assert third not in commits
