"""templates/secops.yml: what the job scans for which pipeline, and how it ends."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

from support.cli import ROOT, run
from support.command_lines import understand
from support.repos import Repo

TEMPLATE = ROOT / "templates" / "secops.yml"
pytestmark = pytest.mark.skipif(os.name == "nt", reason="the job runs in a container with Linux")


def documents() -> tuple[dict[str, Any], dict[str, Any]]:
    """The inputs and the job."""
    head, body = yaml.safe_load_all(TEMPLATE.read_text())
    (job,) = body.values()
    return head["spec"]["inputs"], job


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    repo = Repo.create(tmp_path / "repo")
    repo.commit({"a.txt": "a\n"})
    repo.commit({"b.txt": "b\n"})
    return repo


def scans(repo: Repo, code: int = 0, **variables: str) -> tuple[int, list[list[str]]]:
    """The job's exit code, and what it calls: each call's words."""
    fake, log = repo.path.parent / "bin" / "secopskit", repo.path.parent / "log"
    fake.parent.mkdir()
    fake.write_text(f'#!/bin/sh\necho "$@" >> {shlex.quote(str(log))}\nexit {code}\n')
    fake.chmod(0o755)
    _, job = documents()
    variables = {"ON_FINDINGS": "fail", "REPORT": "r.json", **variables}
    variables |= {"PATH": f"{fake.parent}{os.pathsep}{os.environ['PATH']}"}
    done = run("sh", "-e", "-c", "\n".join(job["script"]), cwd=repo.path, env=variables)
    return done.code, [line.split() for line in log.read_text().splitlines()]


def test_a_merge_request_is_judged_by_its_target(repo: Repo) -> None:
    base = repo.git("rev-parse", "HEAD~1").strip()
    code, calls = scans(repo, CI_MERGE_REQUEST_DIFF_BASE_SHA=base, CI_COMMIT_BEFORE_SHA="0" * 40)
    assert code == 0
    assert len(calls) == 2
    for words in calls:
        params = understand(words).params
        assert params["revisions"] == f"{base}..HEAD"
        assert params["suppressions_from"] == base
    assert understand(calls[0]).params["form"] == "gitlab"


def test_a_push_is_what_it_brings_and_all_else_the_history(repo: Repo) -> None:
    before = repo.git("rev-parse", "HEAD~1").strip()
    _, calls = scans(repo, CI_COMMIT_BEFORE_SHA=before)
    assert [understand(words).params["revisions"] for words in calls] == [f"{before}..HEAD"] * 2


@pytest.mark.parametrize("before", ["", "0" * 40, "f" * 40])
def test_without_a_beginning_it_is_the_history(repo: Repo, before: str) -> None:
    _, calls = scans(repo, CI_COMMIT_BEFORE_SHA=before)
    assert all(understand(words).params["history"] for words in calls)


@pytest.mark.parametrize(
    ("code", "findings", "expected"), [(1, "fail", 1), (1, "warn", 10), (2, "warn", 2), (3, "fail", 3)]
)
def test_the_job_ends_as_the_scan_does(repo: Repo, code: int, findings: str, expected: int) -> None:
    """10 is the code that GitLab is told to let pass with a mark."""
    assert documents()[1]["allow_failure"] == {"exit_codes": 10}
    assert scans(repo, code, ON_FINDINGS=findings)[0] == expected


def test_every_input_is_used_and_told_in_the_guide() -> None:
    inputs, _ = documents()
    text, guide = TEMPLATE.read_text(), (ROOT / "docs" / "CI.md").read_text()
    for name in inputs:
        assert f"$[[ inputs.{name} ]]" in text
        assert f"| `{name}` |" in guide
