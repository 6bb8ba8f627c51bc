"""`secops explain`: why a value is reported, or is not."""

from __future__ import annotations

import json
import os
import re
from typing import TYPE_CHECKING, Any, Final

import click

from secopskit.cli.help import Example, HelpCommand
from secopskit.cli.options import global_options
from secopskit.cli.terminal.progress import tell
from secopskit.errors import UsageError
from secopskit.report.text import visible

if TYPE_CHECKING:
    from secopskit.scan.explain import Explained, Explanation

_PLACE: Final = re.compile(r"(.+?):(\d+)(?::\d+)?")


@click.command(
    cls=HelpCommand,
    examples=(
        Example("secops explain config/app.yaml:12", "What was decided about the values of line 12."),
        Example("secops explain .env", "Everything that was judged in a file."),
        Example("secops explain 'dist.zip!.env:3'", "The same of a file in an archive, as reports name it."),
        Example("secops explain deploy/.env:4 --json", "For a program."),
    ),
)
@click.argument("place", metavar="FILE[:LINE]")
@click.option("--json", "as_json", is_flag=True, help="The explanation as JSON.")
@global_options
def explain(place: str, *, as_json: bool) -> None:
    """Explain why a value of FILE is reported by a scan, or is not.

    The file is scanned as `secops scan FILE` does; shown is each value that a rule or a reader of settings
    judged, and every decision about it: what speaks against it, which rule won, what held it back. Values
    themselves are never shown.
    """
    from secopskit.scan.choose import FilesRequest, choose_source
    from secopskit.scan.explain import explain as explain_file
    from secopskit.scan.session import ScanSession

    path, line, member = _parsed(place)
    session = ScanSession(path, notice=tell)
    told = explain_file(session, choose_source(session, FilesRequest(paths=(path,))), line, member)
    if as_json:
        click.echo(json.dumps(_as_json(told), indent=2))
    else:
        _show(told)


def _parsed(place: str) -> tuple[str, int | None, str]:
    """The file and the line of `place`, and the path in it if it is an archive. Raises UsageError."""
    found = None if os.path.isfile(place) else _PLACE.fullmatch(place)
    path, line = (found[1], int(found[2])) if found else (place, None)
    if os.path.isfile(path):
        return path, line, ""
    archive, _, member = path.partition("!")
    if not member or not os.path.isfile(archive):
        if os.path.isdir(path):
            raise UsageError(f"{visible(path)}: a directory", advice="Give a file in it, or FILE:LINE.")
        if place == "-":
            raise UsageError("-: standard input is not explained", advice="Give a file, or FILE:LINE.")
        raise UsageError(f"{visible(path)}: no such file", advice="Give a file, or FILE:LINE.")
    return archive, line, member


def _show(told: Explanation) -> None:
    where = visible(told.path) + (f":{told.line}" if told.line else "")
    read_as = ", ".join(told.readers) or "no format with settings"
    click.echo(f"{where}: looked at by {told.rules} rules, read as {read_as}")
    for skipped in told.skipped:
        click.echo(f"  not scanned: {skipped.reason.value}")
    for value in told.values:
        _show_value(value)
    if not told.values and not told.skipped:
        what = "this line" if told.line else "this file"
        click.echo(f"  No rule's expression matches on {what}, and no reader found a name of a secret there.")


def _show_value(value: Explained) -> None:
    sign = click.style("reported", fg="red") if value.reported else click.style("not reported", fg="green")
    click.echo(f"\n  {value.line}:{value.column}  {value.preview}  {sign}")
    for step in value.steps:
        click.echo(f"    {'+' if step.kept else '-'} {visible(step.text)}")


def _as_json(told: Explanation) -> dict[str, Any]:
    return {
        "version": 1,
        "path": told.path,
        "line": told.line,
        "rules": told.rules,
        "readers": list(told.readers),
        "skipped": [{"path": one.path, "reason": one.reason.value} for one in told.skipped],
        "values": [
            {
                "line": value.line,
                "column": value.column,
                "preview": value.preview,
                "reported": value.reported,
                "steps": [{"kept": step.kept, "text": step.text} for step in value.steps],
            }
            for value in told.values
        ],
    }
