"""The workflows of this repository itself: linters find nothing, and nobody gets more than is needed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from support.cli import ROOT
from support.workflow_linters import actionlint, zizmor

WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
DEPENDABOT = ROOT / ".github/dependabot.yml"


def steps(workflow: Path) -> list[dict[str, Any]]:
    jobs = yaml.safe_load(workflow.read_text(encoding="utf-8"))["jobs"]
    return [step for job in jobs.values() for step in job["steps"]]


def test_they_are_there() -> None:
    assert {path.name for path in WORKFLOWS} >= {"ci.yml", "release.yml"}


def test_zizmor_finds_nothing(tmp_path: Path) -> None:
    assert zizmor(*WORKFLOWS, DEPENDABOT) == []
    bad = tmp_path / "bad.yml"
    release = (ROOT / ".github/workflows/release.yml").read_text(encoding="utf-8")
    bad.write_text(release.replace("permissions: {}", "permissions: write-all"), encoding="utf-8")
    assert "excessive-permissions" in zizmor(bad)


def test_actionlint_finds_nothing(tmp_path: Path) -> None:
    assert actionlint(*WORKFLOWS) == []
    bad = tmp_path / "bad.yml"
    release = (ROOT / ".github/workflows/release.yml").read_text(encoding="utf-8")
    bad.write_text(release.replace("needs: build", "needs: nothing"), encoding="utf-8")
    assert len(actionlint(bad)) == 1


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_nothing_is_given_that_is_not_needed(workflow: Path) -> None:
    document = yaml.safe_load(workflow.read_text(encoding="utf-8"))
    assert document["permissions"] == {}
    for step in steps(workflow):
        if action := step.get("uses", ""):
            assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", action)
        if action.startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False
        assert "cache" not in step.get("with", {})
        assert "${{" not in step.get("run", "").replace("${{ matrix.", "")


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_every_action_says_its_version(workflow: Path) -> None:
    lines = [line for line in workflow.read_text(encoding="utf-8").splitlines() if " uses: " in line]
    assert lines
    assert all(re.search(r"@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line) for line in lines)


def test_only_the_job_that_publishes_may_speak_for_us() -> None:
    jobs = yaml.safe_load((ROOT / ".github/workflows/release.yml").read_text(encoding="utf-8"))["jobs"]
    assert jobs["build"]["permissions"] == {"contents": "read"}
    assert jobs["publish"]["permissions"] == {"id-token": "write", "attestations": "write"}
    assert jobs["publish"]["environment"]["name"] == "pypi"
    # It builds nothing and runs nothing that we wrote: it takes what was tried, and hands it on.
    assert [step["uses"].partition("@")[0] for step in jobs["publish"]["steps"]] == [
        "actions/download-artifact",
        "actions/attest-build-provenance",
        "pypa/gh-action-pypi-publish",
    ]
    text = (ROOT / ".github/workflows/release.yml").read_text(encoding="utf-8")
    assert "secrets." not in text
    assert "password" not in text


def test_updates_wait_until_others_have_looked() -> None:
    updates = yaml.safe_load(DEPENDABOT.read_text(encoding="utf-8"))["updates"]
    assert {update["package-ecosystem"] for update in updates} == {"github-actions", "pip"}
    assert all(update["cooldown"]["default-days"] >= 7 for update in updates)
