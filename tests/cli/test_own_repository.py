"""secops finds nothing in its own repository: neither in the work tree nor in the history.

A finding here is mended at its source: a test makes its value anew (`support.values`). What stands in
old commits only is accepted with `secops baseline update --history --owner … --reason …`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from support.cli import ROOT, run, secops
from support.repos import Repo
from support.values import github_token

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not (ROOT / ".git").exists(), reason="no repository, as in a source archive"),
]


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """What others get of this repository: what HEAD reaches, and nothing that lies about here."""
    path = tmp_path_factory.mktemp("own") / "clone"
    return Repo(ROOT).clone(path, "--single-branch", "--no-tags")


def report(*arguments: str, cwd: Path) -> dict[str, Any]:
    outcome = secops("scan", *arguments, "--show", "all", "--format", "json", cwd=cwd)
    found: dict[str, Any] = json.loads(outcome.out)
    assert outcome.code == (1 if found["findings"] else 0), outcome.err
    return found


def places(found: dict[str, Any]) -> list[str]:
    """What was found, and where: for the message of a failing test."""
    return [
        f"{each['rule_id']} {place['path']}:{place['line']}"
        for each in found["findings"]
        for place in each["locations"]
    ]


def everything(found: dict[str, Any]) -> None:
    """No path was passed over, and whatever is accepted has its reason."""
    assert found["skipped"] == []
    assert all(each["reason"] for each in found["suppressed"])
    assert found["stats"]["blobs"] > 300


def test_the_work_tree_is_clean() -> None:
    found = report(".", cwd=ROOT)
    assert places(found) == []
    everything(found)


def test_the_history_is_clean(clone: Repo) -> None:
    found = report("--history", ".", cwd=clone.path)
    assert places(found) == []
    everything(found)


def test_nothing_is_left_out() -> None:
    settings = yaml.safe_load((ROOT / ".secops.yaml").read_text(encoding="utf-8"))["scan"]
    assert not {"exclude_paths", "disable_rules"} & settings.keys()
    entries = json.loads((ROOT / ".secops.baseline.json").read_text(encoding="utf-8"))["entries"]
    assert all(entry["reason"] and entry["owner"] for entry in entries)


@pytest.mark.parametrize("path", ["src/secopskit/new.py", "tests/unit/test_new.py", "docs/new.md", "new.env"])
def test_a_new_secret_is_found_wherever_it_is_put(clone: Repo, path: str) -> None:
    file = clone.write(path, f"token = '{github_token()}'\n")
    found = report(path, cwd=clone.path)
    file.unlink()
    assert f"github-pat {path}:1" in places(found)


def test_our_own_hooks_watch_our_commits(tmp_path: Path) -> None:
    pytest.importorskip("pre_commit")
    home = {"PRE_COMMIT_HOME": str(tmp_path)}
    valid = run(sys.executable, "-m", "pre_commit", "validate-config", cwd=ROOT, env=home)
    assert valid.code == 0, valid.text
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"][0][
        "hooks"
    ]
    entries = [hook["entry"] for hook in hooks]
    assert {"./scripts/secops hook run --", "./scripts/secops hook run --push"} <= set(entries)
    assert all((ROOT / entry.split()[0]).is_file() for entry in entries)
