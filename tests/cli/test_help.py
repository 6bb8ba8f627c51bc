"""The overview, shell completion, and what is not imported for them."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import click
import pytest

from secopskit import __version__
from secopskit.cli.boundary import run
from secopskit.cli.group import COMMANDS, secops
from support.cli import UNMEASURED

HEAVY = (
    "rich",
    "yaml",
    "hyperscan",
    "detect_secrets",
    "git",
    "json",
    "subprocess",
    "secopskit.rules",
    "secopskit.detect",
)


def modules_after(*arguments: str) -> set[str]:
    """The modules that a run of secops has imported in the end."""
    program = (
        "import sys, json\n"
        "from secopskit.cli.boundary import run\n"
        f"run({list(arguments)!r})\n"
        "print()\n"
        "names = list(sys.modules)\n"
        "import json\n"
        "print(json.dumps(names))"
    ).replace("import sys, json", "import sys", 1)
    environment = {**os.environ, **UNMEASURED, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, env=environment, check=True, text=True
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["no-such-command"]])
def test_the_overview_imports_no_command_and_nothing_heavy(arguments: list[str]) -> None:
    loaded = modules_after(*arguments)
    commands = {entry.target.partition(":")[0] for entry in COMMANDS.values()}
    assert not loaded & (commands | set(HEAVY))


def test_a_command_imports_only_its_own_module() -> None:
    loaded = modules_after("completion", "fish")
    assert "secopskit.cli.completion.command" in loaded
    assert "secopskit.cli.rules" not in loaded


def test_the_help_of_a_sync_imports_nothing_that_talks_or_reads() -> None:
    loaded = modules_after("sync-secrets", "--help")
    rooms = {
        f"secopskit.{room}"
        for room in ("sync", "sink", "origin", "github", "web", "settings.sync", "settings.declaration")
    }
    assert not loaded & {*HEAVY, *rooms, "github", "requests", "keyring"}


def test_the_overview_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--help"]) == 0
    out = capsys.readouterr().out
    for name, entry in COMMANDS.items():
        assert f"  {name} " in out
        assert entry.help.split()[0] in out


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_loads_and_has_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([name, "--help"]) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"Usage: secops {name}")
    assert "--color" in out


def every_command(command: click.Command, context: click.Context) -> list[click.Command]:
    if not isinstance(command, click.Group):
        return [command]
    children = [command.get_command(context, name) for name in command.list_commands(context)]
    return [command, *(each for child in children if child for each in every_command(child, context))]


def test_every_option_and_argument_is_explained() -> None:
    context = click.Context(secops, info_name="secops", **secops.context_settings)
    silent = [
        f"{command.name} {option.opts[0]}"
        for command in every_command(secops, context)
        for option in command.params
        if isinstance(option, click.Option) and not option.help and not option.hidden
    ]
    assert not silent


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert capsys.readouterr().out == f"secops {__version__}\n"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell"])
def test_completion_scripts(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["completion", shell]) == 0
    script = capsys.readouterr().out
    assert "_SECOPS_COMPLETE" in script
    assert f"{shell}_complete" in script


def test_completion_of_a_command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_SECOPS_COMPLETE", "zsh_complete")
    monkeypatch.setenv("COMP_WORDS", "secops ru")
    monkeypatch.setenv("COMP_CWORD", "1")
    assert run([]) == 0
    assert capsys.readouterr().out == f"plain\nrules\n{COMMANDS['rules'].help}\n"


def test_completion_of_an_option(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_SECOPS_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", "secops rules list --j")
    monkeypatch.setenv("COMP_CWORD", "3")
    assert run([]) == 0
    assert capsys.readouterr().out == "plain,--json\n"
