"""The engine on real repositories: everything dirty is made anew, and not one thing more."""

from __future__ import annotations

import hashlib
import random
import shutil
from pathlib import Path

import pytest

from secopskit.errors import RefusedError
from secopskit.git.history.introductions import graph_with
from secopskit.git.refs import plain_view
from secopskit.purge.find.extent import find_extent
from secopskit.purge.find.lacking import HistoryWalk
from secopskit.purge.find.survey import survey
from secopskit.purge.model import Drop
from secopskit.purge.rewrite.rewrite import rewrite
from secopskit.purge.rewrite.stage import make_stage
from secopskit.purge.values.matcher import ValueMatcher
from support.cli import home
from support.history import merge, opened
from support.purges import target
from support.repos import Repo
from support.rewrites import rewritten
from support.values import alnum

VALUE = alnum(24)


@pytest.fixture(autouse=True)
def _own_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(home()))


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    made = Repo.create(tmp_path / "repo")
    made.commit({"README": "nothing\n", "src/deep/er/x": "x\n"})
    return made


# --- what changes, and what does not -----------------------------------------------------------


def test_only_the_leak_and_what_follows_changes(repo: Repo) -> None:
    clean = repo.head
    repo.git("branch", "before")
    leak = repo.commit({"src/deep/a.py": f"key = '{VALUE}'\n"})
    repo.commit({"b": "b"})
    repo.git("checkout", "-q", "-b", "side", clean)
    side = repo.commit({"c": "c"})
    done = rewritten(repo, VALUE)
    done.assert_clean()
    done.assert_exact()
    assert done.extent.first == (leak,)
    assert done.extent.refs == ("refs/heads/main",)
    assert list(done.extent.paths.values()) == [("src/deep/a.py",)]
    assert done.text(f"{done.new(leak)}:src/deep/a.py") == "key = '***REMOVED***'\n"
    assert (done.new(side), done.new(clean)) == (side, clean)


def test_nothing_to_do_makes_nothing(repo: Repo) -> None:
    done = rewritten(repo, VALUE)
    assert not done.extent.commits
    assert not done.extent.refs
    assert (done.made.packs, done.made.refs) == ((), ())


def test_what_nothing_leads_to_is_left_to_be_pruned(repo: Repo) -> None:
    repo.git("hash-object", "-w", "--stdin", stdin=VALUE.encode())
    repo.commit({"a": VALUE})
    repo.git("reset", "-q", "--hard", "HEAD~")
    done = rewritten(repo, VALUE)
    assert not done.made.commits
    assert not done.made.blobs


def test_merges_and_several_roots(repo: Repo) -> None:
    repo.commit({"a": f"1 {VALUE}"})
    merge(repo, {"evil": f"2 {VALUE}", "sub/evil": "x"})
    repo.git("checkout", "-q", "--orphan", "other")
    repo.git("rm", "-rfq", ".")
    repo.commit({"root": f"3 {VALUE}"})
    repo.git("merge", "-q", "--allow-unrelated-histories", "-m", "both", "main")
    repo.commit({}, "empty")
    done = rewritten(repo, VALUE)
    done.assert_clean()
    done.assert_exact()
    assert done.stage.git("log", "--all", "--format=%s%x00%an%x00%ad") == repo.git(
        "log", "--all", "--format=%s%x00%an%x00%ad"
    )


def test_an_evil_merge_is_the_only_leak(repo: Repo) -> None:
    evil = merge(repo, {"evil": VALUE})
    done = rewritten(repo, VALUE)
    done.assert_clean()
    assert done.extent.commits == (evil,)


def test_a_value_that_a_merge_takes_from_its_second_parent_alone(repo: Repo) -> None:
    repo.git("checkout", "-q", "-b", "side")
    repo.commit({"a": VALUE})
    repo.git("checkout", "-q", "main")
    repo.commit({"b": "b"})
    repo.git("merge", "-q", "-s", "ours", "-m", "not theirs", "side")
    done = rewritten(repo, VALUE)
    done.assert_clean()
    done.assert_exact()


