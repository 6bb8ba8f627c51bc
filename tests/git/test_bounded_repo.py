"""A repository that wants to keep us waiting, to fill the memory or to garble what git tells."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from secopskit.git import bounded
from support import forked
from support.cli import Outcome
from support.repos import Repo
from support.values import github_token

pytestmark = pytest.mark.skipif(os.name == "nt", reason="has no named pipes")

_LOOKS = (
    ("scan", "-f", "json"),
    ("scan", "--staged", "-f", "json"),
    ("scan", "--history", "-f", "json"),
    ("purge-history", "-f", "json"),
)
_GARBLING = """
[i18n]
    logOutputEncoding = UTF-16
    commitEncoding = UTF-16
[core]
    abbrev = 4
    quotePath = true
    attributesFile = PIPE
    excludesFile = PIPE
    worktree = OUTSIDE
    bigFileThreshold = 1
    pager = sleep 9
[mailmap]
    file = PIPE
    blob = HEAD:README
[diff]
    orderFile = PIPE
    noprefix = true
    relative = true
    ignoreSubmodules = all
    renames = copies
[log]
    mailmap = true
    follow = true
    date = format:%%
    decorate = full
    abbrevCommit = true
    diffMerges = off
    showRoot = false
[format]
    pretty = raw
[color]
    ui = always
    diff = always
    status = always
[column]
    ui = always
[status]
    showUntrackedFiles = no
    branch = true
[pack]
    window = 100000
    packSizeLimit = 1m
[submodule]
    recurse = true
[checkout]
    workers = 5000
