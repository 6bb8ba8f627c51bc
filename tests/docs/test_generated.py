"""The documents that state facts of the program say what the program says.

`SECOPS_UPDATE_DOCS=1 scripts/test tests/unit/test_docs.py` writes them anew.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest

from secopskit.cli.group import secops
from secopskit.errors import EXIT_CODE_MEANINGS, ExitCode
from secopskit.rules.load import load_builtin
from support.cli import ROOT

BEGIN, END = "<!-- generated -->\n", "<!-- end -->\n"


def exit_codes() -> str:
    rows = [f"| {code.value} | {meaning} |" for code, meaning in EXIT_CODE_MEANINGS.items()]
    return "\n".join(["| Code | Meaning |", "| ---: | --- |", *rows]) + "\n"


def rules() -> str:
    known = sorted(load_builtin(), key=lambda rule: (rule.vendor.lower(), rule.id))
    rows = [
        f"| {rule.vendor} | `{rule.id}` | {rule.title} | {rule.severity.label} | {rule.confidence.label} |"
        for rule in known
    ]
    head = [
        f"{len(known)} rules.",
        "",
        "| Vendor | Rule | Finds | Severity | Confidence |",
        "| --- | --- | --- | --- | --- |",
    ]
    return "\n".join([*head, *rows]) + "\n"


def command_line() -> str:
    blocks = [
        f"{'#' * min(depth, 4)} {name}\n\n```text\n{text}\n```\n"
        for depth, name, text in helps(secops, None, "secops")
    ]
    return "\n".join(blocks)


def helps(command: click.Command, parent: click.Context | None, name: str) -> Iterator[tuple[int, str, str]]:
    """Every command's help, the group's before those of its commands."""
    context = click.Context(
        command, parent=parent, info_name=name, terminal_width=100, color=False, **command.context_settings
    )
    yield len(context.command_path.split()) + 1, context.command_path, command.get_help(context)
    if isinstance(command, click.Group):
        for child_name in command.list_commands(context):
            child = command.get_command(context, child_name)
            if child and not child.hidden:
                yield from helps(child, context, child_name)


@pytest.mark.parametrize(
    ("name", "generate"), [("exit-codes.md", exit_codes), ("rules.md", rules), ("cli.md", command_line)]
)
def test_the_generated_part_of_a_document_is_current(name: str, generate: Callable[[], str]) -> None:
    file = ROOT / "docs" / name
    before, _, rest = file.read_text(encoding="utf-8").partition(BEGIN)
    current, _, after = rest.partition(END)
    expected = "\n" + generate() + "\n"
    if os.environ.get("SECOPS_UPDATE_DOCS"):
        file.write_text(before + BEGIN + expected + END + after, encoding="utf-8")
    else:
        assert current == expected, f"docs/{name} is out of date: run with SECOPS_UPDATE_DOCS=1"


def test_every_exit_code_has_a_meaning() -> None:
    assert set(EXIT_CODE_MEANINGS) == set(ExitCode)


def documents() -> list[Path]:
    return [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]


@pytest.mark.parametrize("document", documents(), ids=lambda path: path.name)
def test_links_between_documents_lead_somewhere(document: Path) -> None:
    targets = re.findall(
        r"\]\((?!https?:|#|mailto:)([^)#]+)(?:#[^)]*)?\)", document.read_text(encoding="utf-8")
    )
    assert [target for target in targets if not (document.parent / target).exists()] == []


@pytest.mark.parametrize("document", documents(), ids=lambda path: path.name)
def test_commands_shown_in_documents_exist(document: Path) -> None:
    context = click.Context(secops, info_name="secops")
    blocks = re.findall(r"^```sh\n(.*?)^```", document.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    command = re.compile(r"(?:^|\| |\./scripts/)secops((?: [a-z][a-z-]*)+)", re.MULTILINE)
    for words in command.findall("\n".join(blocks)):
        first = words.split()[0]
        assert secops.get_command(context, first), f"{document.name}: secops {first}"
