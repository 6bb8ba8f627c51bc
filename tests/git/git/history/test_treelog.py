"""A log from the trees of the packs is the one that git tells, of every form of history."""

from __future__ import annotations

import os
import random
import signal
import tempfile
from collections.abc import Iterable
from pathlib import Path

import pytest

from secopskit.git.history import readtrees, treelog
from secopskit.git.history.log import Log
from secopskit.git.history.treelog import TreeLog, log_of, write_log
from secopskit.git.packs.available import open_sources
from secopskit.git.packs.compiled import PackError
from secopskit.git.packs.sources import ObjectSources
from secopskit.git.repository import Repository
from secopskit.git.workers import may_copy
from support.repos import Repo
from support.treelogs import RandomHistory

_EVERYTHING = ("--all", "--reflog")
_COPIES = pytest.mark.skipif(not may_copy(), reason="no copies of processes here")


def _repository(repo: Repo) -> Repository:
    found = Repository.open(str(repo.path))
    assert found is not None
    return found


def _sources(repo: Repo) -> ObjectSources:
    found = open_sources(_repository(repo))
    assert found is not None
    return found


def _of_git(repo: Repo) -> bytes:
    log = Log(_repository(repo), "-c", *_EVERYTHING)
    try:
        assert log.wait()
        return b"".join(found[0] for found in log.commits())
    finally:
        log.close()


def _of_trees(repo: Repo) -> bytes:
    with tempfile.TemporaryFile() as file:
        write_log(_repository(repo), _sources(repo), _EVERYTHING, file)
        file.seek(0)
        return file.read()


def _imported(path: Path, stream: bytes, *options: str) -> Repo:
    repo = Repo.create(path, "--bare", *options)
    repo.git("-c", "fastimport.unpackLimit=0", "fast-import", "--quiet", stdin=stream)
    return repo


def _deltas(repo: Repo) -> int:
    """How many trees are made from another."""
    return sum(
        kind == 2 and base >= 0
        for pack in _sources(repo).packs
        for kind, base in zip(pack.kinds, pack.bases, strict=True)
    )


@pytest.mark.parametrize("seed", range(6))
def test_a_random_history_is_told_as_git_tells_it(tmp_path: Path, seed: int) -> None:
    repo = _imported(tmp_path, RandomHistory(seed).stream(150))
    told = _of_git(repo)
    assert b"\0\0::" in told
    assert _of_trees(repo) == told
    repo.git("repack", "-adfq", "--depth=40", "--window=40")
    assert _deltas(repo) > 50
    assert _of_trees(repo) == told
    repo.git("-c", "repack.useDeltaBaseOffset=false", "repack", "-adfq", "--depth=40", "--window=40")
    assert _of_trees(repo) == told


def test_trees_may_lie_in_several_packs_and_in_files_of_their_own(tmp_path: Path) -> None:
    repo = _imported(tmp_path, RandomHistory(9).stream(60))
    stream = RandomHistory(10).stream(60).replace(b" refs/heads/", b" refs/heads/other-")
    repo.git("-c", "fastimport.unpackLimit=0", "fast-import", "--quiet", stdin=stream)
    loose = repo.git("commit-tree", "-m", "loose", "-p", "main", "-p", "other-main", _loose_tree(repo))
    repo.git("update-ref", "refs/heads/loose", loose.strip())
    sources = _sources(repo)
    assert len(sources.packs) == 2
    assert len(sources.loose) == 3
    assert _of_trees(repo) == _of_git(repo)


def _loose_tree(repo: Repo) -> str:
    blob = repo.git("hash-object", "-w", "--stdin", stdin=b"loose").strip()
    return repo.git("mktree", stdin=f"100644 blob {blob}\tnew\n".encode()).strip()


def test_a_history_of_sha256_is_told(tmp_path: Path) -> None:
    stream = RandomHistory(3).stream(60).replace(b"160000 ", b"160000 " + b"0" * 24)
    repo = _imported(tmp_path, stream, "--object-format=sha256")
    assert _of_trees(repo) == _of_git(repo)


def test_a_shallow_clone_begins_where_git_says(tmp_path: Path) -> None:
    repo = _imported(tmp_path / "whole", RandomHistory(4).stream(60))
    shallow = repo.clone(tmp_path / "shallow", "--bare", "--depth=5", "--no-single-branch")
    assert _of_trees(shallow) == _of_git(shallow)


def test_modes_of_old_are_those_that_git_takes_them_for(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path, "--bare")
    blob = bytes.fromhex(repo.git("hash-object", "-w", "--stdin", stdin=b"text").strip())
    before = ""
    for modes in ((b"100644", b"100755", b"100644"), (b"100664", b"100775", b"100600"), (b"100644",) * 3):
        names = (b"a", b"b", b"c")
        tree = b"".join(mode + b" " + name + b"\0" + blob for mode, name in zip(modes, names, strict=True))
        oid = repo.git("hash-object", "-w", "-t", "tree", "--literally", "--stdin", stdin=tree).strip()
        parents = ["-p", before] if before else []
        before = repo.git("commit-tree", "-m", "modes", *parents, oid).strip()
    repo.git("update-ref", "refs/heads/main", before)
    told = _of_git(repo)
    assert told.count(b"100755 100644") == 1
    assert _of_trees(repo) == told


