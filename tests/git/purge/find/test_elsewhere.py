"""The same content elsewhere: other names of a removed file and copies of it are known, and may go too."""

from __future__ import annotations

from pathlib import Path

import pytest

from secopskit.purge import run
from secopskit.purge.find.elsewhere import Elsewhere, elsewhere, followed
from secopskit.purge.model import Drop
from secopskit.purge.request import PlanRequest, PurgeApplyRequest
from secopskit.purge.tell.outcome_story import outcome_story
from secopskit.purge.values.collect import ValuesToPurge
from secopskit.report.page import as_text
from support.cli import home
from support.history import opened
from support.repos import Repo
from support.values import alnum

DROP = (Drop(path="secrets.json"),)


@pytest.fixture(autouse=True)
def _own_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(home()))


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """`secrets.json` was `conf/secrets.json`, and `old.json` before; `backup/s` was a copy for a while."""
    made = Repo.create(tmp_path / "repo")
    lines = [f"{alnum(20)}\n" for _ in range(6)]
    made.commit({"old.json": "".join(lines[:5]), "README": "nothing\n", "empty": "", "also-empty": ""})
    (made.path / "conf").mkdir()
    made.git("mv", "old.json", "conf/secrets.json")
    made.commit({"conf/secrets.json": "".join(lines)}, "renamed and changed")
    made.git("mv", "conf/secrets.json", "secrets.json")
    made.commit({}, "renamed")
    made.commit({"backup/s": "".join(lines)}, "copied")
    made.commit({"backup/s": "something else\n"}, "no copy any more")
    return made


def test_other_names_and_copies_are_known(repo: Repo) -> None:
    found = elsewhere(opened(repo), DROP).paths
    assert [(one.path, one.renamed) for one in found] == [
        ("backup/s", False),
        ("conf/secrets.json", True),
        ("old.json", True),
    ]
    assert elsewhere(opened(repo), (Drop(path="empty"),)) == Elsewhere(())
    assert [one.path for one in elsewhere(opened(repo), (Drop(path="old.json"),)).paths] == [
        "conf/secrets.json",
        "secrets.json",
    ]
    assert [one.path for one in elsewhere(opened(repo), (Drop(path="conf"),)).paths] == [
        "backup/s",
        "old.json",
        "secrets.json",
    ]


def test_to_follow_means_all_of_them_and_of_a_copy_only_what_is_one(repo: Repo) -> None:
    drops = {drop.path: drop for drop in followed(opened(repo), DROP, keep_head=False)}
    assert set(drops) == {"secrets.json", "conf/secrets.json", "old.json", "backup/s"}
    now = repo.git("rev-parse", "HEAD:backup/s").strip()
    assert drops["backup/s"].keep == {now}
    assert not drops["old.json"].keep
    assert elsewhere(opened(repo), tuple(drops.values())) == Elsewhere(())


def _applied(repo: Repo, *, follow: bool) -> str:
    request = PlanRequest(paths=("secrets.json",), follow=follow, to_be_applied=True, jobs=1)
    proposal = run.plan(opened(repo), ValuesToPurge(candidates=()), request)
    result = run.apply(opened(repo), proposal, PurgeApplyRequest(consented=True, backup=False))
    return as_text(outcome_story(result.facts), width=200)


def test_what_stays_is_named_and_nobody_is_asked_to_edit_what_is_gone(repo: Repo) -> None:
    told = _applied(repo, follow=False)
    assert "conf/secrets.json (another name of it)" in told
    assert "--follow" in told
    assert "hold the replacement" not in told
    assert "backup/s (a copy)" in told


def test_followed_it_stands_nowhere(repo: Repo) -> None:
    content = repo.git("show", "main:secrets.json").split()
    told = _applied(repo, follow=True)
    assert "elsewhere" not in told
    history = repo.git("log", "--all", "-p", "--format=")
    assert not any(line in history for line in content)
    assert repo.git("show", "main:backup/s") == "something else\n"
