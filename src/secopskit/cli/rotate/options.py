"""The options that commands of `secops rotate` share, and the values that they stand for."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from secopskit.cli.completion.values import environments
from secopskit.cli.help import options_of
from secopskit.cli.options import global_options, settings_of
from secopskit.cli.terminal.voice import FORMS, Voice
from secopskit.errors import UsageError
from secopskit.settings.duration import parse_duration
from secopskit.settings.environment import read_environment

if TYPE_CHECKING:
    from secopskit.rotate.request import ReportedPlace, RotationConsents, RotationRequest

_Command = TypeVar("_Command", bound=Callable[..., Any])
_FORMS: Final = {**{form: form for form in FORMS}, "md": "markdown"}


_what_option = options_of("What is rotated")
_consent_option = options_of("Consent")
_place_option = options_of("Settings")
_report_option = options_of("Report")


def _together(*decorators: Callable[[_Command], _Command]) -> Callable[[_Command], _Command]:
    def decorate(command: _Command) -> _Command:
        for decorator in reversed(decorators):
            command = decorator(command)
        return command

    return decorate


what_options: Final = _together(
    click.argument("names", nargs=-1, metavar="[NAME]..."),
    _what_option(
        "--from-findings",
        "report",
        type=click.Path(dir_okay=False, path_type=Path),
        help="Rotate what a JSON report of `secops scan` lists.",
    ),
    _what_option(
        "--env",
        "environments",
        multiple=True,
        metavar="NAME",
        shell_complete=environments,
        help="Only this declared environment; repeatable.",
    ),
    _what_option(
        "--edit",
        "edits",
        multiple=True,
        metavar="FILE",
        help="Replace the value in this dotenv file, too, though nobody declares it; repeatable.",
    ),
    _what_option(
        "--to-file",
        metavar="FILE",
        default="",
        help="Write the new values to this dotenv file, 0600, as well.",
    ),
)
"""What is to be rotated, and where the new values go."""

consent_options: Final = _together(
    _consent_option("-y", "--yes", is_flag=True, help="Answer yes to all questions but those about outages."),
    _consent_option(
        "--accept-outage",
        "outages",
        multiple=True,
        metavar="NAME",
        help="Accept that readers of NAME (or all) fail until they have its new value; repeatable.",
    ),
)
"""What is agreed to beforehand."""

drain_option: Final = _consent_option(
    "--drain-timeout",
    metavar="TIME",
    help="How long to wait for who still uses an old value, then ask; 0: look and ask [default: 30min].",
)
place_options: Final = _together(
    _place_option(
        "--allow-source",
        "allowed",
        multiple=True,
        metavar="DIGEST",
        help="Agree to what a declared source reaches outside of the work tree; repeatable.",
    ),
    _place_option("--config", type=click.Path(dir_okay=False, path_type=Path), help="The configuration."),
)
"""What holds here."""

form_options: Final = _together(
    _report_option(
        "-f",
        "--format",
        "form",
        type=click.Choice(list(_FORMS)),
        help="Form of what is printed [default: text].",
    ),
    _report_option(
        "--report",
        "report_file",
        type=click.Path(dir_okay=False, path_type=Path),
        help="Write the report to a file as well, as its end says: .txt, .md or .json.",
    ),
    global_options,
)
"""How it is told."""


def voice_of(context: click.Context, options: dict[str, Any]) -> Voice:
    """The voice that the options and the surroundings ask for. Raises UsageError."""
    form = _FORMS.get(options.get("form") or "text")
    return Voice.of(settings_of(context), read_environment(), form=form, report=options.get("report_file"))


def request_of(options: dict[str, Any], root: str) -> RotationRequest:
    """What is to be rotated in the work tree `root`.

    Raises UsageError where the command line contradicts itself; ConfigError.
    """
    from secopskit.rotate.request import RotationRequest  # the help needs nothing of it

    if options["names"] and options["report"]:
        raise UsageError("--from-findings and names exclude each other", advice="Choose one of them.")
    reported: tuple[ReportedPlace, ...] = ()
    if options["report"]:
        from secopskit.rotate.look.search import read_reported  # needs what a scan needs

        reported = read_reported(options["report"])
    return RotationRequest(
        names=options["names"],
        environments=options["environments"],
        reported=reported,
        edits=tuple(from_root(file, root) for file in options["edits"]),
        to_file=from_root(options["to_file"], root) if options["to_file"] else "",
    )


def from_root(file: str, root: str) -> str:
    """A file that is named from where the user stands, as a declaration in `root` would name it."""
    path, top = os.path.abspath(file), os.path.realpath(root)
    real = os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))
    return os.path.relpath(real, top) if os.path.commonpath([real, top]) == top else path


def consents_of(options: dict[str, Any]) -> RotationConsents:
    """What was agreed to on the command line. Raises UsageError."""
    from secopskit.rotate.request import RotationConsents

    return RotationConsents(
        consented=options["yes"],
        outages=options["outages"],
        drain_timeout=_seconds(options.get("drain_timeout")),
    )


def _seconds(text: str | None) -> float | None:
    if text is None:
        return None
    try:
        return parse_duration(text) / 1000
    except ValueError:
        raise UsageError(f"--drain-timeout {text}: is no time", advice="Write 30s, 5min, 1h, or 0.") from None
