"""The scripts of a checkout: what they install, what they ask, what they know."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from support.cli import ROOT, Outcome, run

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the scripts are for POSIX shells")
_USED = ("sh", "dirname", "git", "id", "mktemp", "rm", "tail", "env")


@pytest.fixture
def bare_path(tmp_path: Path) -> Path:
    """The only directory in PATH: no browser in it, and an `apt-get` that notes what it was told."""
    for name in _USED:
        program = shutil.which(name)
        assert program, name
        (tmp_path / name).symlink_to(program)
    _program(tmp_path / "python3.11", f'exec {sys.executable} "$@"')
    _program(tmp_path / "apt-get", f'read answer && echo asked; echo "$@" >>{tmp_path}/told')
    return tmp_path


def _program(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)


def _tests(path: Path, **env: str) -> tuple[Outcome, str]:
    outcome = run(
        "sh", ROOT / "scripts" / "test", "--version", cwd=path, env={"PATH": str(path), "CI": "", **env}
    )
    told = path / "told"
    return outcome, told.read_text(encoding="utf-8") if told.exists() else ""


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="only root installs unasked")
def test_a_missing_package_of_the_system_is_installed_and_the_reason_told(bare_path: Path) -> None:
    outcome, told = _tests(bare_path)
    assert outcome.code == 0
    assert "installing the system's package chromium, for the tests of the HTML report" in outcome.err
    assert "SECOPS_TEST_SYSTEM=no leaves it out" in outcome.err
    assert "install -q -y --no-install-recommends chromium\n" in told
    assert "asked" not in outcome.text


def test_the_system_is_left_alone_on_demand_and_what_is_skipped_is_said(bare_path: Path) -> None:
    outcome, told = _tests(bare_path, SECOPS_TEST_SYSTEM="no")
    assert outcome.code == 0
    assert told == ""
    assert "no Chromium or Chrome here: the tests of the HTML report in a browser are skipped" in outcome.err


def _check(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = ["sh", str(ROOT / "scripts" / "check"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def test_check_explains_itself() -> None:
    helped = _check("--help")
    assert helped.returncode == 0
    assert helped.stdout.startswith("usage: scripts/check")


def test_check_refuses_what_it_does_not_know() -> None:
    refused = _check("lint", "everything")
    assert refused.returncode == 2
    assert refused.stderr.startswith("usage: scripts/check")


def test_check_names_what_failed_and_goes_on(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    (tree / "scripts").mkdir(parents=True)
    (tree / ".venv" / "bin").mkdir(parents=True)
    shutil.copy(ROOT / "scripts" / "check", tree / "scripts")
    _program(tree / "scripts" / "environment", "exit 0")
    _program(tree / "scripts" / "test", "echo the summary of the tests")
    _program(tree / ".venv" / "bin" / "ruff", "exit 1")
    _program(tree / ".venv" / "bin" / "mypy", "echo fine")
    _program(tree / ".venv" / "bin" / "lint-imports", "exit 1")
    done = run("sh", tree / "scripts" / "check", cwd=tmp_path)
    assert done.code == 1
    assert done.err == "failed: format lint imports\n"
    assert done.out.endswith("== tests\nthe summary of the tests\n")