def _random_history(repo: Repo, rng: random.Random, commits: int) -> None:
    """Branches, merges, moves, deletions; about a tenth of all files are dirty, some commits empty."""
    stream = list[str]()
    for mark in range(1, commits + 1):
        parents = sorted(
            rng.sample(range(1, mark), min(mark - 1, rng.choice([0, 1, 1, 1, 1, 2, 2, 3]))), reverse=True
        )
        message = f"m{mark} {VALUE}" if rng.random() < 0.02 else f"m{mark}"
        stream.append(f"reset refs/heads/b{mark}\ncommit refs/heads/b{mark}\nmark :{mark}\n")
        stream.append(f"committer A <a@b> {1_700_000_000 + mark} +0000\ndata {len(message)}\n{message}\n")
        stream += [f"{'merge' if n else 'from'} :{parent}\n" for n, parent in enumerate(parents)]
        for _ in range(rng.randrange(4)):
            path = rng.choice(["a", "b", "d/a", "d/b", "d/e/a", "d/e/f/a", "x y/a", "40000 d", "d 100644 a"])
            if rng.random() < 0.15:
                stream.append(f"D {path}\n")
            else:
                content = f"{rng.randrange(9)} " + (VALUE if rng.random() < 0.1 else "clean")
                stream.append(f'M 100644 inline "{path}"\ndata {len(content)}\n{content}\n')
        stream.append("\n")
    repo.git("fast-import", "--quiet", "--force", stdin="".join(stream).encode())


@pytest.mark.parametrize("seed", range(3))
def test_random_histories_against_an_observer(tmp_path: Path, seed: int) -> None:
    repo = Repo.create(tmp_path / "repo", "--bare")
    _random_history(repo, random.Random(seed), 60)
    done = rewritten(repo, VALUE)
    done.assert_clean()
    done.assert_exact()
    for old, new in done.made.commits.items():
        before = repo.git("ls-tree", "-r", "-t", old).splitlines()
        after = done.stage.git("ls-tree", "-r", "-t", new).splitlines()
        assert [_mapped(line, done.objects) for line in before] == after


@pytest.mark.parametrize("seed", range(3))
def test_what_an_old_commit_reaches_spares_looks_and_changes_nothing(tmp_path: Path, seed: int) -> None:
    repo, rng = Repo.create(tmp_path / "repo", "--bare"), random.Random(seed)
    _random_history(repo, rng, 40)
    repository, matcher = opened(repo), ValueMatcher([target(VALUE)])
    found = survey(repository, matcher, jobs=1)
    exact = find_extent(repository, found, (), matcher)
    spared = 0
    for commit in rng.sample(repo.git("rev-list", "--all").split(), 12):
        with HistoryWalk(repository, marks=(commit,)) as walk:
            reach = walk.reach()
            assert find_extent(repository, found, (), matcher, below=walk.reach) == exact
        assert reach
        spared += not reach.has_any({*found.blobs, *found.trees})
    assert spared


def _mapped(line: str, objects: dict[str, str]) -> str:
    words, _, path = line.partition("\t")
    mode, kind, oid = words.split(" ")
    return f"{mode} {kind} {objects.get(oid, oid)}\t{path}"


