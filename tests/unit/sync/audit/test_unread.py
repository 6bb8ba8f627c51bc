"""What is there and could not be read, or is too much: it is named, and nothing is said to be well."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from secopskit.sync.audit import read
from secopskit.sync.audit.read import read_files
from support.audits import audited, told, tree

WORKFLOW = "on: push\njobs:\n  one:\n    steps: [{run: '${{ secrets.A }}', uses: ./tools/act}]\n"
ACTION = "runs:\n  using: composite\n  steps: []\n"
DEPENDABOT = ".github/dependabot.yml"


@pytest.mark.parametrize("text", ["version: 2\nregistries: {", "- a\n- b\n", "\0", ""])
def test_a_broken_configuration_of_dependabot_is_told(tmp_path: Path, text: str) -> None:
    report = audited(tmp_path, {"a.yml": WORKFLOW, DEPENDABOT: text}, "repository: A", "dependabot: NPM")
    assert f"warning unknown {DEPENDABOT} dependabot.yml:1" in told(report)
    (finding,) = [one for one in report.findings if one.subject == DEPENDABOT]
    assert "no configuration" in finding.message


@pytest.mark.parametrize("directory", [".github/workflows", ".github/actions", ".github/actions/build"])
def test_a_directory_that_cannot_be_read_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, directory: str
) -> None:
    root = tree(tmp_path, {"a.yml": WORKFLOW, ".github/actions/build/action.yml": ACTION})
    scandir = os.scandir

    def closed(path: str) -> object:
        if Path(path) == Path(root, directory):
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", closed)
    assert read_files(root).unread == {directory: "Permission denied"}
    monkeypatch.undo()
    assert read_files(root).unread == {}


def test_no_directory_is_nothing_to_be_told(tmp_path: Path) -> None:
    assert read_files(str(tmp_path)).unread == {}
    tree(tmp_path, {".github/workflows": "a file"})
    assert read_files(str(tmp_path)).unread == {}


def test_workflows_that_are_too_many_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read, "_MOST_FILES", 3)
    files = read_files(tree(tmp_path, {f"{name}.yml": WORKFLOW for name in "abcde"}))
    assert len(files.workflows) == 3
    assert files.unread == {".github/workflows": "2 more files than 3 are in it"}


def test_actions_that_are_too_many_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read, "_MOST_FILES", 3)
    actions = {f".github/actions/{name}/action.yml": ACTION for name in "abcd"}
    files = read_files(tree(tmp_path, actions))
    assert len(files.actions) == 3
    assert files.unread == {".github/actions/a/action.yml": "more than 3 actions are used"}


def test_a_link_to_itself_among_workflows_is_told(tmp_path: Path) -> None:
    tree(tmp_path, {"a.yml": "on: push\njobs: {a: {}}\n"})
    os.symlink("loop.yml", tmp_path / ".github/workflows/loop.yml")
    files = read_files(str(tmp_path))
    assert (list(files.workflows), list(files.unread)) == (
        [".github/workflows/a.yml"],
        [".github/workflows/loop.yml"],
    )


def test_runs_of_dependabot_are_told_though_its_configuration_is_broken(tmp_path: Path) -> None:
    text = "on: pull_request\njobs:\n  one:\n    steps: [{run: '${{ secrets.A }}'}]\n"
    report = audited(tmp_path, {"a.yml": text, ".github/dependabot.yml": "a: {"}, "repository: A")
    assert "notice missing .github/workflows/a.yml a.yml:4" in told(report)


def test_as_many_actions_as_there_is_room_for_are_not_too_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read, "_MOST_FILES", 2)
    action = "runs:\n  using: composite\n  steps: []\n"
    steps = "{uses: ./.github/actions/a}, {uses: ./.github/actions/b}"
    root = tree(
        tmp_path,
        {
            **{f".github/actions/{name}/action.yml": action for name in "ab"},
            "a.yml": f"on: push\njobs:\n  one:\n    steps: [{steps}]\n",
        },
    )
    assert read_files(root).unread == {}
