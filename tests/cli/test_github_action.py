"""action.yml: what the step scans for which event, what it says, and how it ends. GitHub is not asked."""

from __future__ import annotations

import base64
import gzip
import json
import os
import shutil
import stat
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from support.cli import ROOT, Outcome, run
from support.history import line
from support.repos import Repo
from support.values import github_token
from support.workflow_linters import zizmor

ACTION = ROOT / "action.yml"
SCRIPT = ROOT / "scripts" / "github-action"
pytestmark = pytest.mark.skipif(os.name == "nt", reason="the step is for Linux and macOS")


class Job(NamedTuple):
    """A runner's surroundings: a clone, and the files by which steps talk."""

    repo: Repo
    place: Path

    def step(self, name: str, **variables: str) -> Outcome:
        """One step of the action, with the defaults of its inputs."""
        inputs = {
            "SCAN_PATH": str(self.repo.path),
            "SCAN": "auto",
            "MIN_SEVERITY": "low",
            "STRICT": "false",
            "FAIL": "true",
            "RUNNER_TEMP": str(self.place),
            "GITHUB_OUTPUT": str(self.place / "output"),
            "GITHUB_STEP_SUMMARY": str(self.place / "summary"),
            "GITHUB_ACTIONS": "true",
        }
        return run("sh", str(SCRIPT), name, cwd=self.place, env={**inputs, **variables})

    def outputs(self) -> dict[str, str]:
        lines = (self.place / "output").read_text().splitlines()
        return dict(line.split("=", 1) for line in lines)


@pytest.fixture
def job(tmp_path: Path) -> Job:
    """A clean commit, and one that brings a secret."""
    repo = Repo.create(tmp_path / "repo")
    repo.commit({"readme.txt": "hello\n"})
    repo.commit({"config.py": line(github_token())})
    (tmp_path / "temp").mkdir()
    return Job(repo, tmp_path / "temp")


def action() -> dict[str, Any]:
    loaded = yaml.safe_load(ACTION.read_text())
    assert isinstance(loaded, dict)
    return loaded


def test_no_text_of_an_event_is_read_as_a_command() -> None:
    for step in action()["runs"]["steps"]:
        assert "${{" not in step["run"]
        assert step["run"].split()[0] == '"$GITHUB_ACTION_PATH/scripts/github-action"'
        assert step["run"].split()[1] in ("scan", "upload", "verdict")
    assert zizmor(ACTION) == []


def test_the_inputs_and_their_defaults_are_those_of_the_guide() -> None:
    guide = (ROOT / "docs" / "CI.md").read_text()
    for name, described in action()["inputs"].items():
        assert f"| `{name}` | `{described['default']}` |" in guide


def test_a_pull_request_is_judged_by_its_target(job: Job) -> None:
    base = job.repo.git("rev-parse", "HEAD~1").strip()
    job.repo.commit(
        {
            ".gitleaksignore": "config.py:github-pat:1\n",
            ".secops.yaml": "scan: {disable_rules: [github-pat]}\n",
        }
    )
    done = job.step("scan", BASE=base)
    assert job.outputs()["exit-code"] == "1"
    assert "::error " in done.out
    assert "file=config.py" in done.out
    assert "config.py" in (job.place / "summary").read_text()
    report = json.loads(Path(job.outputs()["sarif"]).read_text())
    assert report["runs"][0]["results"]
    assert job.step("verdict", EXIT_CODE="1").code == 1
    assert job.step("verdict", EXIT_CODE="1", FAIL="false").code == 0


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"BEFORE": "HEAD"}, "1"),  # no commit id: everything
        ({"BEFORE": "0" * 40}, "1"),  # a new branch
        ({"MIN_SEVERITY": "critical", "SCAN": "files"}, "1"),
    ],
)
def test_what_is_scanned(job: Job, variables: dict[str, str], expected: str) -> None:
    job.step("scan", **variables)
    assert job.outputs()["exit-code"] == expected


def test_strict_heeds_what_was_not_scanned(job: Job) -> None:
    before = job.repo.head
    job.repo.commit({"image.bin": bytes(range(256)) * 8})
    for strict, expected in (("false", "0"), ("true", "1")):
        job.step("scan", BEFORE=before, STRICT=strict)
        assert job.outputs()["exit-code"] == expected


def test_a_push_is_judged_by_what_it_brings(job: Job) -> None:
    before = job.repo.head
    job.repo.commit({"other.txt": "nothing\n"})
    job.step("scan", BEFORE=before)
    assert job.outputs()["exit-code"] == "0"
    assert job.step("verdict", EXIT_CODE="0").code == 0


@pytest.mark.parametrize("variables", [{"BASE": "f" * 40}, {"BASE": "main"}, {"SCAN": "all"}])
def test_what_cannot_be_scanned_is_an_error_that_says_why(job: Job, variables: dict[str, str]) -> None:
    done = job.step("scan", **variables)
    assert done.code == 2
    assert done.out.startswith("::error title=secops::")
    assert job.step("verdict", EXIT_CODE="", FAIL="false").code == 3


def test_half_a_clone_is_not_a_history(job: Job, tmp_path: Path) -> None:
    shallow = tmp_path / "shallow"
    run("git", "clone", "-q", "--depth=1", job.repo.path.as_uri(), str(shallow), cwd=tmp_path)
    done = Job(Repo(shallow), job.place).step("scan")
    assert done.code == 2
    assert "fetch-depth: 0" in done.out


@pytest.mark.skipif(shutil.which("jq") is None, reason="no jq here; each of GitHub's runners has it")
def test_the_upload_is_what_the_interface_takes(job: Job) -> None:
    """https://docs.github.com/en/rest/code-scanning/code-scanning#upload-an-analysis-as-sarif-data"""
    sarif = job.place / "secops.sarif"
    sarif.write_text('{"version": "2.1.0"}')
    (job.place / "bin").mkdir()
    gh = job.place / "bin" / "gh"
    gh.write_text(f'#!/bin/sh\necho "$@" > "{job.place}/called"\n')
    gh.chmod(gh.stat().st_mode | stat.S_IXUSR)
    done = job.step(
        "upload",
        PATH=f"{gh.parent}{os.pathsep}{os.environ['PATH']}",
        SARIF=str(sarif),
        COMMIT="c" * 40,
        GITHUB_REF="refs/pull/7/merge",
        PULL_REQUEST="7",
        GITHUB_REPOSITORY="acme/shop",
    )
    assert done.code == 0, done.text
    called = (job.place / "called").read_text().split()
    assert called[:4] == ["api", "--method", "POST", "repos/acme/shop/code-scanning/sarifs"]
    body = json.loads(Path(called[-1]).read_text())
    assert {"commit_sha": "c" * 40, "ref": "refs/pull/7/head"}.items() <= body.items()
    assert gzip.decompress(base64.b64decode(body["sarif"])) == sarif.read_bytes()
