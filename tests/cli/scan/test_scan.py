"""What `secops scan` says beside a report that has no place for it."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from secopskit.errors import ExitCode
from support.cli import Outcome
from support.forked import secops
from support.repos import Repo
from support.values import alnum, github_token


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


@pytest.mark.parametrize(
    "command",
    ["scan", "scan --history", "scan --staged", "hook run", "hook run -- a.py", "status", "baseline create"],
)
def test_rules_that_are_not_there_are_an_error_everywhere(repo: Repo, command: str) -> None:
    """The built-in ones were compiled before: those must not be taken for all that were asked for."""
    secops("scan", "-q", cwd=repo.path)
    repo.write(".secops.yaml", "scan: {extra_rules: [rules/acme.yml]}\n")
    outcome = secops(*command.split(), cwd=repo.path)
    assert outcome.code == ExitCode.USAGE
    assert "rules/acme.yml: No such file" in outcome.err


def test_a_named_file_that_cannot_be_read_is_an_error_and_the_others_are_scanned(repo: Repo) -> None:
    (repo.path / "loop").symlink_to("loop")
    outcome = secops("scan", "--format", "csv", "loop", "a.py", cwd=repo.path)
    assert outcome.code == ExitCode.OPERATION
    assert table(outcome) == ["a.py"]
    assert "secops: loop: not a regular file: symbolic link" in outcome.err.splitlines()


def test_strict_heeds_what_was_not_scanned_unless_somebody_left_it_out(repo: Repo) -> None:
    repo.git("rm", "-q", "a.py")
    assert secops("scan", cwd=repo.path).code == ExitCode.OK
    outcome = secops("scan", "--strict", cwd=repo.path)
    assert outcome.code == ExitCode.FINDINGS
    assert "secops: strict: not everything was scanned: binary content (1)" in outcome.err.splitlines()
    repo.write(".secops.yaml", "scan: {exclude_paths: ['*.bin'], strict: true}\n")
    assert secops("scan", cwd=repo.path).code == ExitCode.OK
    repo.commit({}, "on")
    repo.stage({"d.dat": b"\0" * 64})
    outcome = secops("hook", "run", cwd=repo.path)
    assert (outcome.code, "strict" in outcome.out) == (ExitCode.FINDINGS, True)


def test_an_empty_directory_is_said(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    outcome = secops("scan", "empty", "--format", "csv", cwd=tmp_path)
    assert (outcome.code, outcome.err) == (ExitCode.OK, "secops: not seen: empty: no files are in it.\n")


@pytest.mark.parametrize("form", ["sarif", "json", "csv", "github", "junit", "html"])
def test_a_file_with_findings_is_told_of_in_one_line(repo: Repo, tmp_path: Path, form: str) -> None:
    file = tmp_path / "out file"
    outcome = secops("scan", "-q", "-f", form, "-o", file, cwd=repo.path)
    assert (outcome.code, outcome.out) == (1, "")
    line = f"secops: 1 finding in work tree {repo.path}/, 1 suppressed; the report is in {file}"
    assert [one for one in outcome.err.splitlines() if one != "secops: suppressed: inline comment (1)"] == [
        line
    ]


def test_what_stands_in_tests_counts_where_it_is_asked_for(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path / "repo")
    repo.commit({"tests/conf.yml": f"db:\n  password: {alnum(24)}\n", "docs/x.md": "nothing\n"})
    clean, shown = (
        secops("scan", "--format", "csv", *more, cwd=repo.path) for more in ((), ("--show", "all"))
    )
    assert (clean.code, table(clean)) == (ExitCode.OK, [])
    assert clean.err.splitlines() == ["secops: 1 finding in tests is not shown (--show all)"]
    assert (shown.code, table(shown)) == (ExitCode.FINDINGS, ["tests/conf.yml"])
    repo.write(".secops.yaml", "scan: {show: tests}\n")
    assert secops("scan", cwd=repo.path).code == ExitCode.FINDINGS


def test_files_outside_of_a_repository_are_called_what_they_were_called(tmp_path: Path) -> None:
    for name in ("tests/a.py", "src/a.py"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(f"token = '{github_token()}'\n")
    outcome = secops("scan", "--format", "csv", "src/a.py", "tests/a.py", cwd=tmp_path)
    rows = {row["path"]: row["role"] for row in csv.DictReader(io.StringIO(outcome.out))}
    assert rows == {"src/a.py": "source", "tests/a.py": "test"}
    assert table(
        secops("scan", "--format", "csv", str(tmp_path / "src" / "a.py"), cwd=tmp_path / "tests")
    ) == ["a.py"]