def test_no_commits_are_no_log(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path, "--bare")
    assert _of_trees(repo) == _of_git(repo) == b""


def _commits(log: TreeLog) -> bytes:
    try:
        return b"".join(found[0] for found in log.commits())
    finally:
        log.close()


def _opened(repo: Repo, sources: ObjectSources | None = None) -> TreeLog:
    return TreeLog(_repository(repo), sources or _sources(repo), *_EVERYTHING)


@_COPIES
def test_a_process_beside_this_one_writes_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repo = _imported(tmp_path, RandomHistory(5).stream(60))
    told = _of_git(repo)
    monkeypatch.setattr(treelog, "Log", lambda *_, **__: pytest.fail("git is asked"))
    log = _opened(repo)
    assert log.wait()
    assert log.wait()  # as often as is asked
    assert _commits(log) == told


@_COPIES
def test_where_a_tree_lacks_git_tells_as_much_as_it_can(tmp_path: Path) -> None:
    repo = _imported(tmp_path, RandomHistory(6).stream(40))
    for pack in (tmp_path / "objects/pack").glob("*.pack"):
        content = pack.read_bytes()
        pack.unlink()
        pack.with_suffix(".idx").unlink()
        repo.git("unpack-objects", "-q", stdin=content)
    tree = repo.git("rev-parse", "main^{tree}").strip()
    (tmp_path / "objects" / tree[:2] / tree[2:]).unlink()
    log = _opened(repo)
    assert not log.wait()
    whole = Log(_repository(repo), "-c", *_EVERYTHING)
    assert not whole.wait()
    assert _commits(log) == b"".join(found[0] for found in whole.commits())
    whole.close()


@_COPIES
@pytest.mark.parametrize("damage", ["order", "name", "end"])
def test_a_tree_that_is_damaged_is_left_to_git(tmp_path: Path, damage: str) -> None:
    repo = Repo.create(tmp_path, "--bare")
    blob = bytes.fromhex(repo.git("hash-object", "-w", "--stdin", stdin=b"text").strip())
    tree = {
        "order": b"100644 b\0" + blob + b"100644 a\0" + blob,
        "name": b"100644 a/b\0" + blob,
        "end": b"100644 a\0" + blob[:-1],
    }[damage]
    oid = repo.git("hash-object", "-w", "-t", "tree", "--literally", "--stdin", stdin=tree).strip()
    repo.git("update-ref", "refs/heads/main", repo.git("commit-tree", "-m", "odd", oid).strip())
    with pytest.raises(PackError), tempfile.TemporaryFile() as file:
        write_log(_repository(repo), _sources(repo), _EVERYTHING, file)
    log = _opened(repo)
    whole = Log(_repository(repo), "-c", *_EVERYTHING)
    assert log.wait() == whole.wait()
    assert _commits(log) == b"".join(found[0] for found in whole.commits())
    whole.close()


def test_more_than_git_would_rebuild_is_not_rebuilt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repo = _imported(tmp_path, RandomHistory(2).stream(30))
    monkeypatch.setattr(readtrees, "_MOST_MADE", 2000)
    with pytest.raises(PackError, match="worth"):
        _of_trees(repo)


@_COPIES
def test_if_its_process_is_killed_git_tells_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repo = _imported(tmp_path, RandomHistory(8).stream(30))

    def die(*_words: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    monkeypatch.setattr(treelog, "write_log", die)
    log = _opened(repo)
    assert log.wait()
    assert _commits(log) == _of_git(repo)


@_COPIES
def test_it_can_be_given_up_at_any_time(tmp_path: Path) -> None:
    _opened(_imported(tmp_path, RandomHistory(7).stream(30))).close()


def _wide(trees: int) -> Iterable[bytes]:
    chance = random.Random(1)
    for turn in range(trees):
        yield b"commit refs/heads/main\ncommitter A <a@b> %d +0000\ndata 1\nm\n" % (turn + 1)
        for name in range(100) if not turn else [chance.randrange(100)]:
            text = b"%d" % chance.randrange(10**6)
            yield b"M 100644 inline file-%03d\ndata %d\n%s\n" % (name, len(text), text)


@_COPIES
def test_only_many_large_trees_are_worth_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repo = _imported(tmp_path, b"".join(_wide(30)))
    repository, sources = _repository(repo), _sources(repo)

    def kind_of_log() -> type:
        log = log_of(repository, sources, *_EVERYTHING)
        log.close()
        return type(log)

    assert kind_of_log() is Log  # they are few
    monkeypatch.setattr(treelog, "_MANY", 30)
    assert kind_of_log() is TreeLog
    monkeypatch.setattr(treelog, "_LARGE", 5000)
    assert kind_of_log() is Log
    monkeypatch.setattr(treelog, "_LARGE", 2000)
    weight = sum(pack.weight_of("tree") for pack in sources.packs)
    monkeypatch.setattr(readtrees, "_MOST", weight - 1)
    assert kind_of_log() is Log
    monkeypatch.setattr(readtrees, "_MOST", weight)
    assert kind_of_log() is TreeLog
    monkeypatch.setattr(treelog, "may_copy", lambda: False)
    assert kind_of_log() is Log
