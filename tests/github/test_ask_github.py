"""`secops audit --ask-github` as its users run it: what it asks, what is refused, where the token goes."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path

import pytest

from secopskit.cli.boundary import run as in_this_process
from support.cli import COMMAND, Outcome, run
from support.github import faults
from support.github.server import ContractServer
from support.repos import Repo

WORKFLOW = """
on: push
jobs:
  one:
    environment: production
    runs-on: ubuntu-latest
    steps: [{run: "deploy ${{ secrets.MINE }} ${{ secrets.NOWHERE }} ${{ vars.REGION }}"}]
  two:
    runs-on: ubuntu-latest
    steps: [{run: "deploy ${{ secrets.LOST }}"}]
"""
RULE = "workflow-name-not-in-github"


class Asking:
    """A clone with a workflow, the GitHub that it came from, and a git that writes down what it was given."""

    def __init__(self, github: ContractServer, place: Path) -> None:
        self.github = github
        self.repo = Repo.create(place / "shop")
        self.repo.git("remote", "add", "origin", "https://github.com/acme/shop.git")
        workflow = self.repo.path / ".github" / "workflows" / "deploy.yml"
        workflow.parent.mkdir(parents=True)
        workflow.write_text(WORKFLOW)
        self.repo.git("add", "-A")
        repository = github.world.repository("acme/shop")
        repository.variables.put("REGION", b"eu")
        github.world.environment("acme/shop", "production").secrets.put("MINE", b"1")
        self.given = place / "given"
        git = place / "bin" / "git"
        git.parent.mkdir()
        git.write_text(
            f'#!/bin/sh\n{{ printf "%s\\n" "$@"; env; }} >> {self.given}\nexec {shutil.which("git")} "$@"\n'
        )
        git.chmod(0o755)
        self.path = f"{git.parent}{os.pathsep}{os.environ['PATH']}"

    def audit(self, *arguments: str, token: str) -> Outcome:
        command = (*COMMAND, "audit", "--ask-github", *arguments)
        return run(*command, cwd=self.repo.path, env=self.variables(token))

    def variables(self, token: str) -> dict[str, str]:
        return {
            "GITHUB_API_URL": self.github.url,
            "GITHUB_TOKEN": token,
            "NO_PROXY": "127.0.0.1",
            "PATH": self.path,
        }


@pytest.fixture
def asking(github: ContractServer, tmp_path: Path) -> Asking:
    return Asking(github, tmp_path)


def test_names_that_github_lacks(asking: Asking) -> None:
    token = asking.github.token()
    outcome = asking.audit("--rule", RULE, "-f", "json", token=token)
    report = json.loads(outcome.out)
    assert outcome.code == 1
    assert {each["subject"] for each in report["mismatches"]} == {"NOWHERE", "LOST"}
    assert report["summary"]["unanswered"] == 0
    assert {each.method for each in asking.github.log} == {"GET"}
    assert token not in outcome.text
    assert "ls-files" in asking.given.read_text()
    assert token not in asking.given.read_text()


@pytest.mark.parametrize("form", ["console", "md", "html", "json", "sarif", "github"])
def test_a_refusal_is_told_in_every_form_and_is_never_green(
    asking: Asking, form: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asking.repo.path.joinpath(".github/workflows/deploy.yml").write_text(WORKFLOW.partition("  two:")[0])
    monkeypatch.chdir(asking.repo.path)
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    token = asking.github.token({"secrets": "read", "actions_variables": "read"})
    for name, value in asking.variables(token).items():
        monkeypatch.setenv(name, value)
    code = in_this_process(["audit", "--ask-github", "-f", form])
    said = re.sub(r"<[^>]{1,99}>|\\", "", " ".join(capsys.readouterr().out.split()))
    assert code == 3
    assert f"{RULE}: GitHub does not list environments" in said
    assert "✓" not in said
    assert "NOWHERE" not in said


def test_a_token_that_github_does_not_know(asking: Asking) -> None:
    asking.github.faults.add(faults.unauthorised(), nth=None)
    outcome = asking.audit("--rule", RULE, token=asking.github.token())
    assert outcome.code == 3
    assert f"{RULE}: GitHub was asked in vain" in " ".join(outcome.out.split())
