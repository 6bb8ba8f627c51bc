"""Command lines of secops as texts show them: taken apart as the program would, and not run."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

import click

from secopskit.cli.group import secops

_NAMES = ("secops", "secopskit", "./scripts/secops")
_SEPARATORS = ("|", "||", "&&", ";", "&", ">", ">>", "<", "2>", "(", ")")


def in_shell(text: str) -> Iterator[list[str]]:
    """The words of each secops command in a shell script, without variables before and redirections after."""
    for line in text.replace("\\\n", " ").splitlines():
        plain = re.sub(r"\$\(|[`]|<\(", " ; ", line).replace(")", " ; ")
        lexer = shlex.shlex(plain, posix=True, punctuation_chars="|&;<>")
        lexer.whitespace_split = True
        try:
            words = list(lexer)
        except ValueError:  # a quotation that goes over several lines: no command of ours does
            words = plain.split()
        yield from _commands(words)


def _commands(words: list[str]) -> Iterator[list[str]]:
    command: list[str] = []
    for word in [*words, ";"]:
        if word in _SEPARATORS:
            if command and command[0] in _NAMES:
                yield command[1:]
            command = []
        elif command or word in _NAMES:
            command.append(word)


def understand(words: list[str]) -> click.Context:
    """The command that `words` (without the program's name) call, with its options taken apart.

    Raises click.UsageError for a name, an option or a choice that there is not; a word in capitals stands
    for any value.
    """
    context = click.Context(secops, info_name="secops", **secops.context_settings)
    command, rest = context.command, list(words)
    while isinstance(command, click.Group) and rest and not rest[0].startswith("-"):
        _, child, rest = command.resolve_command(context, rest)
        assert child
        context, command = click.Context(child, parent=context, info_name=child.name), child
    options, _, order = command.make_parser(context).parse_args(rest)
    for option in {each for each in order if isinstance(each, click.Option)}:
        value = options.get(option.name or "")
        if isinstance(option.type, click.Choice) and isinstance(value, str) and not value.isupper():
            option.type.convert(value, option, context)
    context.params = options
    return context
