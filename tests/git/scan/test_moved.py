"""A secret that a change only moves stops nobody, and is counted; what is new is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from secopskit.errors import GitError
from secopskit.findings import Blob, ScanResult, Skipped, SuppressedBy
from secopskit.git import process
from secopskit.git.bounded import GitChild
from secopskit.scan.choose import HistoryRequest, StagedRequest, scan_requested
from secopskit.scan.content.detectors import Detectors
from secopskit.scan.content.occurrence import Occurrence
from secopskit.scan.judging.head_search import HeadFiles
from secopskit.scan.judging.moved import StandingSecrets
from secopskit.scan.session import ScanSession
from support.cli import rules_cache
from support.history import opened
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


def hide(repo: Repo, how: str) -> None:
    """Take from the work tree what HEAD has in `conf/app.yml`."""
    file = repo.path / "conf/app.yml"
    if how in ("skipped", "assumed"):
        repo.git(
            "update-index", {"skipped": "--skip-worktree", "assumed": "--assume-unchanged"}[how], str(file)
        )
    if how == "removed":
        repo.git("rm", "-q", "--cached", "conf/app.yml")
    if how in ("changed", "assumed"):
        file.write_text("port: 1\n")
    else:
        file.unlink()


@pytest.mark.parametrize("how", ["changed", "deleted", "skipped", "assumed", "removed"])
def test_what_only_head_has_is_found_there(repo: Repo, value: str, how: str) -> None:
    hide(repo, how)
    repo.stage({"a.yml": text(value) + "line: 1\n" * 40})  # no renamed file, either
    result = scan_requested(ScanSession(str(repo.path)), StagedRequest())
    assert (places(result), moved(result)) == ([], [("a.yml", "in conf/app.yml")])


def test_what_only_the_work_tree_has_is_new(repo: Repo) -> None:
    new = alnum(24)
    (repo.path / "conf/other.yml").write_text(text(new))
    repo.stage({"a.yml": text(new)})
    assert places(scan_requested(ScanSession(str(repo.path)), StagedRequest())) == ["a.yml:2"]


@pytest.mark.parametrize("staged_too", [True, False])
def test_where_much_is_changed_all_of_head_is_searched(repo: Repo, value: str, *, staged_too: bool) -> None:
    names = [f"bulk/{number}[*].txt" for number in range(210)]
    repo.commit(dict.fromkeys(names, "a\n"))
    for name in ("conf/app.yml", *names):
        (repo.path / name).write_text("b\n")
    if staged_too:
        repo.git("add", "-u")
    repo.stage({"a.yml": text(value)})
    result = scan_requested(ScanSession(str(repo.path)), StagedRequest())
    assert (places(result), moved(result)) == ([], [("a.yml", "in conf/app.yml")])


def test_new_files_are_no_candidates(repo: Repo, value: str) -> None:
    repo.stage({f"bulk/{number:02}.yml": text(value) for number in range(30)})
    result = scan_requested(ScanSession(str(repo.path)), StagedRequest())
    assert places(result) == []
    assert {reason for _, reason in moved(result)} == {"in conf/app.yml"}


def test_a_file_whose_name_begins_as_git_names_those_of_head(repo: Repo, value: str) -> None:
    repo.commit({"HEAD:x.yml": text(value), "conf/app.yml": "a: 1\n"})
    repo.stage({"a.yml": text(value)})
    result = scan_requested(ScanSession(str(repo.path)), StagedRequest())
    assert moved(result) == [("a.yml", "in HEAD:x.yml")]


def test_a_name_that_means_more_to_git_is_looked_for_as_it_is(repo: Repo, value: str) -> None:
    name = ":x.yml"
    repo.write(name, text(value))
    repo.git("--literal-pathspecs", "add", name)
    repo.commit({"conf/app.yml": "a: 1\n"})
    repo.write(name, "a: 1\n")
    repo.git("--literal-pathspecs", "add", name)
    repo.stage({"a.yml": text(value)})
    assert moved(scan_requested(ScanSession(str(repo.path)), StagedRequest())) == [("a.yml", f"in {name}")]


# --- the search that begins early ---------------------------------------------------------------


@pytest.fixture
def searches(monkeypatch: pytest.MonkeyPatch) -> list[GitChild]:
    """The searches that are begun from here on."""
    begun = list[GitChild]()

    class Watched(GitChild):
        def __init__(self, *arguments: Any, name: str, **others: Any) -> None:
            super().__init__(*arguments, name=name, **others)
            if name == "grep":
                begun.append(self)

    monkeypatch.setattr(process, "GitChild", Watched)
    return begun


def staged(repo: Repo) -> ScanResult:
    return scan_requested(ScanSession(str(repo.path)), StagedRequest())


def test_one_search_serves_who_asks_for_it(repo: Repo, value: str, searches: list[GitChild]) -> None:
    repo.stage({"a.yml": text(alnum(24), value), "b.yml": text(alnum(24))})
    result = staged(repo)
    assert sorted(places(result)) == ["a.yml:2", "b.yml:2"]
    assert moved(result) == [("a.yml", "in conf/app.yml")]
    assert len(searches) == 3


def test_the_search_for_a_new_file_begins_while_others_are_read(
    repo: Repo, value: str, searches: list[GitChild], monkeypatch: pytest.MonkeyPatch
) -> None:
    counts, look_into = list[int](), Detectors.look_into

    def counted(detectors: Detectors, blob: Blob) -> tuple[list[Occurrence], list[Skipped]]:
        counts.append(len(searches))
        return look_into(detectors, blob)

    monkeypatch.setattr(Detectors, "look_into", counted)
    repo.stage({"a.yml": text(value), "b.txt": "nothing", "c.txt": "nothing else"})
    assert moved(staged(repo)) == [("a.yml", "in conf/app.yml")]
    assert counts == [0, 1, 1]
    assert len(searches) == 1


@pytest.mark.parametrize("line", ["  password: {}  # secops: allow a test\n", "  word: {}\n"])
def test_what_is_held_back_is_not_looked_for(
    repo: Repo, value: str, searches: list[GitChild], line: str
) -> None:
    repo.stage({"a.yml": line.format(value)})
    assert places(staged(repo)) == []
    assert searches == []


def test_what_a_renamed_file_has_kept_is_not_looked_for(
    repo: Repo, value: str, searches: list[GitChild]
) -> None:
    repo.commit({"conf/long.yml": text(value) + "line: 1\n" * 40})
    repo.git("mv", "conf/long.yml", "moved.yml")
    assert places(staged(repo)) == []
    assert searches == []


def test_a_search_that_nobody_asks_for_is_ended(
    repo: Repo, value: str, searches: list[GitChild], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(StandingSecrets, "in_head", lambda *_: "")
    repo.stage({"a.yml": text(value)})
    assert places(staged(repo)) == ["a.yml:2"]
    assert [one.returncode is not None for one in searches] == [True]


def test_with_it_ends_what_tells_of_the_work_tree(repo: Repo) -> None:
    files = HeadFiles(opened(repo), ())
    search = files.begin(b"nothing\n")
    listing = files._listed and files._listed._process
    search.end()
    assert listing
    assert listing.returncode is not None
    assert files.hidden == frozenset()


def test_a_search_that_fails_tells_of_none(
    repo: Repo, value: str, searches: list[GitChild], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_: process.Begun) -> bytes:
        raise GitError("git grep: failed")

    result = process.Begun.output
    monkeypatch.setattr(
        process.Begun, "output", lambda one: fails(one) if "grep" in one._arguments else result(one)
    )
    repo.stage({"a.yml": text(value)})
    assert places(staged(repo)) == ["a.yml:2"]
    assert len(searches) == 1
