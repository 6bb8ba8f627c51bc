"""`secops hook pre-receive`: a push is judged in quarantine, by the server's settings alone."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path

import pytest

from support.cli import Outcome
from support.forked import secops
from support.repos import Repo
from support.values import github_token


@pytest.fixture
def server(tmp_path: Path) -> Repo:
    bare = Repo.create(tmp_path / "server dir.git", "--bare")
    _install(bare)
    return bare


@pytest.fixture
def repo(server: Repo, tmp_path: Path) -> Repo:
    repo = Repo.create(tmp_path / "repo")
    repo.git("remote", "add", "origin", str(server.path))
    return repo


def _install(server: Repo, *options: str) -> None:
    command = shlex.join([sys.executable, "-m", "secopskit", "hook", "pre-receive", *options])
    hook = server.write("hooks/pre-receive", f"#!/bin/sh\nexec {command}\n")
    hook.chmod(0o755)


def _push(repo: Repo, *refs: str) -> Outcome:
    return repo.try_git("push", "origin", *(refs or ("main",)))


def _refs(server: Repo) -> str:
    return server.git("for-each-ref")


def test_a_clean_push_is_accepted_and_a_secret_is_not(repo: Repo, server: Repo) -> None:
    repo.commit({"app.py": "x = 1\n"})
    assert _push(repo).code == 0
    before = _refs(server)
    value = github_token()
    repo.commit({"app.py": f"x = '{value}'\n"})
    repo.commit({"app.py": "x = 1\n"})
    outcome = _push(repo)
    assert outcome.code == 1
    assert "remote: " in outcome.err
    assert "app.py:1:6" in outcome.err
    assert value not in outcome.text
    assert "\x1b[" not in outcome.text
    assert _refs(server) == before


def test_every_ref_of_a_push_is_checked_tags_and_messages_too(repo: Repo, server: Repo) -> None:
    repo.commit({"app.py": "x = 1\n"})
    value = github_token()
    repo.git("tag", "-a", "v1", "-m", f"released with {value}")
    outcome = _push(repo, "main", "v1")
    assert outcome.code == 1
    assert value not in outcome.text
    repo.commit({}, message=f"says {value}")
    assert _push(repo).code == 1
    assert _refs(server) == ""


def test_deleting_a_branch_and_moving_to_what_the_server_has_pass(repo: Repo, server: Repo) -> None:
    _install(server, "--config", "/dev/null/none")  # would fail if it were asked
    repo.commit({"app.py": "x = 1\n"})
    (server.path / "hooks/pre-receive").rename(server.path / "hooks/off")
    repo.commit({"app.py": f"x = '{github_token()}'\n"})
    assert _push(repo, "main", "main:doomed").code == 0
    (server.path / "hooks/off").rename(server.path / "hooks/pre-receive")
    assert _push(repo, ":doomed").code == 0
    _install(server)
    assert _push(repo, "main:again").code == 0


def test_settings_that_are_pushed_have_no_say(repo: Repo, server: Repo) -> None:
    repo.commit({"app.py": f"x = '{github_token()}'\n"})
    assert secops("baseline", "create", cwd=repo.path).code == 0
    baseline = (repo.path / ".secops.baseline.json").read_bytes()
    settings = "scan: {exclude_paths: ['*'], disable_rules: [github-pat], min_severity: critical}\n"
    repo.commit(
        {
            ".secops.baseline.json": baseline,
            ".secops.yaml": settings,
            ".gitleaksignore": "app.py:github-pat:1\n",
        }
    )
    assert _push(repo).code == 1
    server.write(".secops.baseline.json", baseline)
    assert _push(repo).code == 0  # the same file, put there by whoever runs the server


def test_the_servers_configuration_counts(repo: Repo, server: Repo, tmp_path: Path) -> None:
    config = tmp_path / "secops.yaml"
    config.write_text("scan: {exclude_paths: [fixtures/]}\n", encoding="utf-8")
    _install(server, "--config", str(config))
    repo.commit({"fixtures/app.py": f"x = '{github_token()}'\n"})
    assert _push(repo).code == 0
    repo.commit({"app.py": f"x = '{github_token()}'\n"})
    assert _push(repo).code == 1


def test_comments_are_heeded_unless_the_server_says_otherwise(repo: Repo, server: Repo) -> None:
    repo.commit({"app.py": f"x = '{github_token()}'  # secops: allow revoked\n"})
    _install(server, "--no-inline-allow")
    assert _push(repo).code == 1
    _install(server)
    assert _push(repo).code == 0


def test_nonsense_on_standard_input_is_a_usage_error(server: Repo) -> None:
    outcome = secops("hook", "pre-receive", cwd=server.path, stdin=b"--all --exec=x y z\n")
    assert outcome.code == 2, outcome.text
    assert secops("hook", "pre-receive", cwd=server.path).code == 0


def test_a_server_that_cannot_check_refuses(repo: Repo, server: Repo) -> None:
    server.write(".secops.yaml", "scan: {nonsense: 1}\n")
    repo.commit({"app.py": "x = 1\n"})
    assert _push(repo).code == 1
    assert _refs(server) == ""


def test_a_push_is_judged_by_the_branch_as_it_stands(repo: Repo, server: Repo) -> None:
    repo.commit({"app.py": "x = 1\n"})
    assert _push(repo).code == 0
    _install(server, "--suppressions-from", "main")
    value = github_token()
    files = {"app.py": f"x = '{value}'  # secops: allow mine\n", ".gitleaksignore": "app.py:any:1\n"}
    repo.commit(files | {".secops.yaml": "scan: {disable_rules: [github-pat]}\n"})
    outcome = _push(repo)
    assert outcome.code == 1
    assert "app.py:1:6" in outcome.err
    repo.git("reset", "-q", "--hard", "HEAD~1")
    repo.commit({".secops.yaml": "scan: {disable_rules: [github-pat]}\n"})
    assert _push(repo).code == 0
    repo.commit({"app.py": f"x = '{value}'\n"})
    outcome = _push(repo)
    assert outcome.code == 0
    assert "remote: secops: suppressed: 1 by a disabled rule" in outcome.err
    _install(server, "--suppressions-from", "no-such-branch")
    repo.commit({"app.py": "x = 2\n"})
    outcome = _push(repo)
    assert outcome.code == 1
    assert "--suppressions-from no-such-branch: git knows no such commit" in outcome.err


def test_a_name_that_a_push_creates_is_looked_at_whatever_it_leads_to(repo: Repo, server: Repo) -> None:
    repo.commit({"app.py": "x = 1\n"})
    assert _push(repo).code == 0
    value = github_token()
    for ref, kind in (
        (f"main:refs/heads/fix/{value}", "branch name"),
        (f"main:refs/tags/{value}", "tag name"),
    ):
        outcome = _push(repo, ref)
        assert outcome.code == 1
        told = [line for line in outcome.err.splitlines() if line.startswith("remote: ")]
        assert f"<{kind}>" in "\n".join(told)
        assert value not in "\n".join(told)
        # A name has no line for a comment, and nobody passes by the server's hook.
        assert not re.search(r"allow|--no-verify|SKIP=", "\n".join(told))
    assert value not in _refs(server)
