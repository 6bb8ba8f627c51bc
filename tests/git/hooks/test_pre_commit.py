"""What only the pre-commit framework does: files without a commit, stages, SKIP."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from support import framework
from support.framework import pre_commit
from support.repos import Repo
from support.values import github_token


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    repo = Repo.create(tmp_path_factory.mktemp("framework") / "template")
    framework.install(repo)
    repo.commit({framework.CONFIG: (repo.path / framework.CONFIG).read_bytes(), "readme.md": "hello\n"})
    return repo


@pytest.fixture
def repo(template: Repo, tmp_path: Path) -> Repo:
    shutil.copytree(template.path, tmp_path / "repo", symlinks=True)
    return Repo(tmp_path / "repo")


def test_the_published_manifest_is_valid(tmp_path: Path) -> None:
    outcome = pre_commit("validate-manifest", framework.MANIFEST, cwd=tmp_path)
    assert outcome.code == 0, outcome.text


def test_all_files_reads_what_was_committed_long_ago(repo: Repo) -> None:
    value = github_token()
    repo.commit({"deep/app.py": f"x = '{value}'\n", "a dir/x\ny.py": f"x = '{value}'\n"})
    outcome = pre_commit("run", "--all-files", "secops-scan", cwd=repo.path)
    assert outcome.code == 1
    assert "deep/app.py:1:6" in outcome.text
    assert "a dir/x\\ny.py:1:6" in outcome.text
    assert value not in outcome.text


def test_all_files_passes_where_there_is_nothing(repo: Repo) -> None:
    outcome = pre_commit("run", "--all-files", "secops-scan", cwd=repo.path)
    assert outcome.code == 0, outcome.text


def test_all_files_leaves_submodules_to_their_own_hooks(repo: Repo, tmp_path: Path) -> None:
    library = Repo.create(tmp_path / "library")
    library.commit({"lib.py": f"x = '{github_token()}'\n"})
    repo.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(library.path), "lib")
    repo.commit({})
    outcome = pre_commit("run", "--all-files", "secops-scan", cwd=repo.path)
    assert outcome.code == 0, outcome.text


def test_named_files_and_changes_between_commits_are_read_whole(repo: Repo) -> None:
    first = repo.head
    repo.commit({"app.py": f"x = '{github_token()}'\n", "clean.py": "x = 1\n"})
    for chosen, code in (
        (("--files", "clean.py"), 0),
        (("--files", "app.py"), 1),
        (("--from-ref", first, "--to-ref", "HEAD"), 1),
    ):
        outcome = pre_commit("run", "secops-scan", *chosen, cwd=repo.path)
        assert outcome.code == code, outcome.text


def test_the_manual_stage_runs_it_too(repo: Repo) -> None:
    repo.commit({"app.py": f"x = '{github_token()}'\n"})
    outcome = pre_commit("run", "--hook-stage", "manual", "--all-files", "secops-scan", cwd=repo.path)
    assert outcome.code == 1, outcome.text


def test_skip_names_the_hook(repo: Repo) -> None:
    repo.stage({"app.py": f"x = '{github_token()}'\n"})
    outcome = repo.try_git("commit", "-m", "change", env={"SKIP": "secops-scan"})
    assert outcome.code == 0, outcome.text


def test_a_broken_rule_file_is_told(repo: Repo) -> None:
    repo.stage({"rules/acme.yml": "vendor: Acme\nrules: [{id: acme}]\n"})
    outcome = repo.try_git("commit", "-m", "change")
    assert outcome.code == 1, outcome.text
    assert "rules/acme.yml" in outcome.text
