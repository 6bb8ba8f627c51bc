"""The manual pages in `man/` are made from the commands: one for `secops`, one for each of its commands.

`scripts/check --fix docs` writes them anew. The wheel brings them to where `man` looks.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from secopskit import __version__
from secopskit.cli.group import COMMANDS, secops
from secopskit.cli.help import HelpCommand, HelpGroup, first_sentence, option_sections
from secopskit.errors import EXIT_CODE_MEANINGS
from support.cli import ROOT

MAN = ROOT / "man"


def escaped(text: str) -> str:
    """`text` as roff prints it: backslashes, hyphens that are typed, and no line that is a request."""
    plain = (
        text.replace("\\", "\\e")
        .replace("-", "\\-")
        .replace("…", "...")
        .replace("'", "\\(aq")
        .replace("`", "\\(ga")
    )
    return re.sub(r"^(?=[.'])", r"\\&", plain, flags=re.MULTILINE)


def child(command: click.Command, parent: click.Context | None, name: str) -> click.Context:
    return click.Context(command, parent=parent, info_name=name, **command.context_settings)


def children(context: click.Context) -> Iterator[click.Context]:
    command = context.command
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            if found and not found.hidden:
                yield child(found, context, name)


def body(context: click.Context) -> Iterator[str]:
    """Synopsis, description, options and examples of a command, for a section or a subsection."""
    usage = " ".join(context.command.collect_usage_pieces(context))
    yield f".B {escaped(context.command_path)}\n{escaped(usage)}"
    for paragraph in (context.command.help or "").split("\n\n"):
        yield f".PP\n{escaped(' '.join(paragraph.split()))}"
    for title, rows in option_sections(context.command, context):
        yield f".PP\n.I {escaped(title)}"
        for term, text in rows:
            yield f".TP\n.B {escaped(term)}\n{escaped(' '.join(text.split()))}"
    command = context.command
    if isinstance(command, HelpCommand | HelpGroup) and command.examples:
        yield ".PP\n.I Examples"
        for example in command.examples:
            yield f".TP\n.B {escaped(example.line)}\n{escaped(example.purpose)}"


def page(context: click.Context, summary: str) -> str:
    """The manual page of a command, with those below it as subsections."""
    name = context.command_path.replace(" ", "-")
    lines = [
        f'.TH "{name.upper()}" "1" "" "secops {__version__}" "secops"',
        f".SH NAME\n{escaped(name)} \\- {escaped(summary.rstrip('.'))}",
        ".SH SYNOPSIS AND OPTIONS",
        *body(context),
    ]
    if context.parent is None:
        lines.append(".SH COMMANDS")
        lines += [
            f".TP\n.BR secops\\-{escaped(each)} (1)\n{escaped(entry.help)}"
            for each, entry in COMMANDS.items()
        ]
    else:
        for each in children(context):
            lines += [f".SH {escaped(each.command_path.upper())}", *body(each)]
    lines.append(".SH EXIT STATUS")
    lines += [f".TP\n.B {code.value}\n{escaped(text)}" for code, text in EXIT_CODE_MEANINGS.items()]
    if context.parent is not None:
        lines.append(".SH SEE ALSO\n.BR secops (1)")
    return "\n".join(lines) + "\n"


def pages() -> dict[str, str]:
    """All pages by the name of their file."""
    root = child(secops, None, "secops")
    made = {"secops.1": page(root, first_sentence(secops))}
    for each in children(root):
        made[f"secops-{each.info_name}.1"] = page(each, COMMANDS[each.info_name or ""].help)
    return made


def test_the_manual_pages_are_current() -> None:
    made = pages()
    if os.environ.get("SECOPS_UPDATE_DOCS"):
        shutil.rmtree(MAN, ignore_errors=True)
        MAN.mkdir()
        for name, text in made.items():
            (MAN / name).write_text(text, encoding="utf-8")
    there = {file.name: file.read_text(encoding="utf-8") for file in sorted(MAN.glob("*"))}
    assert there == made, "man/ is out of date: run scripts/check --fix docs"


@pytest.mark.skipif(shutil.which("man") is None, reason="no man here")
@pytest.mark.parametrize("name", ["secops.1", "secops-scan.1", "secops-migrate.1"])
def test_man_shows_a_page_without_a_complaint(name: str, tmp_path: Path) -> None:
    shown = subprocess.run(
        ["man", "--warnings", "-l", str(MAN / name)],
        capture_output=True,
        text=True,
        check=True,
        env={"PATH": os.environ["PATH"], "MANWIDTH": "100", "LC_ALL": "C.UTF-8", "MANPAGER": "cat"},
    )
    assert not shown.stderr
    assert "--help" in shown.stdout
    assert not re.search(r"\\[&(e-]", shown.stdout), "an escape is left"
