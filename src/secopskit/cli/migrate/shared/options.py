"""Options that commands of `secops migrate` share."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from secopskit.cli.help import options_of
from secopskit.cli.options import global_options

_Command = TypeVar("_Command", bound=Callable[..., Any])
_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")


_report_option = options_of("Report")
_setting_option = options_of("Settings")
_target_option = options_of("Database")
_file_option = options_of("Files")
_consent_option = options_of("Consent and guards")
_shadow_option = options_of("Shadow database")


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
        _report_option("--json", "as_json", is_flag=True, help="Print JSON."),
        _setting_option(
            "--config", type=click.Path(dir_okay=False, path_type=Path), help="The configuration."
        ),
        _target_option(
            "--database-url-env",
            metavar="NAME",
            callback=_variable,
            help="The variable that holds the database's URL.  [default: DATABASE_URL]",
        ),
        _target_option("--env", "environment", metavar="NAME", help="The environment, such as staging."),
    ):
        command = decorate(command)
    return command


def directory_option(command: _Command) -> _Command:
    """Where the files are."""
    return _file_option(
        "--dir",
        "directory",
        type=click.Path(file_okay=False),
        help="The directory of the migrations.  [default: migrations, or supabase/migrations]",
    )(command)


def yes_option(command: _Command) -> _Command:
    """Consent in advance."""
    return _consent_option("-y", "--yes", is_flag=True, help="Do not ask.")(command)


def shadow_options(command: _Command) -> _Command:
    """Where files are tried."""
    for decorate in (
        _shadow_option(
            "--postgres-bin",
            type=click.Path(exists=True, file_okay=False),
            help="The directory of the PostgreSQL programs to start a shadow with.",
        ),
        _shadow_option(
            "--shadow-url-env",
            metavar="NAME",
            callback=_variable,
            help="The variable that holds a shadow server's URL.  [default: SHADOW_DATABASE_URL]",
        ),
        _shadow_option(
            "--shadow-superuser",
            is_flag=True,
            help="Let files do on a shadow what only a superuser may: run programs, for one.",
        ),
    ):
        command = decorate(command)
    return command


def range_options(command: _Command) -> _Command:
    """How far to go."""
    for decorate in (
        _file_option("--steps", type=click.IntRange(min=1), metavar="N", help="Only the next N files."),
        _file_option("--to", metavar="VERSION", help="Only as far as this version."),
    ):
        command = decorate(command)
    return command


def order_option(command: _Command) -> _Command:
    """Whether the order of versions matters."""
    return _file_option(
        "--allow-out-of-order",
        is_flag=True,
        help="Apply files older than the newest applied one, and gaps; undo what was not applied last.",
    )(command)


def guard_options(command: _Command) -> _Command:
    """What a guarded environment asks for."""
    for decorate in (
        _consent_option(
            "--require-tag", is_flag=True, help="Refuse files that are not those of a tagged commit."
        ),
        _consent_option(
            "--require-clean-git", is_flag=True, help="Refuse a work tree with uncommitted changes."
        ),
        _consent_option(
            "--during-freeze", is_flag=True, help="Go on although it is a time without migrations."
        ),
        _consent_option(
            "--countdown",
            type=click.IntRange(0, 3600),
            metavar="SECONDS",
            help="The pause after --confirm-production.  [default: 30]",
        ),
        _consent_option(
            "--confirm-production",
            metavar="HASH",
            help="The hash of the plan that you agree to (in CI; on a terminal you are asked).",
        ),
    ):
        command = decorate(command)
    return command