def test_more_dirty_objects_than_a_command_line_takes(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        repo.commit({f"d/{number}": f"{number} {VALUE}"})
    exact = rewritten(repo, VALUE).extent
    monkeypatch.setattr("secopskit.git.history.introductions._MOST_IDS", 2)
    monkeypatch.setattr("secopskit.git.history.changefeed._BATCH", 2)
    shutil.rmtree(f"{repo.path}-stage.git")
    assert rewritten(repo, VALUE).extent == exact
    _, found = graph_with(plain_view(opened(repo)), [repo.head], set(exact.paths), jobs=2)
    assert found.paths == {oid: set(paths) for oid, paths in exact.paths.items()}


def test_refs_that_moved_since_the_plan_are_refused(repo: Repo) -> None:
    repo.commit({"a": VALUE})
    repository, matcher = opened(repo), ValueMatcher([target(VALUE)])
    found = survey(repository, matcher, jobs=1)
    extent = find_extent(repository, found, (), matcher)
    repo.commit({"b": "b"})
    with pytest.raises(RefusedError, match="refs have changed"):
        rewrite(repository, extent, found, (), matcher, make_stage(repository, f"{repo.path}-stage.git"))


def test_the_repository_itself_is_only_read(repo: Repo) -> None:
    repo.commit({"a": VALUE}, f"about {VALUE}")
    repo.git("tag", "-a", "v1", "-m", VALUE)
    repo.git("stash", "list")

    def state() -> dict[str, str]:
        files = (path for path in repo.path.rglob("*") if path.is_file())
        return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}

    before = state()
    rewritten(repo, VALUE).assert_clean()
    assert state() == before


# --- contents and names -------------------------------------------------------------------------


def test_symbolic_links_submodules_and_modes(repo: Repo) -> None:
    (repo.path / "link").symlink_to(f"/srv/{VALUE}")
    (repo.path / "run").write_text(f"#!/bin/sh\n{VALUE}\n", encoding="utf-8")
    (repo.path / "run").chmod(0o755)
    repo.git("add", "link", "run")
    repo.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},module")
    leak = repo.commit({})
    done = rewritten(repo, VALUE)
    done.assert_clean()
    listed = done.stage.git("ls-tree", done.new(leak))
    assert [line.split()[0] for line in listed.splitlines()] == [
        "100644",
        "120000",
        "160000",
        "100755",
        "040000",
    ]
    assert done.text(f"{done.new(leak)}:link") == "/srv/***REMOVED***"


def test_names_of_files_and_directories(repo: Repo) -> None:
    repo.commit({f"{VALUE}.txt": "1", "REMOVED.txt": "2", f"x/{VALUE}/y-{VALUE}": "3", f"x/{VALUE}-d/z": "4"})
    repo.commit({f"x/{VALUE}/more": "5"})
    tip = repo.commit({"later": "6"})
    done = rewritten(repo, VALUE)
    done.assert_clean()
    done.assert_exact()
    assert done.stage.git("ls-tree", "-r", "--name-only", done.new(tip)).split() == [
        "README", "REMOVED.txt", "REMOVED.txt-2", "later", "src/deep/er/x",
        "x/REMOVED-d/z", "x/REMOVED/more", "x/REMOVED/y-REMOVED",
    ]  # fmt: skip
    assert f"x/{VALUE}" in done.extent.dirty_paths


def test_names_that_are_not_text(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path / "repo", "--bare")
    content = f"{VALUE}\n"
    commit = b"commit refs/heads/main\ncommitter A <a@b> 1 +0000\ndata 0\n"
    path = b'M 100644 inline "\\377 \\n\\"/\\t\\303"\ndata %d\n%s\n' % (len(content), content.encode())
    repo.git("fast-import", "--quiet", stdin=commit + path)
    done = rewritten(repo, VALUE)
    done.assert_clean()
    assert list(done.extent.paths.values()) == [('\udcff \n"/\t\udcc3',)]
    assert done.stage.git("ls-tree", "-r", "-z", "--name-only", "main") == repo.git(
        "ls-tree", "-r", "-z", "--name-only", "main"
    )


