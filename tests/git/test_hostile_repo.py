"""A repository that wants to run something when it is scanned: it does not get to."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from support.cli import environment, home, run, secops
from support.repos import Repo
from support.values import alnum, github_token

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the canary is a shell script")

_HOOKS = (
    "pre-commit",
    "post-checkout",
    "post-index-change",
    "reference-transaction",
    "fsmonitor-watchman",
    "pre-auto-gc",
)
_VARIABLES = (
    "GIT_EXTERNAL_DIFF",
    "GIT_PAGER",
    "GIT_SSH",
    "GIT_SSH_COMMAND",
    "GIT_ASKPASS",
    "GIT_EDITOR",
    "GIT_PROXY_COMMAND",
)
_MODES = (
    ("scan",),
    ("scan", "--staged"),
    ("scan", "--history"),
    ("scan", "--since", "HEAD~1"),
    ("scan", "--range", "HEAD~1..HEAD"),
    ("scan", "--recurse-submodules"),
    ("scan", "README"),
    ("baseline", "create", "--output", "b.json"),
    ("hook", "run", "pre-commit"),
    ("hook", "pre-commit"),
    ("hook", "commit"),
)


class Trap:
    """A repository whose settings all name a program that leaves a trace."""

    def __init__(self, path: Path) -> None:
        self.canary = path / "canary"
        self.trace = path / "trace"
        self.canary.write_text(f'#!/bin/sh\necho "$0 $*" >> "{self.trace}"\ncat\n')
        self.canary.chmod(0o755)
        self.repo = Repo.create(path / "repo")
        self._fill()
        self._configure(path)
        self._place_hooks()

    def _fill(self) -> None:
        self.repo.commit({"README": "a\n", "a.bin": b"\0\1", "b.txt": "b\n"})
        self.repo.commit({"README": "a\nb\n"})
        plugins = [{"name": "X", "path": f"file://{self.repo.path}/plugin.py"}]
        baseline = {"version": "1.5.0", "plugins_used": plugins, "filters_used": [], "results": {}}
        self.repo.stage(
            {
                ".gitattributes": "* filter=evil diff=evil merge=evil\n*.bin diff=evil\n",
                ".secrets.baseline": json.dumps(baseline),
                "plugin.py": f"import os\nos.system('{self.canary}')\n",
                "yaml.py": f"import os\nos.system('{self.canary}')\n",
                "click.py": f"import os\nos.system('{self.canary}')\n",
                "sitecustomize.py": f"import os\nos.system('{self.canary}')\n",
                "README": f"a\nb\ntoken = {github_token()}\n",
                "docker-compose.yml": f"x: !!python/object/apply:os.system ['{self.canary}']\n"
                f"password: {alnum(9)}\n",
            }
        )
        self.repo.write("b.txt", "changed\n")  # git must look at it anew: its stamp is stale

    def _configure(self, path: Path) -> None:
        run_it = str(self.canary)
        included = path / "included"
        included.write_text(f"[core]\n\tpager = {run_it}\n\tfsmonitor = {run_it}\n")
        settings = {
            "core.fsmonitor": run_it,
            "core.hooksPath": str(self.repo.path / "hooks"),
            "core.pager": run_it,
            "core.sshCommand": run_it,
            "core.editor": run_it,
            "core.askPass": run_it,
            "core.gitProxy": run_it,
            "core.alternateRefsCommand": run_it,
            "diff.external": run_it,
            "diff.evil.command": run_it,
            "diff.evil.textconv": run_it,
            "filter.evil.clean": run_it,
            "filter.evil.smudge": run_it,
            "filter.evil.process": run_it,
            "filter.evil.required": "true",
            "merge.evil.driver": run_it,
            "pager.log": run_it,
            "pager.diff": run_it,
            "alias.log": f"!{run_it}",
            "alias.ls-files": f"!{run_it}",
            "alias.cat-file": f"!{run_it}",
            "alias.rev-parse": f"!{run_it}",
            "gpg.program": run_it,
            "gpg.ssh.program": run_it,
            "log.showSignature": "true",
            "credential.helper": f"!{run_it}",
            "includeIf.gitdir:/.path": str(included),
            "include.path": str(included),
            "remote.origin.url": f"ext::{run_it}",
            "remote.origin.promisor": "true",
            "remote.origin.vcs": "ext",
            "remote.origin.uploadpack": run_it,
            "remote.origin.partialclonefilter": "blob:none",
            "extensions.partialClone": "origin",
            "protocol.allow": "always",
            "protocol.ext.allow": "always",
            "core.repositoryformatversion": "1",
            "interactive.diffFilter": run_it,
            "sequence.editor": run_it,
            "uploadpack.packObjectsHook": run_it,
            "trace2.normalTarget": str(self.trace),
            "submodule.recurse": "true",
        }
        text = "".join(
            f'[{_section(name)}]\n\t{name.rpartition(".")[2]} = "{value}"\n'
            for name, value in settings.items()
        )
        config = self.repo.path / ".git" / "config"
        config.write_text(config.read_text() + text)

    def _place_hooks(self) -> None:
        for directory in (self.repo.path / ".git" / "hooks", self.repo.path / "hooks"):
            directory.mkdir(exist_ok=True)
            for name in _HOOKS:
                (directory / name).unlink(missing_ok=True)
                (directory / name).symlink_to(self.canary)

    @property
    def sprung(self) -> str:
        return self.trace.read_text() if self.trace.exists() else ""


def _section(name: str) -> str:
    section, _, rest = name.partition(".")
    inner = rest.rpartition(".")[0]
    return f'{section} "{inner}"' if inner else section


@pytest.fixture
def trap(tmp_path: Path) -> Trap:
    return Trap(tmp_path)


def _surroundings(trap: Trap) -> dict[str, str]:
    """Variables that all name the program."""
    return dict.fromkeys(_VARIABLES, str(trap.canary)) | {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "core.fsmonitor",
        "GIT_CONFIG_VALUE_0": str(trap.canary),
        "GIT_EXEC_PATH": str(trap.canary.parent),
        "GIT_TRACE": "0",
        "PAGER": str(trap.canary),
        "GIT_CONFIG_PARAMETERS": f"'core.pager'='{trap.canary}'",
    }


@pytest.mark.parametrize("mode", _MODES, ids=" ".join)
def test_nothing_runs(trap: Trap, mode: tuple[str, ...]) -> None:
    outcome = secops(*mode, cwd=trap.repo.path, env=_surroundings(trap))
    assert not trap.sprung
    assert "Traceback" not in outcome.text
    assert outcome.code in (0, 1, 2, 3), outcome.text  # 3: a named file is not there


@pytest.mark.parametrize(
    "question",
    [
        "facts.values('core.pager')",
        "facts.values('core.hooksPath', kind='path')",
        "facts.names('^filter')",
        "remotes(repository)",
        "facts.branches()",
        "facts.tracked()",
        "facts.uncommitted()",
        "facts.untrack(['b.txt', 'README'])",
    ],
)
def test_asking_for_facts_runs_nothing(trap: Trap, question: str) -> None:
    """Neither the repository's programs nor, by GitPython's own variables, the caller's."""
    more = {"GIT_PYTHON_GIT_EXECUTABLE": str(trap.canary), "GIT_PYTHON_TRACE": "full"}
    code = (
        "from secopskit.git.facts import RepositoryFacts\n"
        "from secopskit.git.remotes import remotes\n"
        "from secopskit.git.repository import Repository\n"
        "repository = Repository.open('.')\n"
        "facts = RepositoryFacts(repository)\n"
        f"answer = {question}\n"
        "assert answer\n"
    )
    env = environment(**_surroundings(trap), **more)
    outcome = run(sys.executable, "-P", "-c", code, cwd=trap.repo.path, env=env)
    assert outcome.code == 0, outcome.text
    assert not trap.sprung
    assert (trap.repo.path / "b.txt").read_text() == "changed\n"


