"""By how many processes a history is rewritten, and who reads it, makes no difference to what comes out."""

from __future__ import annotations

import pickle
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from secopskit.errors import SecopsError
from secopskit.git.packs import available
from secopskit.git.packs.available import open_sources
from secopskit.git.workers import may_copy
from secopskit.purge import model
from secopskit.purge.model import Rewrite
from secopskit.purge.proof import blobcheck, rewritecheck
from secopskit.purge.proof.rewritecheck import check_rewrite
from secopskit.purge.rewrite import blobs, roots
from secopskit.purge.rewrite.blobs import Redactor
from secopskit.purge.rewrite.replay import Replay
from secopskit.purge.rewrite.trees import TreeRewriter
from secopskit.purge.values import crew
from secopskit.purge.values.matcher import ValueMatcher
from support.history import opened
from support.purges import target
from support.repos import Repo
from support.rewrites import Rewritten, rewritten
from support.treelogs import RandomHistory
from support.values import alnum

VALUE = alnum(24)
_COPIES = pytest.mark.skipif(not may_copy(), reason="no copies of processes here")


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """Merges, links, submodules, and the value in many files that come and go."""
    made = Repo.create(tmp_path_factory.mktemp("beside") / "repo", "--bare")
    stream = RandomHistory(11).stream(120)
    for number in (3, 7, 9):
        text = f"{number}: '{VALUE}'".encode()
        stream = stream.replace(b"data 6\ntext %d\n" % number, b"data %d\n%s\n" % (len(text), text))
    made.git("-c", "fastimport.unpackLimit=0", "fast-import", "--quiet", stdin=stream)
    return made


def _rewritten(repo: Repo) -> Rewritten:
    shutil.rmtree(f"{repo.path}-stage.git", ignore_errors=True)
    return rewritten(repo, VALUE)


def _made(made: Rewrite) -> tuple[object, ...]:
    return made.commits, made.trees, made.blobs, made.tags, made.refs


@pytest.mark.parametrize("beside", [pytest.param(True, marks=_COPIES), False])
@pytest.mark.parametrize("packs", [True, False])
def test_the_same_history_comes_out(
    repo: Repo, beside: bool, packs: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = _rewritten(repo)
    usual.assert_clean()
    assert len(usual.made.commits) > 60
    assert len(usual.made.blobs) == 3
    monkeypatch.setattr(crew, "_MANY", 1 if beside else 1 << 30)
    monkeypatch.setattr(model, "_WIDE", 1 << 30 if packs else 0)
    monkeypatch.setattr(roots, "_FIRST_PACK", 3)
    monkeypatch.setattr(roots, "_PACK", 7)
    monkeypatch.setattr(roots, "_WINDOW", 2)
    for module in (blobs, blobcheck, rewritecheck):
        monkeypatch.setattr(module, "_PART", 1 if beside else 100)
    done = _rewritten(repo)
    assert _made(done.made) == _made(usual.made)
    done.assert_clean()
    matcher = ValueMatcher([target(VALUE)])
    told = check_rewrite(opened(done.stage), done.made, done.extent, matcher)
    assert told[1].startswith(f"{len(done.made.commits)} rewritten commits")
    assert told[3].startswith("3 redacted files")


def test_without_the_compiled_part_the_same_comes_out(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = _rewritten(repo)
    monkeypatch.setattr(available, "can_read_packs", lambda: False)
    assert _made(_rewritten(repo).made) == _made(usual.made)


@_COPIES
def test_an_error_beside_us_is_ours(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise SecopsError("the disk is full", advice="Make room.")

    monkeypatch.setattr(crew, "_MANY", 1)
    monkeypatch.setattr(TreeRewriter, "_make", full)
    with pytest.raises(SecopsError, match="the disk is full") as caught:
        _rewritten(repo)
    assert caught.value.advice == "Make room."


def test_git_filter_repo_writes_the_commits(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    sent, send = list[bytes](), Replay.send

    def noting(self: Replay, batch: bytes) -> None:
        sent.append(batch)
        send(self, batch)

    monkeypatch.setattr(Replay, "send", noting)
    done = _rewritten(repo)
    assert b"".join(sent).count(b"\nmark :") == len(done.made.commits)


@pytest.mark.parametrize("beside", [pytest.param(True, marks=_COPIES), False])
def test_what_is_checked_beside_us_is_refused_here(
    repo: Repo, beside: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = _rewritten(repo)
    (one, first), (other, second), *rest = done.made.commits.items()
    swapped = replace(done.made, commits={one: second, other: first, **dict(rest)}, refs=())
    monkeypatch.setattr(crew, "_MANY", 1 if beside else 1 << 30)
    with pytest.raises(SecopsError, match="a commit"):
        check_rewrite(opened(done.stage), swapped, done.extent, ValueMatcher([target(VALUE)]))


@_COPIES
def test_a_blob_that_cannot_be_cleaned_is_an_error(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    def stubborn(*_: object, **__: object) -> bytes:
        raise SecopsError("a value cannot be taken out")

    monkeypatch.setattr(blobs, "_PART", 1)
    monkeypatch.setattr(ValueMatcher, "redact", stubborn)
    with pytest.raises(SecopsError, match="cannot be taken out"):
        _rewritten(repo)


@pytest.mark.parametrize("packs", [True, False])
def test_a_worker_is_made_where_nothing_is_shared(tmp_path: Path, packs: bool) -> None:
    repo = Repo.create(tmp_path / "repo")
    repo.commit({"a": f"key = '{VALUE}'\n", "b": "nothing\n"})
    dirty, clean = (repo.git("rev-parse", f"HEAD:{name}").strip() for name in "ab")
    sources = open_sources(opened(repo)) if packs else None
    pool = crew.crew(Redactor, opened(repo), ValueMatcher([target(VALUE)]), sources)
    make = pickle.loads(pickle.dumps(pool._maker()))
    worker = make()
    try:
        done = worker.redact({dirty: ("a",), clean: ("b",)})
    finally:
        worker.close()
        pool.close()
    assert done[clean] is None
    expected = repo.git("hash-object", "--stdin", stdin=b"key = '***REMOVED***'\n").strip()
    assert done[dirty].oid.hex() == expected