@pytest.mark.parametrize("old_mode", [b"40000", b"040000"])
def test_trees_that_git_would_write_in_another_way(tmp_path: Path, old_mode: bytes) -> None:
    """Old tools wrote modes with a zero in front. Such trees change only where they must."""
    repo = Repo.create(tmp_path / "repo", "--bare")
    blob = repo.git("hash-object", "-w", "--stdin", stdin=VALUE.encode()).strip()
    other = repo.git("hash-object", "-w", "--stdin", stdin=b"x").strip()

    def tree(*entries: tuple[bytes, bytes, str]) -> str:
        raw = b"".join(b"%s %s\0%s" % (mode, name, bytes.fromhex(oid)) for mode, name, oid in entries)
        return repo.git("hash-object", "-t", "tree", "-w", "--literally", "--stdin", stdin=raw).strip()

    clean = tree((b"100664", b"x", other))
    below = tree((b"100664", b"leak", blob))
    root = tree((old_mode, b"clean", clean), (old_mode, b"dir", below))
    repo.git("update-ref", "refs/heads/main", repo.git("commit-tree", "-m", "m", root).strip())
    done = rewritten(repo, VALUE)
    new = done.stage.git("rev-parse", "main^{tree}").strip()
    assert (old_mode + b" dir").decode() in done.stage.git("cat-file", "tree", new)
    assert done.stage.git("rev-parse", "main:clean").strip() == clean
    assert done.text("main:dir/leak") == "***REMOVED***"


# --- drops --------------------------------------------------------------------------------------


def test_files_and_directories_are_dropped(repo: Repo) -> None:
    clean = repo.head
    repo.commit({"conf/.env": "1", "conf/x/y": "2", "keep": "3", "secret": "4"})
    repo.commit({"conf/.env": "5"})
    repo.git("rm", "-rq", "conf")
    tip = repo.commit({})
    done = rewritten(repo, drops=[Drop(path="conf"), Drop(path="secret")])
    done.assert_clean()
    for commit in repo.git("rev-list", tip, f"^{clean}").split():
        names = done.stage.git("ls-tree", "-r", "--name-only", done.new(commit)).split()
        assert names == ["README", "keep", "src/deep/er/x"]
    assert done.new(clean) == clean
    assert len(done.made.commits) == 3


def test_the_versions_of_head_are_kept(repo: Repo) -> None:
    repo.commit({"conf/a": "old", "conf/b": "same", "conf/c": "gone"})
    middle = repo.head
    (repo.path / "conf" / "c").unlink()
    repo.git("add", "-A")
    tip = repo.commit({"conf/a": "new"})
    keep = frozenset(repo.git("rev-parse", f"{tip}:conf/a", f"{tip}:conf/b").split())
    done = rewritten(repo, drops=[Drop(path="conf", keep=keep)])
    done.assert_clean()
    assert done.stage.git("ls-tree", "-r", "--name-only", done.new(middle), "conf/") == "conf/b\n"
    assert done.stage.git("rev-parse", f"{done.new(tip)}^{{tree}}") == repo.git(
        "rev-parse", f"{tip}^{{tree}}"
    )


def test_a_history_of_nothing_else_keeps_its_commits(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path / "repo")
    repo.commit({"d/.env": "1"}, "first")
    repo.commit({"d/.env": "2"}, "second")
    done = rewritten(repo, drops=[Drop(path="d/.env")])
    done.assert_clean()
    assert done.stage.git("log", "--format=%s %T", "main").splitlines() == [
        f"{subject} {repo.git('hash-object', '-t', 'tree', '/dev/null').strip()}"
        for subject in ("second", "first")
    ]


# --- messages and people ------------------------------------------------------------------------


def test_messages_authors_and_encodings(repo: Repo) -> None:
    author = {"GIT_AUTHOR_NAME": f"A {VALUE} B", "GIT_COMMITTER_EMAIL": f"{VALUE}@example.org"}
    repo.git("commit", "-q", "--allow-empty", "-m", "m", env=author)
    people = repo.head
    repo.git(
        "-c",
        "i18n.commitEncoding=ISO-8859-1",
        "commit",
        "-q",
        "--allow-empty",
        "-F",
        "-",
        stdin=b"caf\xe9 " + VALUE.encode(),
    )
    encoded = repo.head
    done = rewritten(repo, VALUE)
    done.assert_clean()
    assert "author A ***REMOVED*** B <ada@example.org>" in done.text(done.new(people))
    assert "committer Ada <***REMOVED***@example.org>" in done.text(done.new(people))
    assert "encoding ISO-8859-1" in done.text(done.new(encoded))
    assert (
        done.text(done.new(encoded))
        .encode("utf-8", "surrogateescape")
        .endswith(b"\n\ncaf\xe9 ***REMOVED***\n")
    )


