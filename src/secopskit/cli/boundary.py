"""Where every error ends: one clear message, one exit code, and no value that may be secret.

This is the only `except Exception` of the program. What a foreign exception says may quote
what was scanned, so of an unforeseen one only its type and the places it went through are shown.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final

import click

from secopskit.cli.group import COMPLETE_VARIABLE, secops
from secopskit.cli.options import Settings
from secopskit.errors import ExitCode, SecopsError
from secopskit.redaction import SEEN
from secopskit.report.text import visible
from secopskit.settings.environment import has_runner_log, variable

# Since 8.2; before that click prints the help itself.
_NO_ARGUMENTS: Final[Any] = getattr(click.exceptions, "NoArgsIsHelpError", ())


def run(arguments: Sequence[str]) -> int:
    """Run the command line `arguments`; return the exit code. Raises nothing."""
    if not has_runner_log():
        return _run(arguments)
    from secopskit.cli.runner_log import guarded

    with guarded():
        return _run(arguments)


def _run(arguments: Sequence[str]) -> int:
    _tolerate_any_text()
    SEEN.forget()
    settings = Settings()
    try:
        code = _dispatch(arguments, settings)
        if sys.stdout is not None:
            sys.stdout.flush()
    except Exception as error:  # noqa: BLE001 - this is the boundary
        code = _report(error, settings)
    except KeyboardInterrupt:
        code = _tell(settings, ExitCode.INTERRUPTED, "interrupted")
    _settle_streams()
    return code


def _dispatch(arguments: Sequence[str], settings: Settings) -> int:
    """click's own `main` without its handling of errors, which is ours."""
    if instruction := variable(COMPLETE_VARIABLE):
        from secopskit.cli.completion.command import complete

        return complete(instruction)
    try:
        with secops.make_context("secops", list(arguments), obj=settings) as context:
            _note_stray_variables(settings)
            result = secops.invoke(context)
    except click.exceptions.Exit as stop:
        return int(stop.exit_code)
    return int(result) if isinstance(result, int) else ExitCode.OK


def _note_stray_variables(settings: Settings) -> None:
    """Say which variables set nothing though they look like it, unless nothing is to be said."""
    from secopskit.settings.stray_variables import stray_variables

    for sentence in [] if settings.quiet else stray_variables():
        click.echo(f"note: {visible(sentence)}", err=True)


def _report(error: Exception, settings: Settings) -> ExitCode:
    match error:
        case SecopsError():
            code = _tell(settings, error.exit_code, str(error), error.advice)
        case click.UsageError() if isinstance(error, _NO_ARGUMENTS):
            return _show_help(error, settings)
        case click.Abort():
            return _tell(settings, ExitCode.INTERRUPTED, "interrupted")
        case click.ClickException():
            return _tell(settings, ExitCode.USAGE, error.format_message(), _where_to_read(error))
        case BrokenPipeError():
            return ExitCode.OPERATION  # the reader has gone: nobody to tell
        case OSError():
            code = _tell(settings, ExitCode.OPERATION, _system_error(error))
        case MemoryError():
            code = _tell(settings, ExitCode.OPERATION, "out of memory")
        case _:
            code = _tell(
                settings,
                ExitCode.BUG,
                f"this is a bug in secops ({type(error).__name__})",
                _bug_advice(settings),
            )
    if settings.verbosity >= 2:
        _write(_trace(error))
    return code


def _show_help(error: click.UsageError, settings: Settings) -> ExitCode:
    """The help of a command that was called with nothing, as click means it: its message is the help."""
    _write(error.ctx.get_help() if error.ctx else error.format_message(), settings.color)
    return ExitCode.USAGE


def _where_to_read(error: click.ClickException) -> str:
    context = getattr(error, "ctx", None)
    return f"see '{context.command_path} --help'" if context else ""


def _bug_advice(settings: Settings) -> str:
    again = "" if settings.verbosity >= 2 else "run again with -vv and "
    return f"{again}report the lines that follow it; they name places in the program, never values"


def _system_error(error: OSError) -> str:
    reason = error.strerror or type(error).__name__
    return f"{os.fsdecode(error.filename)}: {reason}" if isinstance(error.filename, str | bytes) else reason


def _tell(settings: Settings, code: ExitCode, message: str, advice: str = "") -> ExitCode:
    _write(click.style("error: ", fg="red", bold=True) + visible(SEEN.hidden(message)), settings.color)
    if advice:
        _write(click.style("hint: ", fg="cyan") + visible(SEEN.hidden(advice)), settings.color)
    return code


def _write(text: str, color: bool | None = False) -> None:
    with suppress(OSError, ValueError):  # stderr is closed: the exit code still speaks
        click.echo(text, err=True, color=color)


def _trace(error: BaseException) -> str:
    """The places an error and its causes went through: types, files and lines; no message, no value."""
    lines: list[str] = []
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        lines.append(f"{type(link).__module__}.{type(link).__qualname__}, most recent call last:")
        step = link.__traceback__
        while step is not None:
            code = step.tb_frame.f_code
            file = "/".join(code.co_filename.replace(os.sep, "/").split("/")[-3:])
            lines.append(f"  {file}:{step.tb_lineno} in {code.co_name}")
            step = step.tb_next
        link = link.__cause__ or link.__context__
    return "\n".join(lines)


def _tolerate_any_text() -> None:
    """Let a path name of undecodable bytes be printed (escaped) rather than fail."""
    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="backslashreplace")


def _settle_streams() -> None:
    """Drop what nobody takes, or the interpreter would end with a code of its own (120)."""
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except (OSError, ValueError):
            with suppress(OSError, ValueError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
