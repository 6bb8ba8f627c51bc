"""What `secops scan` says beside a report that has no place for it."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from support.cli import Outcome, secops
from support.repos import Repo
from support.values import github_token


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    repo = Repo.create(tmp_path / "repo")
    allowed = f"token = '{github_token()}'  # secops: allow[github-pat] a test\n"
    repo.commit({"a.py": f"token = '{github_token()}'\n", "b.py": allowed, "c.bin": b"\0" * 64})
    return repo


def table(outcome: Outcome) -> list[str]:
    return [row["path"] for row in csv.DictReader(io.StringIO(outcome.out))]


@pytest.mark.parametrize("findings", [True, False])
def test_what_a_table_cannot_hold_goes_to_standard_error(repo: Repo, findings: bool) -> None:
    if not findings:
        repo.git("rm", "-q", "a.py")
    outcome = secops("scan", "--format", "csv", cwd=repo.path)
    assert table(outcome) == (["a.py"] if findings else [])
    assert outcome.err.splitlines() == [
        "secops: not scanned: binary content (1)",
        "secops: suppressed: inline comment (1)",
    ]


def test_a_quiet_table_still_tells_what_was_not_seen(repo: Repo, tmp_path: Path) -> None:
    repo.commit({"d.py": "x = 1\n"})
    repo.git("clone", "-q", "--depth", "1", f"file://{repo.path}", str(tmp_path / "shallow"))
    outcome = secops("-q", "scan", "--history", "--format", "csv", cwd=tmp_path / "shallow")
    line, suppressed = outcome.err.splitlines()
    assert line.startswith("secops: not seen: This is a shallow clone")
    assert suppressed == "secops: suppressed: inline comment (1)"


@pytest.mark.parametrize("form", ["sarif", "json", "csv", "github", "junit", "html"])
def test_a_file_with_findings_is_told_of_in_one_line(repo: Repo, tmp_path: Path, form: str) -> None:
    file = tmp_path / "out file"
    outcome = secops("scan", "-q", "-f", form, "-o", file, cwd=repo.path)
    assert (outcome.code, outcome.out) == (1, "")
    line = f"secops: 1 finding in work tree {repo.path}/, 1 suppressed; the report is in {file}"
    assert [one for one in outcome.err.splitlines() if one != "secops: suppressed: inline comment (1)"] == [
        line
    ]
