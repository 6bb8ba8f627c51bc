"""A value that is found stands in no name that is shown: of a file, an author, a branch, a reason."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from secopskit.cli.boundary import run
from secopskit.report import FORMATS
from support.cli import rules_cache
from support.repos import Repo
from support.values import github_token


@pytest.fixture(scope="module")
def value() -> str:
    return github_token()


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory, value: str) -> Repo:
    repo = Repo.create(tmp_path_factory.mktemp("named") / "repo")
    repo.git("config", "user.name", f"Ada {value}")
    repo.write("a.py", f"token = '{value}'\n")
    repo.write(f"backup-{value}/{value}.py", f"token = '{github_token()}'\n")
    repo.write(f"{value}.bin", b"\0\1\2")
    repo.write("b.py", f"t = '{github_token()}'  # secops: allow {value[:22]} {value}\n")
    repo.git("add", "-A")
    repo.git(
        "commit", "-q", "--no-verify", "-m", f"with {value}", "--author", f"Ada {value} <ada@example.org>"
    )
    repo.git("branch", f"topic/{value}")
    return repo


@pytest.fixture
def repo(template: Repo, monkeypatch: pytest.MonkeyPatch) -> Repo:
    monkeypatch.chdir(template.path)
    monkeypatch.setenv("SECOPS_CACHE_DIR", str(rules_cache()))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    return template


@pytest.mark.parametrize("form", sorted(FORMATS))
def test_no_report_names_a_value(
    repo: Repo, value: str, form: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    for mode in ((), ("--history", "-j1")):
        assert run(["scan", *mode, "-vv", "--show-suppressed", "-f", form]) == 1
        assert run(["scan", *mode, "-vv", "-f", form, "-o", str(tmp_path / "report")]) == 1
        printed = capsys.readouterr()
        shown = printed.out + printed.err + (tmp_path / "report").read_text()
        assert value not in shown
        assert ("%2A%2A%2A" if form == "sarif" else "***") in shown


def test_other_commands_name_no_value(
    repo: Repo, value: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "known.json"
    place = ["--baseline", str(file), "--history"]
    assert run(["baseline", "create", *place, "--reason", f"is {value}", "-v"]) == 0
    assert run(["baseline", "audit", *place, "--json"]) == 0
    assert run(["scan", "--history", "--baseline", str(file), "-q"]) == 0
    assert run(["init", "--dry-run"]) in (0, 1)
    assert run(["status", "-v"]) == 0
    printed = capsys.readouterr()
    assert value not in printed.out + printed.err + file.read_text()
    paths = {entry["path"] for entry in json.loads(file.read_text())["entries"]}
    assert "backup-***/***.py" in paths
    reasons = {entry["reason"] for entry in json.loads(file.read_text())["entries"]}
    assert reasons == {"is ***"}


@pytest.mark.parametrize(
    "words", [["init", "--check"], ["audit", "-v"], ["audit", "-f", "json"], ["audit", "-f", "github"]]
)
def test_commands_that_scan_nothing_name_no_value_either(
    words: list[str],
    value: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    repo = Repo.create(tmp_path / "repo")
    repo.stage({f".env.{value}": f"PASSWORD={value}\n"})
    monkeypatch.chdir(repo.path)
    monkeypatch.setenv("SECOPS_CACHE_DIR", str(rules_cache()))
    assert run(words) in (0, 1)
    printed = capsys.readouterr()
    assert ".env.***" in printed.out + printed.err
    assert value not in printed.out + printed.err
