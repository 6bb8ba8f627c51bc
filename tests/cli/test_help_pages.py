"""Help pages: options in sections, examples that work, sentences that are whole; `help` and `version`."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from secopskit import __version__
from secopskit.cli.boundary import run
from secopskit.cli.completion.values import environments, mismatch_rule_ids, revisions, rule_ids
from secopskit.cli.group import secops
from secopskit.cli.help import GENERAL, HelpCommand, HelpGroup, option_sections
from secopskit.git.packs.available import can_read_packs
from secopskit.rules.load import load_builtin
from support.command_lines import in_shell, understand

MANY = 8


def pages(
    command: click.Command = secops, parent: click.Context | None = None, name: str = "secops"
) -> Iterator[click.Context]:
    """A context for each command that help shows."""
    context = click.Context(command, parent=parent, info_name=name, **command.context_settings)
    yield context
    if isinstance(command, click.Group):
        for child_name in command.list_commands(context):
            child = command.get_command(context, child_name)
            if child and not child.hidden:
                yield from pages(child, context, child_name)


PAGES = list(pages())
EACH_PAGE = pytest.mark.parametrize("context", PAGES, ids=lambda context: context.command_path)


def examples() -> list[str]:
    return [
        example.line
        for context in PAGES
        if isinstance(context.command, HelpCommand | HelpGroup)
        for example in context.command.examples
    ]


@EACH_PAGE
def test_every_page_has_an_example_of_its_own_command(context: click.Context) -> None:
    command = context.command
    assert isinstance(command, HelpCommand | HelpGroup)
    assert command.examples
    for example in command.examples:
        assert context.command_path in example.line or context.command_path.split()[-1] != command.name
        assert example.purpose.endswith((".", "?"))
        assert example.line in command.get_help(context)


@EACH_PAGE
def test_many_options_stand_in_sections(context: click.Context) -> None:
    sections = dict(option_sections(context.command, context))
    general = {term.split(" ")[-1] for term, _ in sections.pop(GENERAL)}
    assert "--help" in general
    for title, rows in sections.items():
        assert len(rows) <= MANY or (len(sections) > 1 and title != "Options"), f"{title}: too many in one"
    if sum(map(len, sections.values())) > MANY:
        assert "Options" not in sections, "some stand in no section"


@EACH_PAGE
def test_no_sentence_is_cut_off(context: click.Context) -> None:
    shown = context.command.get_help(context)
    assert not [line for line in shown.splitlines()[1:] if line.endswith("...")]


@pytest.mark.parametrize("line", examples())
def test_an_example_is_a_command_line_that_is_understood(line: str) -> None:
    commands = list(in_shell(line.replace('"', " ") if line.startswith("eval") else line))
    assert commands
    for words in commands:
        understand(words)


def test_the_rules_and_providers_that_examples_name_exist() -> None:
    from secopskit.audit.run import known_rules
    from secopskit.provider import PROVIDERS

    known = {rule.id for rule in load_builtin()}
    for line in examples():
        words = line.split()
        if words[1:3] == ["rules", "show"]:
            assert words[3] in known
        if words[1:3] == ["rotate", "providers"] and len(words) == 4:
            assert words[3] in PROVIDERS
        if "--rule" in words:
            assert words[words.index("--rule") + 1] in (known_rules() if words[1] == "audit" else known)
        if "--explain" in words:
            assert words[words.index("--explain") + 1] in known_rules()


def test_help_shows_what_the_option_shows(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["help", "rotate", "apply"]) == 0
    by_name = capsys.readouterr().out
    assert run(["rotate", "apply", "--help"]) == 0
    assert by_name == capsys.readouterr().out
    assert run(["help"]) == 0
    overview = capsys.readouterr().out
    assert run(["--help"]) == 0
    assert overview == capsys.readouterr().out


@pytest.mark.parametrize("names", [["skan"], ["rotate", "aply"], ["scan", "more"]])
def test_help_of_what_there_is_not_says_so(names: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["help", *names]) == 2
    told = capsys.readouterr()
    assert names[-1] in told.err
    assert not told.out


def test_version_says_more_when_asked(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["version"]) == 0
    assert capsys.readouterr().out == f"secops {__version__}\n"
    assert run(["version", "-v"]) == 0
    lines = dict(line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines())
    assert {"secops", "python", "system", "git", "engine", "reader"} == set(lines)
    assert lines["engine"] in ("hyperscan", "re")
    assert lines["reader"].startswith("packs, compiled (" if can_read_packs() else "git cat-file (")


def offered(context: click.Context, complete: object, text: str) -> list[str]:
    assert callable(complete)
    return [item.value for item in complete(context, context.command.params[0], text)]


def test_values_that_a_shell_offers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    context = PAGES[0]
    assert offered(context, revisions, "") == []
    subprocess.run(["git", "init", "-q", "-b", "trunk"], check=True)
    for words in (["commit", "-q", "--allow-empty", "-m", "first"], ["tag", "v1"]):
        subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@example.org", *words], check=True)
    assert offered(context, revisions, "") == ["HEAD", "trunk", "v1"]
    assert offered(context, revisions, "v1..tr") == ["v1..trunk"]
    assert offered(context, revisions, "v1...tr") == ["v1...trunk"]
    assert offered(context, environments, "") == []
    (tmp_path / ".secops.yaml").write_text(
        "migrate:\n  environments:\n    staging: {}\nrotate:\n  environments:\n    production: {}\n"
    )
    assert offered(context, environments, "") == ["production", "staging"]
    assert offered(context, environments, "st") == ["staging"]
    (tmp_path / ".secops.yaml").write_text("migrate: [\n")
    assert offered(context, environments, "") == []
    assert "github-pat" in offered(context, rule_ids, "github-")
    assert "variable-goes-nowhere" in offered(context, mismatch_rule_ids, "variable-")


_REVISIONS = dict.fromkeys(("REV", "REV|DATE", "A..B"), revisions)


def test_every_option_that_takes_a_revision_or_a_rule_is_completed() -> None:
    """A shell offers what there is: README and `completion` promise it."""
    found = 0
    for context in PAGES:
        for option in context.command.params:
            wanted = _REVISIONS.get(str(option.metavar))
            if {"--rule", "--disable"} & set(option.opts):
                wanted = mismatch_rule_ids if context.command.name == "audit" else rule_ids
            if wanted is not None:
                found += 1
                assert option._custom_shell_complete is wanted, (context.command_path, option.opts)
    assert found > 6


def test_powershell_gets_kind_value_and_explanation(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("_SECOPS_COMPLETE", "powershell_complete")
    monkeypatch.setenv("COMP_WORDS", "secops help rotate ")
    monkeypatch.setenv("COMP_WORD", "ap")
    assert run([]) == 0
    kind, value, text = capsys.readouterr().out.rstrip("\n").split("\t")
    assert (kind, value) == ("plain", "apply")
    assert text
