"""However many names removed files had, all are known and go; where git cannot tell one, that is said."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from secopskit.errors import ExitCode
from secopskit.purge import run
from secopskit.purge.conclusion import PurgeResult
from secopskit.purge.find import renames
from secopskit.purge.find.elsewhere import Elsewhere, elsewhere, followed
from secopskit.purge.find.renames import FileRenames
from secopskit.purge.model import Drop
from secopskit.purge.request import PlanRequest, PurgeApplyRequest
from secopskit.purge.tell.outcome_story import outcome_story
from secopskit.purge.tell.plan_story import plan_story
from secopskit.purge.values.collect import ValuesToPurge
from secopskit.report.page import Block, as_text
from support.cli import home
from support.history import opened
from support.repos import Repo
from support.values import alnum

MANY = 250
"""More than any number of names or places that something here may be bounded by."""


@pytest.fixture(autouse=True)
def _own_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(home()))


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo.create(tmp_path / "repo")


def _texts(names: Iterable[str]) -> dict[str, str]:
    return {name: "".join(f"{alnum(20)}\n" for _ in range(5)) for name in names}


def _moved(repo: Repo, old: str, new: str, texts: dict[str, str]) -> None:
    """Rename a directory, or a file, and edit all that is in it by the same commit."""
    repo.git("mv", old, new)
    for name in texts:
        texts[name] += f"{alnum(20)}\n"
    repo.commit({new + name: text for name, text in texts.items()}, f"{old} is {new}, edited")


def _moved_twice(repo: Repo) -> None:
    """`a` became `b`, and `b` became `c`, with edits: no version of it is a copy of another."""
    texts = _texts(f"/f{number:03}" for number in range(MANY))
    repo.commit({"README": "nothing\n", **{f"a{name}": text for name, text in texts.items()}})
    _moved(repo, "a", "b", texts)
    _moved(repo, "b", "c", texts)


def _applied(repo: Repo, path: str) -> PurgeResult:
    request = PlanRequest(paths=(path,), follow=True, to_be_applied=True, jobs=1)
    proposal = run.plan(opened(repo), ValuesToPurge(), request)
    return run.apply(opened(repo), proposal, PurgeApplyRequest(consented=True, backup=False))


def _text(blocks: Iterable[Block]) -> str:
    return " ".join(as_text(blocks, width=200).split())


@pytest.mark.slow
def test_all_names_of_many_files_are_told_and_go(repo: Repo) -> None:
    _moved_twice(repo)
    found = elsewhere(opened(repo), (Drop(path="c"),))
    assert {one.path for one in found.paths} == {
        f"{place}/f{number:03}" for place in "ab" for number in range(MANY)
    }
    assert not found.unsure
    result = _applied(repo, "c")
    assert "Nothing is left." in _text(outcome_story(result.facts))
    assert "where git sees no rename" in _text(outcome_story(result.facts))
    assert result.code is ExitCode.OK
    names = repo.git("log", "--all", "--format=", "--name-only", "--no-renames").split()
    assert set(names) == {"README"}


def test_a_long_row_of_names_is_followed_to_its_end(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(renames, "_MOST_WALKS", 2)
    texts = _texts([""])
    repo.commit({"n0": texts[""]})
    for number in range(8):
        _moved(repo, f"n{number}", f"n{number + 1}", texts)
    assert set(FileRenames(opened(repo)).other_names(["n8"])) == {f"n{number}" for number in range(8)}


def test_a_copy_of_what_the_file_was_under_another_name_goes_too(repo: Repo) -> None:
    texts = _texts([""])
    repo.commit({"old": texts[""], "backup": texts[""]})
    repo.commit({"backup": "its own\n"})
    _moved(repo, "old", "new", texts)
    repo.commit({"backup": texts[""]})
    now = repo.git("rev-parse", "main~2:backup").strip()
    drops = {drop.path: drop for drop in followed(opened(repo), (Drop(path="new"),), keep_head=False)}
    assert drops["backup"].copies
    assert drops["backup"].keep == {now}
    _applied(repo, "new")
    history = repo.git("log", "--all", "--format=", "-p")
    assert "+its own" in history
    assert texts[""].split("\n")[0] not in history  # a line that all other versions have


def test_what_git_does_not_compare_is_said_and_no_name_is_claimed_to_be_gone(
    repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(renames, "_MOST_COMPARED", 3)
    # Names that tell nothing: else git knows by them which file became which.
    texts = _texts(f"/{number}/x" for number in range(5))
    repo.commit({"README": "nothing\n", **{f"a{name}": text for name, text in texts.items()}})
    _moved(repo, "a", "b", texts)
    assert elsewhere(opened(repo), (Drop(path="b"),)) == Elsewhere((), unsure=True)
    request = PlanRequest(paths=("b",), follow=True, jobs=1)
    plan = run.plan(opened(repo), ValuesToPurge(), request)
    assert "may have had other names" in _text(plan_story(plan.facts))
    result = _applied(repo, "b")
    told = _text(outcome_story(result.facts))
    assert "may have had other names" in told
    assert "Nothing is left." not in told
    assert result.code is ExitCode.FINDINGS


def test_a_repository_cannot_switch_off_that_renames_are_told(repo: Repo) -> None:
    texts = _texts(f"/{number}/x" for number in range(5))
    repo.commit({f"a{name}": text for name, text in texts.items()})
    _moved(repo, "a", "b", texts)
    repo.git("config", "diff.renameLimit", "1")
    found = elsewhere(opened(repo), (Drop(path="b"),))
    assert [one.path for one in found.paths] == [f"a/{number}/x" for number in range(5)]
    assert not found.unsure
