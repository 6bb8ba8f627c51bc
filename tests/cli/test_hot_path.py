"""What a commit hook imports: it runs at every commit, so what it does not need it must not load."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from support.cli import UNMEASURED, Outcome, run, secops
from support.repos import Repo
from support.values import alnum, github_token

# Slow to import, or not the hook's business. `dataclasses` brings `inspect`.
UNWANTED = (
    "asyncio",
    "click",
    "concurrent",
    "dataclasses",
    "detect_secrets",
    "email",
    "git",
    "github",
    "http",
    "importlib.metadata",
    "inspect",
    "json",
    "logging",
    "multiprocessing",
    "psycopg",
    "random",
    "rich",
    "secopskit.known.baseline",
    "secopskit.scan.history",
    "socket",
    "ssl",
    "tempfile",
    "urllib",
    "yaml",
)
_LINE = re.compile(r"import time:[^|]*\|[^|]*\| *(\S+)")


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """Staged files of the kinds that most commits hold."""
    repo = Repo.create(tmp_path / "repo")
    repo.commit({"app.py": "x = 1\n"})
    repo.stage(
        {
            "app.py": "x = 2\ntoken = os.environ['TOKEN']\n",
            "src/module.py": "\n".join(f"name_{number} = '{alnum(12)}'" for number in range(50)),
            "readme.md": "# Title\n\nSome words about the password.\n",
            "static/app.js": "const key = process.env.KEY;\n",
            "picture.png": b"\x89PNG\r\n\x1a\n\0\0\0",
        }
    )
    secops("hook", "run", cwd=repo.path)  # compiles the rules, should this be the first run
    return repo


def imported(*arguments: str, repo: Repo) -> tuple[Outcome, set[str]]:
    """How `secops` ended, and the modules that it loaded."""
    outcome = run(
        sys.executable, "-X", "importtime", "-m", "secopskit", *arguments, cwd=repo.path, env=UNMEASURED
    )
    return outcome, set(_LINE.findall(outcome.err))


def unwanted(modules: set[str]) -> set[str]:
    return {name for name in modules for root in UNWANTED if name == root or name.startswith(f"{root}.")}


@pytest.mark.parametrize("files", [(), ("app.py", "readme.md"), ("--", "app.py")])
def test_a_clean_commit_loads_nothing_heavy(repo: Repo, files: tuple[str, ...]) -> None:
    outcome, modules = imported("hook", "run", *files, repo=repo)
    assert outcome.code == 0
    assert "secopskit.sources.staged" in modules  # the list is read aright
    assert unwanted(modules) == set()


def test_a_blocked_commit_loads_nothing_heavy(repo: Repo) -> None:
    repo.stage({"leak.py": f"x = '{github_token()}'\n"})
    outcome, modules = imported("hook", "run", repo=repo)
    assert outcome.code == 1
    assert unwanted(modules) == set()


def test_yaml_is_loaded_for_a_configuration_only(repo: Repo) -> None:
    repo.write(".secops.yaml", "scan: {min_severity: low}\n")
    outcome, modules = imported("hook", "run", repo=repo)
    assert outcome.code == 0
    assert {name.partition(".")[0] for name in unwanted(modules)} <= {"yaml"}
