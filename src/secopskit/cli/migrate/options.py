"""Options that commands of `secops migrate` share."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from secopskit.cli.options import global_options

_Command = TypeVar("_Command", bound=Callable[..., Any])
_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")


def _variable(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    """A name of a variable, and by no means what it holds: that is never repeated."""
    if value is not None and not _VARIABLE.fullmatch(value):
        raise click.BadParameter(
            "needs the name of an environment variable. A URL does not belong on the command line, where "
            "everybody on this machine can read it: put it into a variable"
        )
    return value


def target_options(command: _Command) -> _Command:
    """Which database is meant, and the options that every command takes."""
    for decorate in (
        global_options,
        click.option("--json", "as_json", is_flag=True, help="Print JSON."),
        click.option("--config", type=click.Path(dir_okay=False, path_type=Path), help="The configuration."),
        click.option(
            "--database-url-env",
            metavar="NAME",
            callback=_variable,
            help="The variable that holds the database's URL.  [default: DATABASE_URL]",
        ),
        click.option("--env", "environment", metavar="NAME", help="The environment, such as staging."),
    ):
        command = decorate(command)
    return command


def directory_option(command: _Command) -> _Command:
    """Where the files are."""
    return click.option(
        "--dir",
        "directory",
        type=click.Path(file_okay=False),
        help="The directory of the migrations.  [default: migrations, or supabase/migrations]",
    )(command)


def yes_option(command: _Command) -> _Command:
    """Consent in advance."""
    return click.option("-y", "--yes", is_flag=True, help="Do not ask.")(command)


def shadow_options(command: _Command) -> _Command:
    """Where files are tried."""
    for decorate in (
        click.option(
            "--postgres-bin",
            type=click.Path(exists=True, file_okay=False),
            help="The directory of the PostgreSQL programs to start a shadow with.",
        ),
        click.option(
            "--shadow-url-env",
            metavar="NAME",
            callback=_variable,
            help="The variable that holds a shadow server's URL.  [default: SHADOW_DATABASE_URL]",
        ),
        click.option(
            "--shadow-superuser",
            is_flag=True,
            help="Let files do on a shadow of ours what only a superuser may: run programs, for one.",
        ),
    ):
        command = decorate(command)
    return command


def range_options(command: _Command) -> _Command:
    """How far to go."""
    for decorate in (
        click.option("--steps", type=click.IntRange(min=1), metavar="N", help="Only the next N files."),
        click.option("--to", metavar="VERSION", help="Only as far as this version."),
    ):
        command = decorate(command)
    return command


def order_option(command: _Command) -> _Command:
    """Whether the order of versions matters."""
    return click.option(
        "--allow-out-of-order",
        is_flag=True,
        help="Apply files older than the newest applied one, and gaps; undo what was not applied last.",
    )(command)


def guard_options(command: _Command) -> _Command:
    """What a guarded environment asks for."""
    for decorate in (
        click.option(
            "--require-tag", is_flag=True, help="Refuse files that are not those of a tagged commit."
        ),
        click.option(
            "--require-clean-git", is_flag=True, help="Refuse a work tree with uncommitted changes."
        ),
        click.option("--during-freeze", is_flag=True, help="Go on although it is a time without migrations."),
        click.option(
            "--countdown",
            type=click.IntRange(0, 3600),
            metavar="SECONDS",
            help="The pause after --confirm-production.  [default: 30]",
        ),
        click.option(
            "--confirm-production",
            metavar="HASH",
            help="The hash of the plan that you agree to (in CI; on a terminal you are asked).",
        ),
    ):
        command = decorate(command)
    return command
