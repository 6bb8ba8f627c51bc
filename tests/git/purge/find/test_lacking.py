"""What the history leads to and nobody has; and what an old commit reaches, as git tells on the way."""

from __future__ import annotations

from pathlib import Path

import pytest

from secopskit.purge.find import lacking
from secopskit.purge.find.lacking import UNKNOWN, HistoryWalk, marks_in
from support.history import opened
from support.repos import Repo

COMMITS = 12


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """A main line, a branch beside it, and a tag that leads to no commit."""
    made = Repo.create(tmp_path / "repo")
    for number in range(COMMITS):
        made.commit({"same": "same\n", f"{number % 3}/file": f"{number}\n"})
    made.git("checkout", "-q", "-b", "side", "HEAD~6")
    made.commit({"side": "side\n"})
    made.git("tag", "blob", made.git("hash-object", "-w", "--stdin", stdin=b"alone").strip())
    made.git("checkout", "-q", "main")
    return made


def marks(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> tuple[str, ...]:
    """The marks of a history that counts as long."""
    monkeypatch.setattr(lacking, "_LONG", COMMITS)
    return marks_in(opened(repo))


def test_marks_stand_on_the_main_line_the_older_one_first(
    repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert marks_in(opened(repo)) == ()
    older, newer = marks(repo, monkeypatch)
    assert repo.git("rev-parse", "main~4", "main~1").split() == [older, newer]
    repo.git("checkout", "-q", "--orphan", "new")
    assert marks_in(opened(repo)) == ()


@pytest.mark.parametrize("count", [0, 1, 2])
def test_nothing_is_lacking(repo: Repo, monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    chosen = marks(repo, monkeypatch)[2 - count :]
    with HistoryWalk(opened(repo), marks=chosen) as walk:
        assert walk.lacking() == ()
        reach = walk.reach()
        assert walk.reach() is reach
    if not chosen:
        assert reach is None
        return
    assert reach
    there = repo.git("rev-list", "--objects", "--no-object-names", chosen[-1]).split()
    assert reach.commit == chosen[-1]
    assert {reach.ids[at : at + 20].hex() for at in range(0, len(reach.ids), 20)} == set(there)
    assert reach.has_any([repo.git("rev-parse", "HEAD:same").strip()])
    assert not reach.has_any([repo.git("rev-parse", "side:side").strip(), repo.head])


@pytest.mark.parametrize(
    ("name", "below"),
    [("main~11:0/file", True), ("main~3:2/file", True), ("main:2/file", False), ("side:side", False)],
)
@pytest.mark.parametrize("long", [False, True])
def test_what_is_lacking_is_named_wherever_it_is(
    repo: Repo, monkeypatch: pytest.MonkeyPatch, name: str, below: bool, long: bool
) -> None:
    chosen = marks(repo, monkeypatch) if long else ()
    oid = repo.git("rev-parse", name).strip()
    (repo.path / ".git/objects" / oid[:2] / oid[2:]).unlink()
    with HistoryWalk(opened(repo), marks=chosen) as walk:
        assert walk.lacking() == (oid,)
        assert (walk.reach() is None) == (below or not long)


def test_a_commit_that_is_lacking(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = marks(repo, monkeypatch)
    oid = repo.git("rev-parse", "main~8").strip()
    (repo.path / ".git/objects" / oid[:2] / oid[2:]).unlink()
    with HistoryWalk(opened(repo), marks=chosen) as walk:
        assert set(walk.lacking()) & {oid, UNKNOWN}
        assert walk.reach() is None


def test_who_leaves_early_leaves_no_git_behind(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    with HistoryWalk(opened(repo), marks=marks(repo, monkeypatch)) as walk:
        processes = [one.process for one in (*walk._below, walk._above)]
    assert [process.returncode is not None for process in processes] == [True] * 3
