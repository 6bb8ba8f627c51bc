"""The real pre-commit framework, with our published hooks, run by this Python and offline."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import yaml

from support.cli import SOURCE, Outcome, run
from support.repos import Repo

CONFIG = ".pre-commit-config.yaml"
MANIFEST = SOURCE.parent / ".pre-commit-hooks.yaml"


def config() -> str:
    """What a user's configuration comes down to: our hooks as a local repository of the framework's."""
    hooks = yaml.safe_load(MANIFEST.read_text(encoding="utf-8"))
    for hook in hooks:
        program, *arguments = shlex.split(hook["entry"])
        assert program == "secopskit"
        hook |= {"language": "system", "entry": shlex.join([sys.executable, "-m", "secopskit", *arguments])}
    return yaml.safe_dump({"repos": [{"repo": "local", "hooks": hooks}]})


def pre_commit(*arguments: str | Path, cwd: Path) -> Outcome:
    """Run the framework's own command."""
    return run(sys.executable, "-m", "pre_commit", *arguments, cwd=cwd)


def install(repo: Repo) -> None:
    """Put the configuration and the framework's git hooks into `repo`."""
    repo.write(CONFIG, config())
    outcome = pre_commit("install", "-t", "pre-commit", "-t", "pre-push", cwd=repo.path)
    assert outcome.code == 0, outcome.text
