"""`secops init` as people and CI run it."""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path

import pytest
import yaml

from support import forked
from support.cli import COMMAND, run, secops
from support.hardening import snapshot
from support.repos import Repo
from support.terminal import on_terminal
from support.values import alnum, github_token
from support.workflow_linters import actionlint, zizmor

TOKEN, PASSWORD, MAIL = github_token(), alnum(18), alnum(18)


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    made = Repo.create(tmp_path / "shop")
    made.git("remote", "add", "origin", "git@github.com:acme/shop.git")
    compose = f"services: {{db: {{environment: {{DB_PASSWORD: {PASSWORD}}}}}}}\n"  # the same value once more
    made.commit(
        {
            ".env": f"DB_PASSWORD={PASSWORD}\nMAIL_PASSWORD={MAIL}\n",
            "a.py": f"t = '{TOKEN}'\n",
            "compose.yaml": compose,
            ".gitignore": "x\n",
        }
    )
    return made


def test_plan_apply_check_and_undo(repo: Repo) -> None:
    before = snapshot(repo.path)
    planned = secops("init", "--dry-run", cwd=repo.path)
    assert (planned.code, snapshot(repo.path)) == (1, before)
    assert secops("init", "--check", "--skip=hook", cwd=repo.path).code == 1
    done = secops("init", "--yes", "-f", "json", cwd=repo.path)
    assert done.code == 0, done.err
    facts = json.loads(done.out)
    assert facts["written"] == [
        "ignore",
        "untrack",
        "sample",
        "hook",
        "config",
        "workflows",
        "security",
        "checklist",
    ]
    again = secops("init", "--yes", cwd=repo.path)
    assert (again.code, again.out.splitlines()[-1].strip()) == (0, "Nothing to do.")
    checked = secops("init", "--check", cwd=repo.path)
    assert (checked.code, checked.out.strip()) == (0, "Nothing is missing.")
    clone = repo.path.parent / "clone"  # where no journal and no hook is
    repo.git("add", "-A")
    repo.git("commit", "-q", "--no-verify", "-m", "harden")
    run("git", "clone", "-q", str(repo.path), str(clone), cwd=repo.path)
    assert secops("init", "--check", "--github", cwd=clone).code == 0
    (clone / ".env.sample").unlink()
    (clone / "SECURITY.md").unlink()
    missing = secops("init", "--check", "--github", "-f", "md", cwd=clone)
    assert (missing.code, "SECURITY.md" in missing.out) == (1, True)
    checklist = (repo.path / ".github/pull_request_template.md").read_text()
    assert "`a.py` line 1: 1 value (`github-pat`), open" in checklist
    assert "`compose.yaml` line 1: 1 value (" in checklist
    assert "`.env` line 2: 1 value in the history" in checklist
    assert secops("init", "--undo", "--yes", cwd=repo.path).code == 0
    assert snapshot(repo.path) == before
    for outcome in (planned, done, again, checked, missing):
        assert TOKEN[6:] not in outcome.text
        assert PASSWORD not in outcome.text
        assert MAIL not in outcome.text


def test_the_person_decides_on_each_step_and_gives_a_word_for_each_finding(repo: Repo) -> None:
    answers = {
        "Do this (ignore)?": "y",
        "Do this (security)?": "n",
        "Why is it accepted?": "a test of ours",
        "Who answers for it?": "ada",
    }
    steps = [f"--only={name}" for name in ("ignore", "security", "baseline")]
    said = on_terminal([*COMMAND, "init", *steps], cwd=repo.path, env={}, answers=answers)
    assert said.code == 0, said.out
    assert "Left out: security" in said.out
    assert not (repo.path / "SECURITY.md").exists()
    entries = json.loads((repo.path / ".secops.baseline.json").read_text())["entries"]
    assert [(each["path"], each["reason"], each["owner"]) for each in entries] == [
        ("a.py", "a test of ours", "ada"),
        ("compose.yaml", "a test of ours", "ada"),
    ]
    assert TOKEN[6:] not in said.out


def test_nobody_agrees_for_a_person(repo: Repo) -> None:
    before = snapshot(repo.path)
    assert secops("init", "--only=security", cwd=repo.path).code == 2
    answers = {"Do this (security)?": "n"}
    said = on_terminal([*COMMAND, "init", "--only=security"], cwd=repo.path, env={}, answers=answers)
    assert said.code == 5
    assert secops("init", "--yes", "--only=baseline", cwd=repo.path).code == 0
    assert snapshot(repo.path) == before
    for wrong in (["--only=nothing"], ["--undo", "--check"]):
        assert secops("init", *wrong, cwd=repo.path).code == 2


