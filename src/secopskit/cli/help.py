"""Help pages: options in sections, examples to begin with, and no sentence that is cut off."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, Final, TypeVar

import click

from secopskit.named_tuple import NamedTuple

_Command = TypeVar("_Command", bound=Callable[..., Any])

GENERAL: Final = "General options"
_PLAIN: Final = "Options"
_WIDEST_TERM: Final = 30  # click's own: a longer term has its text on the next line


class Example(NamedTuple):
    """A command line that can be typed as it is, and what it is for: one short phrase."""

    line: str
    purpose: str


class SectionOption(click.Option):
    """An option that stands under a heading of its own in the help."""

    def __init__(self, *args: Any, section: str = _PLAIN, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.section = section


def options_of(section: str) -> Callable[..., Callable[[_Command], _Command]]:
    """`click.option`, for options that the help shows under the heading `section`."""
    return partial(click.option, cls=SectionOption, section=section)


class _HelpPage(click.Command):
    """What our commands and groups have in common: how their help looks."""

    def __init__(self, *args: Any, examples: Sequence[Example] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.examples = tuple(examples)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The options, section by section; in a group, its commands before the general ones."""
        sections = dict(option_sections(self, ctx))
        general = sections.pop(GENERAL, [])
        terms = (len(term) for rows in (*sections.values(), general) for term, _ in rows)
        width = min(max(terms, default=0), _WIDEST_TERM)
        for title, rows in sections.items():
            _write(formatter, title, rows, width)
        if isinstance(self, click.Group):
            self.format_commands(ctx, formatter)
        _write(formatter, GENERAL if sections else _PLAIN, general, width)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The examples, then what else there is to say."""
        if self.examples:
            with formatter.section("Examples"):
                for example in self.examples:
                    formatter.write(f"{'':{formatter.current_indent}}{example.line}\n")
                    with formatter.indentation():
                        formatter.write_text(example.purpose)
        super().format_epilog(ctx, formatter)


class HelpCommand(_HelpPage):
    """A command with `examples` in its help."""


class HelpGroup(_HelpPage, click.Group):
    """A group whose commands can have `examples` too; the first sentence of each stands in its help whole."""

    command_class = HelpCommand

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The overview: each command with the first sentence of its help."""
        commands = ((name, self.get_command(ctx, name)) for name in self.list_commands(ctx))
        rows = [(name, first_sentence(each)) for name, each in commands if each and not each.hidden]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


def option_sections(
    command: click.Command, context: click.Context
) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """The headings of a help page in order, each with its rows (options as written, explanation)."""
    sections: dict[str, list[tuple[str, str]]] = {}
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context)
        if record is not None and isinstance(parameter, click.Option):
            sections.setdefault(_section_of(parameter), []).append(record)
    yield from sections.items()


def first_sentence(command: click.Command) -> str:
    """The first sentence of a command's help, on one line."""
    words = " ".join((command.short_help or command.help or "").partition("\n\n")[0].split())
    head, stop, _ = words.partition(". ")
    return head + stop.rstrip()


def _section_of(parameter: click.Parameter) -> str:
    if isinstance(parameter, SectionOption):
        return parameter.section
    return _PLAIN if _CLICKS_OWN.isdisjoint(parameter.opts) else GENERAL


_CLICKS_OWN: Final = frozenset(("--help", "--version"))


def _write(formatter: click.HelpFormatter, title: str, rows: Sequence[tuple[str, str]], width: int) -> None:
    if rows:
        with formatter.section(title):
            formatter.write_dl([(f"{term:{width}}", text) for term, text in rows])
