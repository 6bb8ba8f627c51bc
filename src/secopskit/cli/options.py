"""The options that every command takes, before or after its name: -q, -v and --color."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

import click

from secopskit.cli.help import GENERAL, options_of
from secopskit.settings.environment import is_plain

_Command = TypeVar("_Command", bound=Callable[..., Any])
_COLOR: Final[dict[str, bool | None]] = {"auto": None, "always": True, "never": False}


def _color_from_environment() -> bool | None:
    """What the terminal's own variables say, `NO_COLOR` (https://no-color.org) and `TERM`.

    Asked before any configuration is read, for the errors of reading it.
    """
    return False if is_plain() else None


@dataclass(slots=True, kw_only=True)
class Settings:
    """How to speak to the user; one per run, filled while the command line is read.

    `color` is True or False where the user said so, None where the stream's nature decides.
    """

    quiet: bool = False
    verbosity: int = 0
    color: bool | None = field(default_factory=_color_from_environment)


def settings_of(context: click.Context) -> Settings:
    """The run's settings."""
    return context.find_root().ensure_object(Settings)


def _quiet(context: click.Context, _: click.Parameter, value: bool) -> None:
    settings_of(context).quiet |= value


def _verbose(context: click.Context, _: click.Parameter, value: int) -> None:
    settings_of(context).verbosity += value


def _color(context: click.Context, _: click.Parameter, value: str | None) -> None:
    settings = settings_of(context)
    if value is not None:
        settings.color = _COLOR[value] if value != "auto" else _color_from_environment()
    context.color = settings.color


def global_options(command: _Command) -> _Command:
    """Give a command (or group) the options that all share; read them with `settings_of`."""
    option = options_of(GENERAL)
    for decorate in (
        option(
            "--color",
            type=click.Choice(list(_COLOR)),
            expose_value=False,
            callback=_color,
            help="Colour the output; auto: on a terminal, unless NO_COLOR is set.",
        ),
        option(
            "-v",
            "--verbose",
            count=True,
            expose_value=False,
            callback=_verbose,
            help="Say more; -vv shows where in the program an error arose.",
        ),
        option(
            "-q",
            "--quiet",
            is_flag=True,
            expose_value=False,
            callback=_quiet,
            help="Say nothing but errors and results.",
        ),
    ):
        command = decorate(command)
    return command
