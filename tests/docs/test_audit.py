"""The document of the audit: its commands run, its workflow and settings are read, its tables are true."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import yaml

from secopskit.audit.outcome import Priority
from secopskit.audit.tell import FORMS
from secopskit.cli.audit.command import audit as command
from secopskit.cli.boundary import run
from secopskit.settings.audit import load_audit
from support.cli import ROOT
from support.repos import Repo

TEXT = (ROOT / "docs" / "AUDIT.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"(?ms)^```{language}\n(.*?)^```$", TEXT)


def test_every_command_runs_in_its_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Repo.create(tmp_path / "shop").commit(
        {"compose.yml": "services:\n  db:\n    image: postgres:17\n    ports: ['5432:5432']\n"}, "all"
    )
    monkeypatch.chdir(tmp_path / "shop")
    lines = [line for block in blocks("sh") for line in block.splitlines() if line.startswith("secops")]
    assert len(lines) == 6
    codes = [run(shlex.split(line, comments=True)[1:]) for line in lines]
    assert codes == [1, 0, 1, 0, 0, 0], capsys.readouterr().err
    assert (tmp_path / "shop" / "report.html").read_text().startswith("<!doctype html>")


def test_the_workflow_gates_with_the_check() -> None:
    workflow = yaml.safe_load(blocks("yaml")[0])
    (job,) = workflow["jobs"].values()
    assert workflow["permissions"] == {"contents": "read"}
    assert job["steps"][-1]["run"] == "secops audit --check -f github"


def test_the_settings_are_settings(tmp_path: Path) -> None:
    (tmp_path / ".secops.yaml").write_text(blocks("yaml")[1])
    config = load_audit(tmp_path, environ={})
    assert (config.name, config.exclude, config.disable) == ("shop", ("legacy/",), ("unpinned-image",))


def test_its_tables_name_all_there_is() -> None:
    told = set(re.findall(r"^\| `([a-z]+)` \|", TEXT, re.MULTILINE))
    assert set(FORMS) <= told
    for priority in Priority:
        assert re.search(rf"^\| {priority.name} \| {priority.title} \| ", TEXT, re.MULTILINE)
    options = {name for option in command.params for name in option.opts}
    assert set(re.findall(r"`(--[a-z-]+)", TEXT)) <= options
