"""The walk proves that a secret is gone: of the work tree it says what it has looked at, and what not."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from support.cli import rules_cache
from support.forked import secops
from support.repos import Repo
from support.terminal import secops_on_terminal
from support.values import github_token

pytestmark = pytest.mark.skipif(os.name == "nt", reason="no terminal that a test can answer on")


def _remediated(repo: Repo, secret: str) -> tuple[int, str]:
    done = secops_on_terminal(
        *("remediate", "--yes", "--revoked", secret),
        cwd=repo.path,
        env={"SECOPS_CACHE_DIR": str(rules_cache())},
        answers={"by other means?": "y"},
    )
    return done.code, " ".join(done.text.split())


def test_what_was_not_read_is_neither_proved_nor_passed_over(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path / "app")
    repo.write(".git/info/exclude", "old/\n")
    repo.commit({"old/app.py": f"token = '{github_token()}'\n"})
    secret = json.loads(secops("status", "-f", "json", cwd=repo.path).out)["secrets"][0]["id"]
    repo.git("checkout", "-q", "--orphan", "new")
    repo.git("rm", "-q", "--cached", "old/app.py")
    repo.commit({"data.bin": bytes(range(256)) * 40}, "begin")
    repo.git("branch", "-D", "main")
    repo.git("reflog", "expire", "--expire=now", "--all")
    repo.git("gc", "-q", "--prune=now")
    repo.write("old/app.py", bytes(range(256)) * 40)

    code, text = _remediated(repo, secret)
    assert code == 1, text
    assert "nobody has looked into old/app.py, where it leaked from: binary content" in text

    (repo.path / "old/app.py").unlink()
    code, text = _remediated(repo, secret)
    assert code == 0, text
    assert "a scan of the work tree: it finds none of them in its files; not read: 1 file (binary" in text
