"""What commands ask of a scan, asked here without any command line."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path

import pytest

from secopskit.errors import UsageError
from secopskit.findings import ScanResult
from secopskit.report import load
from secopskit.report.interface import RenderOptions
from secopskit.scan.choose import (
    FilesRequest,
    HistoryRequest,
    Request,
    StagedRequest,
    StreamRequest,
    scan_requested,
)
from secopskit.scan.history.objects.selection import WHOLE_HISTORY
from secopskit.scan.hook import choose_for_commit, scan_pushed
from secopskit.scan.inventory import take_inventory
from secopskit.scan.refind import accepted, read_report, refind
from secopskit.scan.session import Overrides, ScanSession
from support.cli import rules_cache
from support.history import line
from support.repos import Repo
from support.values import github_token


@pytest.fixture(autouse=True)
def _own_surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECOPS_CACHE_DIR", str(rules_cache()))


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """A secret that is gone, one in a commit, one staged, and one that git ignores."""
    repo = Repo.create(tmp_path / "repo")
    repo.commit({"gone.py": line(github_token()), ".gitignore": "build\n"})
    repo.git("rm", "-q", "gone.py")
    repo.commit({"sub/kept.py": line(github_token())})
    repo.stage({"staged.py": line(github_token())})
    repo.write("build/out.py", line(github_token()))
    return repo


def session(repo: Repo, **overrides: object) -> ScanSession:
    return ScanSession(str(repo.path), Overrides(**overrides))  # type: ignore[arg-type]  # real fields


def paths(result: ScanResult) -> set[str]:
    return {place.path for finding in result.findings for place in finding.locations}


@pytest.mark.parametrize(
    ("request_", "found"),
    [
        (HistoryRequest(), {"gone.py", "sub/kept.py", "<unreachable>"}),
        (HistoryRequest("HEAD~1..HEAD"), {"sub/kept.py"}),
        (HistoryRequest("HEAD..HEAD"), set()),
        (StagedRequest(), {"staged.py"}),
    ],
    ids=["history", "range", "empty range", "staged"],
)
def test_a_request_is_answered(repo: Repo, request_: Request, found: set[str]) -> None:
    result = scan_requested(session(repo), request_)
    assert {"<unreachable>" if path.startswith("<") else path for path in paths(result)} == found


@pytest.mark.parametrize(
    ("below", "found"),
    [("", {"sub/kept.py", "staged.py"}), ("sub", {"sub/kept.py"}), ("build", {"build/out.py"})],
)
def test_a_directory_is_read_as_git_sees_it_unless_git_ignores_it(
    repo: Repo, below: str, found: set[str]
) -> None:
    result = scan_requested(session(repo), FilesRequest((os.path.join(repo.path, below),)))
    assert paths(result) == found


def test_a_stream_has_the_name_it_is_given(repo: Repo) -> None:
    stream = io.BytesIO(line(github_token()).encode())
    assert paths(scan_requested(session(repo), StreamRequest(stream, "mail.txt"))) == {"mail.txt"}


def test_requests_that_a_place_cannot_answer(tmp_path: Path) -> None:
    Repo.create(tmp_path / "bare", "--bare")
    (tmp_path / "none").mkdir()
    bare = ScanSession(str(tmp_path / "bare"))
    with pytest.raises(UsageError, match="no work tree"):
        scan_requested(bare, FilesRequest((str(tmp_path / "bare"),)))
    for request in (HistoryRequest(), HistoryRequest("HEAD"), StagedRequest()):
        with pytest.raises(UsageError, match="not a git repository"):
            scan_requested(ScanSession(str(tmp_path / "none")), request)


def test_a_range_that_git_does_not_know(repo: Repo) -> None:
    for words in ("nothing..HEAD", "--all", ""):
        with pytest.raises(UsageError, match="no such revision"):
            scan_requested(session(repo), HistoryRequest(words))


def test_a_commit_is_judged_by_its_index_and_other_files_by_what_is_on_disk(
    repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(repo.path)
    here = session(repo)
    assert paths(here.scan(choose_for_commit(here, ()))) == {"staged.py"}
    assert paths(here.scan(choose_for_commit(here, ("staged.py",)))) == {"staged.py"}
    assert paths(here.scan(choose_for_commit(here, ("sub/kept.py",)))) == {"sub/kept.py"}


def test_a_push_is_judged_by_what_it_brings(repo: Repo) -> None:
    allowed = line(github_token()).rstrip() + "  # secops: allow\n"
    repo.commit({"sub/kept.py": f"{(repo.path / 'sub/kept.py').read_text()}{allowed}"})
    pushed = ("HEAD", "^HEAD~1")
    assert paths(scan_pushed(session(repo), pushed)) == {"staged.py"}
    result = scan_pushed(session(repo), pushed, heeds_comments=False)
    assert paths(result) == {"staged.py", "sub/kept.py"}
    (kept,) = [one for one in result.findings if one.locations[0].path == "sub/kept.py"]
    assert kept.locations[0].line == 2  # what stood there before is not told of


def test_an_inventory_tells_where_it_looked(repo: Repo) -> None:
    repo.write("big.bin", b"\0" * 64)
    seen = take_inventory(session(repo), str(repo.path), history=False)
    assert {finding.locations[0].path for finding in seen.findings} == {"sub/kept.py", "staged.py"}
    assert seen.looked_at("any.py")
    assert not seen.looked_at("big.bin")
    below = take_inventory(session(repo), str(repo.path / "sub"), history=False)
    assert below.looked_at("sub/other.py")
    assert not below.looked_at("staged.py")
    assert not below.looked_at("subway.py")


def test_an_inventory_of_the_history_joins_what_both_scans_found(repo: Repo) -> None:
    seen = take_inventory(session(repo), str(repo.path), history=True)
    (kept,) = [one for one in seen.findings if any(p.path == "sub/kept.py" for p in one.locations)]
    assert [place.provenance is None for place in kept.locations] == [True, False]
    assert any(place.path == "gone.py" for one in seen.findings for place in one.locations)


# --- finding reported values again --------------------------------------------------------------


def reported(result: ScanResult, path: Path) -> Path:
    path.write_text(load("json").render(result, RenderOptions()))
    return path


def test_a_reported_finding_is_found_again_with_its_value(repo: Repo, tmp_path: Path) -> None:
    result = session(repo).scan_commits(WHOLE_HISTORY, purpose="a test")
    report = read_report(reported(result, tmp_path / "report.json"))
    again = refind(session(repo).scan_commits(WHOLE_HISTORY, purpose="a test"), report)
    assert again.absent == 0
    assert [finding.secret for finding in again.findings] == [finding.secret for finding in result.findings]


def test_a_report_of_another_clone_is_understood_by_places(repo: Repo, tmp_path: Path) -> None:
    result = session(repo).scan_commits(WHOLE_HISTORY, purpose="a test")
    path = reported(result, tmp_path / "report.json")
    document = json.loads(path.read_text())
    for number, finding in enumerate(document["findings"]):
        finding["fingerprint"] = f"{number:064x}"
    document["findings"][0]["locations"] = []
    path.write_text(json.dumps(document))
    again = refind(result, read_report(path))
    assert again.absent == 1
    assert again.findings == result.findings[1:]


def test_what_is_accepted_is_refound_too(repo: Repo, tmp_path: Path) -> None:
    path = reported(session(repo).scan_commits(WHOLE_HISTORY, purpose="a test"), tmp_path / "report.json")
    repo.write(".gitleaksignore", "sub/kept.py:any-rule:1\n")
    result = session(repo).scan_commits(WHOLE_HISTORY, purpose="a test")
    (known,) = accepted(result)
    assert known.locations[0].path == "sub/kept.py"
    again = refind(result, read_report(path))
    assert (again.absent, known in again.findings) == (0, True)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"findings": [{"fingerprint": 1}]}', "[" * 10_000])
def test_what_is_no_report(tmp_path: Path, text: str) -> None:
    path = tmp_path / "report.json"
    path.write_text(text)
    with pytest.raises(UsageError, match="not a JSON report"):
        read_report(path)