def test_a_missing_object_is_not_asked_for(trap: Trap) -> None:
    oid = trap.repo.try_git("-c", "core.fsmonitor=false", "rev-parse", "HEAD:b.txt").out.split()[-1]
    (trap.repo.path / ".git" / "objects" / oid[:2] / oid[2:]).unlink()
    trap.trace.unlink(missing_ok=True)
    for mode in (("scan", "--history"), ("scan", "--since", "HEAD~1"), ("scan", "--staged")):
        secops(*mode, cwd=trap.repo.path)
    assert not trap.sprung


def test_the_trap_works(trap: Trap) -> None:
    run("git", "status", cwd=trap.repo.path)
    assert trap.sprung


@pytest.mark.parametrize(
    "broken", ["[core", "[core]\n\tbare = maybe\n", "[extensions]\n\tobjectFormat = none\n"]
)
def test_a_broken_configuration_is_a_clean_error(tmp_path: Path, broken: str) -> None:
    repo = Repo.create(tmp_path / "repo")
    (repo.path / ".git" / "config").write_text(broken)
    outcome = secops("scan", "--history", cwd=repo.path)
    assert outcome.code == 3
    assert "Traceback" not in outcome.text


def test_a_work_tree_elsewhere_is_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "private").write_text(github_token())
    repo = Repo.create(tmp_path / "repo")
    repo.git("config", "core.worktree", str(outside))
    outcome = secops("scan", str(repo.path), cwd=tmp_path, env={"HOME": str(home())})
    assert "private" not in outcome.text