"""


# Seconds become fractions.
_IMPATIENT = {"secopskit.git.bounded._LOOK": 0.1, "secopskit.git.bounded._QUICK": 0.2}


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """Tokens in the past, in the index and in an untracked file; a name with a letter beyond ASCII."""
    made = Repo.create(tmp_path / "repo")
    made.commit({"README": "a\n", "b.txt": "b\n"})
    made.commit({"grün.py": f"token = '{github_token()}'\n"}, "grün")
    made.stage({"staged.py": f"token = '{github_token()}'\n", "README": "b\n"})
    made.write("new.py", f"token = '{github_token()}'\n")
    return made


def secops(*arguments: str, cwd: Path, **more: Any) -> Outcome:
    return forked.secops(*arguments, cwd=cwd, patches=_IMPATIENT, **more)


def _pipe(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    os.mkfifo(path)
    return path


def _told(outcome: Outcome) -> Any:
    """What the report says of findings or of the plan, without times and places of this machine."""
    report = json.loads(outcome.out)
    if "findings" in report:
        return [{**one, "age": None} for one in report["findings"]]
    return {name: report[name] for name in ("values", "commits", "first", "refs", "current", "outside")}


def test_settings_change_nothing(repo: Repo, tmp_path: Path) -> None:
    before = [_told(secops(*look, "--no-cache", cwd=repo.path)) for look in _LOOKS[:3]]
    before.append(_told(secops(*_LOOKS[3], cwd=repo.path)))
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "private.py").write_text(f"token = '{github_token()}'\n")
    config = repo.path / ".git" / "config"
    hostile = _GARBLING.replace("PIPE", str(_pipe(tmp_path / "pipe"))).replace("OUTSIDE", str(outside))
    config.write_text(config.read_text() + hostile)
    after = [_told(secops(*look, "--no-cache", cwd=repo.path)) for look in _LOOKS[:3]]
    after.append(_told(secops(*_LOOKS[3], cwd=repo.path)))
    places = after[3]["outside"]
    after[3]["outside"] = [place for place in places if str(outside) not in json.dumps(place)]
    assert len(places) == len(after[3]["outside"]) + 1  # a work tree elsewhere is named, and not looked into
    assert after == before
    assert all(before)


@pytest.mark.parametrize(
    "name",
    [
        ".git/HEAD",
        ".git/config",
        ".git/packed-refs",
        ".git/info/exclude",
        ".git/info/grafts",
        ".git/shallow",
        ".git/objects/info/alternates",
        ".git/refs/heads/other",
        ".gitattributes",
        ".gitignore",
        ".mailmap",
    ],
)
@pytest.mark.parametrize("look", [("scan",), ("scan", "--history")], ids=" ".join)
def test_a_pipe_where_git_reads(repo: Repo, name: str, look: tuple[str, ...]) -> None:
    _pipe(repo.path / name)
    outcome = secops(*look, cwd=repo.path)
    assert outcome.code in (1, 3), outcome.text
    assert "Traceback" not in outcome.text
    if outcome.code == 3:
        assert f"waits for {repo.path / name}" in outcome.text


@pytest.mark.parametrize("look", [*_LOOKS[1:], ("hook", "run", "pre-commit"), ("status",)], ids=" ".join)
def test_a_pipe_that_the_configuration_includes(repo: Repo, look: tuple[str, ...]) -> None:
    pipe, config = _pipe(repo.path.parent / "pipe"), repo.path / ".git" / "config"
    config.write_text(f"{config.read_text()}[include]\n\tpath = {pipe}\n")
    outcome = secops(*look, cwd=repo.path)
    assert (outcome.code, "Traceback" in outcome.text) == (3, False), outcome.text
    assert f"waits for {pipe}" in outcome.text


@pytest.mark.skipif(sys.platform != "linux", reason="no other system bounds a child's memory")
@pytest.mark.parametrize("name", [".git/objects/info/alternates", ".git/info/grafts", ".git/HEAD"])
def test_a_file_without_an_end(repo: Repo, name: str) -> None:
    path = repo.path / name
    path.unlink(missing_ok=True)
    path.parent.mkdir(exist_ok=True)
    path.symlink_to("/dev/zero")
    patches = {"secopskit.git.bounded._memory": [64 << 20]}
    outcome = forked.secops("scan", "--history", cwd=repo.path, patches=patches)
    assert outcome.code in ((3,) if name == ".git/HEAD" else (1, 3)), outcome.text
    if outcome.code == 3:
        assert str(path if name != ".git/HEAD" else path.parent) in outcome.text


def test_a_child_that_works_is_not_given_up(repo: Repo, tmp_path: Path) -> None:
    """It may take as long as it likes, and so may what it has started."""
    bounded_child = bounded.GitChild(
        ("sh", "-c", "sh -c 'i=0; while [ $i -lt 150000 ]; do i=$((i+1)); done'; mkfifo p; exit 7"),
        cwd=str(tmp_path),
        env={"PATH": os.environ["PATH"]},
        name="busy",
        stdin=-3,
        stdout=-3,
        stderr=-3,
    )
    assert bounded_child.wait() == 7


def test_secrets_of_the_caller_are_not_given_to_git(repo: Repo, tmp_path: Path) -> None:
    """Nor to what git starts: it gets what it needs, and no more."""
    wrapper = tmp_path / "bin" / "git"
    wrapper.parent.mkdir()
    log = tmp_path / "log"
    wrapper.write_text(f'#!/bin/sh\nenv >>"{log}"\nPATH="{os.environ["PATH"]}" exec git "$@"\n')
    wrapper.chmod(0o755)
    names = ("DATABASE_URL", "SHADOW_DATABASE_URL", "PGPASSWORD", "AWS_SECRET_ACCESS_KEY", "MY_KEY")
    given = dict.fromkeys(names, "postgres://canary")
    path = f"{wrapper.parent}{os.pathsep}{os.environ['PATH']}"
    for command in (("scan", "--history"), ("scan", "--staged"), ("purge-history",), ("migrate", "status")):
        secops(*command, cwd=repo.path, env={**given, "PATH": path, "LC_TELLTALE": "x"})
    told = log.read_text()
    assert "LC_TELLTALE=x" in told
    assert "canary" not in told
