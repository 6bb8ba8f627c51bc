"""The scripts of a checkout: what they install, what they ask, what they know."""

from __future__ import annotations

import os
import shutil
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