def test_commits_that_git_would_not_make_today(repo: Repo) -> None:
    """Odd people, dates and headers, no message at all: carried over as they are."""
    repo.commit({"a": VALUE})
    tree, parent = repo.git("rev-parse", "HEAD^{tree}", "HEAD").split()
    good = b"Ada <ada@example.org> 1 +0000"
    odd = [
        b"author <> 1 +0000\ncommitter %s\n\nm\n" % good,
        b"author Ada\ncommitter %s\n\nm\n" % good,
        b"author A <a <b>> 1 +0000\ncommitter Ada <a> 99999999999 -10000\n\nm\n",
        b"author %s\ncommitter %s\nx-extra 1\n 2\n\nm" % (good, good),
        b"author %s\ncommitter %s\nencoding no such thing\n\n\n\nm\n" % (good, good),
        b"author %s\ncommitter %s\n" % (good, good),
        b"author  %s\ncommitter %s\n\n\xff\0after a NUL" % (good, good),
    ]
    olds = []
    for rest in odd:
        raw = b"tree %s\nparent %s\n%s" % (tree.encode(), parent.encode(), rest)
        parent = repo.git("hash-object", "-t", "commit", "-w", "--literally", "--stdin", stdin=raw).strip()
        olds.append(parent)
    repo.git("update-ref", "refs/heads/odd", parent)
    done = rewritten(repo, VALUE)
    for old, rest in zip(olds, odd, strict=True):
        text = done.stage.git("cat-file", "commit", done.new(old)).encode("utf-8", "surrogateescape")
        assert done.new(old) != old
        assert text.endswith(rest)


def test_lost_signatures_are_told(repo: Repo) -> None:
    repo.commit({"a": VALUE})
    tree, parent = repo.git("rev-parse", "HEAD^{tree}", "HEAD").split()
    signature = "gpgsig -----BEGIN SSH SIGNATURE-----\n abc\n -----END SSH SIGNATURE-----"
    raw = f"tree {tree}\nparent {parent}\nauthor A <a> 1 +0000\ncommitter A <a> 1 +0000\n{signature}\n\nm\n"
    signed = repo.git("hash-object", "-t", "commit", "-w", "--stdin", stdin=raw.encode()).strip()
    repo.git("update-ref", "refs/heads/main", signed)
    done = rewritten(repo, VALUE)
    done.assert_clean()
    assert done.extent.signed == (signed,)
    assert "gpgsig" not in done.text(done.new(signed))


# --- other formats ------------------------------------------------------------------------------


def test_a_sha256_repository(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path / "long", "--object-format=sha256")
    repo.commit({"d/a": VALUE, "b": "b"}, f"m {VALUE}")
    repo.git("tag", "-a", "v1", "-m", VALUE)
    merge(repo, {"evil": VALUE})
    repo.git("notes", "add", "-m", VALUE)
    done = rewritten(repo, VALUE)
    done.assert_clean()
    done.assert_exact()


def test_old_histories_are_read_as_they_are(repo: Repo) -> None:
    """Grafts and replacements show another history than the one that is stored."""
    leak = repo.commit({"a": VALUE})
    tip = repo.commit({"a": "clean"})
    (repo.path / ".git" / "info" / "grafts").write_text(f"{tip}\n", encoding="utf-8")
    done = rewritten(repo, VALUE)
    assert done.extent.commits == (leak, tip)