def test_a_repository_says_what_it_does_without(repo: Repo) -> None:
    repo.write(".secops.yaml", "init:\n  skip: [workflows, checklist, sample, security, untrack]\n")
    assert secops("init", "--yes", "--skip=hook", cwd=repo.path).code == 0
    assert secops("init", "--check", cwd=repo.path).code == 0
    assert not (repo.path / ".github").exists()
    (repo.path / ".secops.yaml").write_text("init: {skip: [ignore, nothing]}\n")
    wrong = secops("init", "--check", cwd=repo.path)
    assert (wrong.code, ".secops.yaml: `init.skip`: there is no step 'nothing'" in wrong.err) == (2, True)
    # What was written is taken back, whatever the configuration says by then.
    (repo.path / ".secops.yaml").write_text("init: {skip: [ignore, nothing]}\nscan: broken\n")
    assert secops("init", "--undo", "--yes", cwd=repo.path).code == 0
    assert (repo.path / ".gitignore").read_text() == "x\n"


@pytest.mark.parametrize("mode", [("--dry-run",), ("--yes",), ("--check", "-f", "json")])
def test_a_file_that_could_not_be_read_is_told(tmp_path: Path, mode: tuple[str, ...]) -> None:
    repo = Repo.create(tmp_path / "shop")
    repo.commit({".env": f"{'#' * 1024 * 1024}\nDB_PASSWORD={PASSWORD}\n"})
    done = secops("init", "--only=untrack", *mode, cwd=repo.path)
    assert "1 tracked file could not be read, and may hold secrets: .env." in done.out
    assert repo.git("ls-files").split() == [".env"]


@pytest.mark.skipif(sys.platform == "win32", reason="runs in forks")
def test_killed_it_is_finished_or_taken_back(repo: Repo) -> None:
    before = snapshot(repo.path)
    command = ("init", "--yes", "--skip=hook", "--skip=baseline", "--skip=checklist")
    killed, unfinished = 0, 0
    for change in range(1, 200, 17):
        dies = ("support.rotating.install", str(change))
        killed = forked.secops(*command, cwd=repo.path, prepare=dies).code
        unfinished += (repo.path / ".git/secops/init/journal.json").exists()
        assert secops(*command, cwd=repo.path).code == 0
        assert secops("init", "--undo", "--yes", cwd=repo.path).code == 0
        assert snapshot(repo.path) == before
        if killed == 0:
            break
        assert killed == -signal.SIGKILL
    assert (killed, unfinished > 2) == (0, True)


def test_the_workflows_pass_the_linters_and_a_pipeline_of_the_team_is_left_alone(repo: Repo) -> None:
    repo.write(".gitlab-ci.yml", "stages: [test]\n")
    done = secops("init", "--yes", "--only=workflows", "--github", "--gitlab", cwd=repo.path)
    assert done.code == 0
    assert "Add to `include`" in done.out
    assert (repo.path / ".gitlab-ci.yml").read_text() == "stages: [test]\n"
    jobs = yaml.safe_load((repo.path / ".gitlab/secops.yml").read_text())
    assert set(jobs) == {".secops", "secops-scan", "secops-staging", "secops-production"}
    files = sorted((repo.path / ".github/workflows").glob("*.yml"))
    assert [file.name for file in files] == ["secops-production.yml", "secops-staging.yml", "secops.yml"]
    assert "pull_request_target" not in "".join(file.read_text() for file in files)
    assert actionlint(*files) == []
    assert zizmor(*files) == []


def test_the_hook_entry_is_what_the_framework_reads(repo: Repo) -> None:
    text = "repos:\n- repo: meta\n  hooks:\n  - id: identity\n"
    repo.write(".pre-commit-config.yaml", text)
    assert secops("init", "--yes", "--only=hook", cwd=repo.path).code == 0
    file = repo.path / ".pre-commit-config.yaml"
    validated = run(sys.executable, "-m", "pre_commit", "validate-config", str(file), cwd=repo.path)
    assert validated.code == 0, validated.text
    assert [each["repo"] for each in yaml.safe_load(file.read_text())["repos"]] == ["local", "meta"]


def test_what_could_not_be_done_is_pending(repo: Repo) -> None:
    repo.write(".pre-commit-config.yaml", "repos: []  # secops-scan\n")
    done = secops("init", "--yes", "--only=hook", "--only=security", cwd=repo.path)
    assert (done.code, (repo.path / "SECURITY.md").exists()) == (1, True)
    checked = secops("init", "--check", "--only=hook", cwd=repo.path)
    assert (checked.code, "cannot be added to safely" in checked.out) == (1, True)


def test_check_tells_what_could_not_be_read(repo: Repo) -> None:
    repo.commit({".env": f"{'#' * 1024 * 1024}\nDB_PASSWORD={alnum(18)}\n"})
    done = secops("init", "--check", "--only=untrack", cwd=repo.path)
    assert "could not be read" in done.out
