"""A secret that a change only moves stops nobody, and is counted; what is new is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from secopskit.findings import ScanResult, SuppressedBy
from secopskit.scan.choose import HistoryRequest, StagedRequest, scan_requested
from secopskit.scan.session import ScanSession
from support.cli import rules_cache
from support.repos import Repo
from support.values import alnum


@pytest.fixture(autouse=True)
def _own_surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECOPS_CACHE_DIR", str(rules_cache()))


def text(*values: str) -> str:
    return "".join(f"part{number}:\n  password: {value}\n" for number, value in enumerate(values))


@pytest.fixture
def value() -> str:
    return alnum(24)


@pytest.fixture
def repo(tmp_path: Path, value: str) -> Repo:
    """A secret in a file, and another file beside it."""
    repo = Repo.create(tmp_path / "repo")
    repo.commit({"conf/app.yml": text(value) + "port: 1\n", "conf/other.yml": "a: 1\n"})
    return repo


def places(result: ScanResult) -> list[str]:
    return [f"{one.path}:{one.line}" for finding in result.findings for one in finding.locations]


def moved(result: ScanResult) -> list[tuple[str, str]]:
    return [
        (one.finding.locations[0].path, one.reason)
        for one in result.suppressed
        if one.by is SuppressedBy.MOVED
    ]


def scans(repo: Repo, files: dict[str, str]) -> list[ScanResult]:
    """What a commit hook says of the change, and a scan of the commit."""
    repo.stage(files)
    session = ScanSession(str(repo.path))
    staged = scan_requested(session, StagedRequest())
    repo.commit({})
    return [staged, scan_requested(ScanSession(str(repo.path)), HistoryRequest("HEAD~1..HEAD"))]


def test_other_line_ends_and_other_lines_are_no_new_secret(repo: Repo, value: str) -> None:
    staged, brought = scans(repo, {"conf/app.yml": "port: 1\r\n" + text(value).replace("\n", "\r\n")})
    assert (places(staged), moved(staged)) == ([], [("conf/app.yml", "in this file")])
    assert places(brought) == []


def test_a_secret_that_goes_to_another_file_is_told_as_moved(repo: Repo, value: str) -> None:
    for result in scans(repo, {"conf/app.yml": "port: 1\n", "conf/other.yml": text(value)}):
        assert (places(result), moved(result)) == ([], [("conf/other.yml", "in conf/app.yml")])


def test_the_same_secret_once_more_in_its_file_is_new_there(repo: Repo, value: str) -> None:
    staged, _ = scans(repo, {"conf/app.yml": text(value, value)})
    assert places(staged) == ["conf/app.yml:4"]


def test_what_is_new_is_told_beside_what_is_moved(repo: Repo, value: str) -> None:
    for result in scans(repo, {"conf/other.yml": text(value, alnum(24))}):
        assert places(result) == ["conf/other.yml:4"]
        assert moved(result) == [("conf/other.yml", "in conf/app.yml")]


def test_a_first_commit_has_nothing_before_it(tmp_path: Path, value: str) -> None:
    repo = Repo.create(tmp_path / "new")
    repo.stage({"a.yml": text(value)})
    assert places(scan_requested(ScanSession(str(repo.path)), StagedRequest())) == ["a.yml:2"]


def test_each_place_of_a_file_is_told_of_a_history_too(repo: Repo, value: str) -> None:
    repo.commit({"conf/app.yml": text(value, alnum(20), value)})
    result = scan_requested(ScanSession(str(repo.path)), HistoryRequest())
    (found,) = [one for one in result.findings if len(one.locations) > 1]
    assert [(one.path, one.line) for one in found.locations] == [("conf/app.yml", 2), ("conf/app.yml", 6)]
