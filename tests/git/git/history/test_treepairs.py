"""What differs between two trees is told from the packs as git tells it; git tells what lacks there."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from secopskit.errors import GitError
from secopskit.git.history import readtrees, treepairs
from secopskit.git.history.treepairs import TreePair, differences
from secopskit.git.packs.available import can_read_packs, open_sources
from secopskit.git.repository import Repository
from support.history import opened
from support.packs import everything
from support.repos import Repo
from support.treelogs import RandomHistory

_NEEDS_PACKS = pytest.mark.skipif(not can_read_packs(), reason="the compiled part is not here")


def _history(path: Path, seed: int, commits: int = 80) -> tuple[Repo, list[TreePair]]:
    """A history at random, and pairs of any two of its root trees."""
    repo = Repo.create(path, "--bare")
    stream = RandomHistory(seed).stream(commits)
    repo.git("-c", "fastimport.unpackLimit=0", "fast-import", "--quiet", stdin=stream)
    roots = repo.git("log", "--all", "--format=%T").split()
    chance = random.Random(seed)
    return repo, [(chance.choice(roots), chance.choice(roots)) for _ in range(100)]


def _asked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many pairs git is asked for from now on."""
    asked, ask = list[int](), treepairs._from_git

    def counting(repository: Repository, pairs: Sequence[TreePair]) -> object:
        asked.append(len(pairs))
        return ask(repository, pairs)

    monkeypatch.setattr(treepairs, "_from_git", counting)
    return asked


def _differences(repo: Repo, pairs: Sequence[TreePair], only: str | None = None) -> list[bytes]:
    """What is told by whatever can read here, of the trees `only` or of all."""
    trees = (
        only if only is not None else "".join(oid for oid, kind in everything(repo).items() if kind == "tree")
    )
    repository = opened(repo)
    return list(differences(repository, open_sources(repository), pairs, bytes.fromhex(trees)))


def _of_git(repo: Repo, pairs: Sequence[TreePair]) -> list[bytes]:
    """What git tells, asked for one pair after the other."""
    words = ("diff-tree", "-r", "-z", "--raw", "--no-abbrev", "--no-renames")
    return [repo.git(*words, *pair).encode() for pair in pairs]


@_NEEDS_PACKS
@pytest.mark.parametrize("seed", range(3))
def test_the_packs_tell_what_git_tells(tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    repo, pairs = _history(tmp_path, seed)
    wanted, asked = _of_git(repo, pairs), _asked(monkeypatch)
    assert any(b" T\0" in told for told in wanted)
    assert _differences(repo, pairs) == wanted
    assert asked == [0]


def test_git_tells_the_same_of_many_pairs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repo, pairs = _history(tmp_path, 5)
    monkeypatch.setattr(treepairs, "_PAIRS", 7)
    assert list(differences(opened(repo), None, pairs, b"")) == _of_git(repo, pairs)


@_NEEDS_PACKS
def test_git_tells_of_the_rest_where_a_tree_lacks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repo, pairs = _history(tmp_path, 6)
    pairs = [(old, new) for old, new in dict.fromkeys(pairs) if old != new]
    known = {tree for pair in pairs[:10] for tree in pair}
    below = {tree for root in known for tree in _trees_below(repo, root)}
    late = next(number for number, pair in enumerate(pairs) if not known.issuperset(pair))
    asked = _asked(monkeypatch)
    assert _differences(repo, pairs, "".join(known | below)) == _of_git(repo, pairs)
    (rest,) = asked
    assert 0 < rest <= len(pairs) - late


def _trees_below(repo: Repo, root: str) -> list[str]:
    return [line.split()[2] for line in repo.git("ls-tree", "-r", "-d", root).splitlines()]


@_NEEDS_PACKS
@pytest.mark.parametrize("limit", ["_MOST_MADE", "_MOST"])
def test_git_tells_where_a_table_would_be_too_large(
    tmp_path: Path, limit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo, pairs = _history(tmp_path, 7)
    monkeypatch.setattr(readtrees, limit, 100)
    asked = _asked(monkeypatch)
    assert _differences(repo, pairs) == _of_git(repo, pairs)
    assert asked == [len(pairs)]


def test_of_no_pair_nothing_is_told(tmp_path: Path) -> None:
    repo, _ = _history(tmp_path, 8, commits=3)
    assert _differences(repo, []) == []


def test_a_tree_that_is_nowhere_is_an_error(tmp_path: Path) -> None:
    repo, pairs = _history(tmp_path, 9, commits=5)
    with pytest.raises(GitError, match="diff-tree"):
        _differences(repo, [pairs[0], (pairs[0][0], "1" * 40)])
