"""`secops sync-secrets audit`, offline, as its users run it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from secopskit.cli.boundary import run
from secopskit.cli.sync import surroundings
from secopskit.github.errors import GitHubError
from support.audits import ListingGitHub, tree
from support.repos import Repo

WORKFLOW = """
on: push
jobs:
  one:
    environment: production
    steps: [{run: "${{ secrets.DATABASE_URL }} ${{ vars.REGION }}"}]
"""
DECLARED = """
sync:
  repositories: [acme/shop]
  environments:
    production: {sinks: [environment], secrets: [DATABASE_URL], variables: [REGION]}
"""
BASE = "/repos/acme/shop"


@pytest.fixture(autouse=True)
def _surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("GITHUB_TOKEN", "GH_TOKEN", "GITHUB_API_URL", "GITHUB_STEP_SUMMARY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


def github(monkeypatch: pytest.MonkeyPatch, *, secrets: list[str], variables: list[str]) -> ListingGitHub:
    """A GitHub with an environment `production` that holds these."""
    made = ListingGitHub(
        {f"{BASE}/{part}": [] for part in ("actions/secrets", "actions/variables", "dependabot/secrets")}
        | {f"{BASE}/actions/organization-{part}": [] for part in ("secrets", "variables")}
        | {
            f"{BASE}/environments": ["production"],
            f"{BASE}/environments/production/secrets": secrets,
            f"{BASE}/environments/production/variables": variables,
        }
    )
    monkeypatch.setattr(surroundings, "github_client", lambda *_: made)
    return made


def audit(*arguments: str) -> int:
    return run(["sync-secrets", "audit", *arguments])


def test_offline_against_the_declaration(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tree(tmp_path, {"a.yml": WORKFLOW, "./.secops.yaml": DECLARED})
    assert audit("--offline") == 0
    out = capsys.readouterr().out
    assert "1 workflow of the work tree: 2 references to 2 names" in out
    assert "(the declaration alone)" in out
    assert "2 names looked up: each is declared where the jobs see it." in out


def test_offline_and_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tree(tmp_path, {"a.yml": WORKFLOW, "./.secops.yaml": DECLARED.replace(", variables: [REGION]", "")})
    assert audit("--offline") == 1
    told = " ".join(capsys.readouterr().out.split())
    assert "missing: vars.REGION (.github/workflows/a.yml:5)" in told
    assert "nothing of that name is declared for environment production or the repository." in told


def test_without_a_declaration_nothing_is_said_to_be_well(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tree(tmp_path, {"a.yml": WORKFLOW})
    assert audit("--offline") == 0
    assert audit("--offline", "--strict") == 1
    out = capsys.readouterr().out
    assert "nothing is declared" in out
    assert "each" not in out


def test_without_a_token_the_declaration_is_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tree(tmp_path, {"a.yml": WORKFLOW, "./.secops.yaml": DECLARED})
    assert audit("-q") == 0
    captured = capsys.readouterr()
    assert "no token for github.com: what exists was not looked at" in captured.err
    assert "(the declaration alone)" in captured.out


def test_no_repository_is_known(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tree(tmp_path, {"a.yml": WORKFLOW})
    assert audit() == 2
    assert "--offline" in capsys.readouterr().err
    assert audit("--repo", "shop") == 2


def test_live(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    tree(tmp_path, {"a.yml": WORKFLOW})
    asked = github(monkeypatch, secrets=["DATABASE_URL"], variables=["REGION"])
    assert audit("--repo", "acme/shop") == 0
    captured = capsys.readouterr()
    assert "Held against  github.com/acme/shop" in captured.out
    assert "each exists where the jobs see it" in captured.out
    assert len(asked.asked) == 8


def test_the_repository_is_that_of_the_remote(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    repo = Repo.create(tmp_path)
    repo.git("remote", "add", "origin", "git@github.com:acme/shop.git")
    tree(tmp_path, {"a.yml": WORKFLOW})
    (tmp_path / "deep").mkdir()
    github(monkeypatch, secrets=["DATABASE_URL", "OLD"], variables=["REGION"])
    assert audit("deep") == 0
    assert "unused: secrets.OLD" in capsys.readouterr().out
    assert audit("deep", "--strict") == 1


def test_a_configuration_of_dependabot_that_cannot_be_read_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = {".github/dependabot.yml": "version: 2\nregistries: {"}
    tree(tmp_path, {"a.yml": WORKFLOW, "./.secops.yaml": DECLARED, **broken})
    assert audit("--offline") == 0
    assert audit("--offline", "--strict") == 1
    assert "unknown: .github/dependabot.yml" in capsys.readouterr().out


def test_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    tree(tmp_path, {"a.yml": WORKFLOW})
    github(monkeypatch, secrets=[], variables=["REGION"])
    assert audit("--repo", "acme/shop", "-f", "json", "--report", "audit.md") == 1
    document = json.loads(capsys.readouterr().out)
    assert document["kind"] == "sync-audit"
    assert [one["subject"] for one in document["findings"]] == ["secrets.DATABASE_URL"]
    assert "# Workflows against secrets and variables" in (tmp_path / "audit.md").read_text(encoding="utf-8")


def test_annotations_and_the_step_summary(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tree(tmp_path, {"a.yml": WORKFLOW})
    github(monkeypatch, secrets=[], variables=["REGION"])
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary"))
    assert audit("--repo", "acme/shop", "-f", "github") == 1
    first, *_, last = capsys.readouterr().out.splitlines()
    assert first.startswith(
        "::error title=missing%3A secrets.DATABASE_URL,file=.github/workflows/a.yml,line=5::"
    )
    assert last.startswith("secops: 1 error.")
    assert "secrets.DATABASE\\_URL" in (tmp_path / "summary").read_text(encoding="utf-8")


def test_a_refusal_of_github_is_no_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tree(tmp_path, {"a.yml": WORKFLOW})
    made = ListingGitHub(refused={f"{BASE}/actions/secrets": 401})
    monkeypatch.setattr(surroundings, "github_client", lambda *_: made)
    assert audit("--repo", "acme/shop") == GitHubError.exit_code
    assert "Traceback" not in capsys.readouterr().err


def test_a_bare_repository_has_nothing_to_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Repo.create(tmp_path / "bare.git", "--bare")
    assert audit("bare.git", "--offline") == 2
    assert "no work tree" in capsys.readouterr().err
