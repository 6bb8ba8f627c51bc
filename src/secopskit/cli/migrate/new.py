"""`secops migrate new`: write an empty migration file."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime
from typing import Any, Final

import click

from secopskit.cli.migrate.inputs import CommandInputs
from secopskit.cli.migrate.options import directory_option, target_options
from secopskit.cli.options import settings_of
from secopskit.errors import ExitCode, UsageError
from secopskit.report.text import visible

_COUNTED: Final = re.compile(r"\d{1,6}")
_NO_TRANSACTION: Final = "-- secops: no-transaction\n"
_UP: Final = "-- {name}\n"
_DOWN: Final = "-- Undoes {file}. Data written since may be lost: review it before anybody needs it.\n"


@click.command()
@click.argument("name")
@directory_option
@click.option("--down", is_flag=True, help="Also write the file that undoes it.")
@click.option("--no-transaction", is_flag=True, help="For statements such as CREATE INDEX CONCURRENTLY.")
@target_options
@click.pass_context
def new(context: click.Context, /, **options: Any) -> ExitCode:
    """Write an empty migration file called NAME.

    Its version is the time (UTC), or the next number where the directory counts its files.
    """
    inputs = CommandInputs(options)
    name = re.sub(r"[^a-z0-9]+", "_", options["name"].lower()).strip("_")
    if not name or len(name) > 100:
        raise UsageError(
            "the name must have letters or digits, and at most 100", advice="Such as: add_users."
        )
    os.makedirs(inputs.directory, exist_ok=True)
    version = _next_version(inputs)
    file = f"{version}_{name}.sql"
    head = _NO_TRANSACTION if options["no_transaction"] else ""
    texts = {file: head + _UP.format(name=options["name"].replace("\n", " "))}
    if options["down"]:
        texts[f"{version}_{name}.down.sql"] = head + _DOWN.format(file=file)
    for path, text in texts.items():
        _write(os.path.join(inputs.directory, path), text)
    if options["as_json"]:
        import json

        click.echo(
            json.dumps({"version": version, "files": [os.path.join(inputs.directory, p) for p in texts]})
        )
    elif not settings_of(context).quiet:
        for path in texts:
            click.echo(visible(os.path.join(inputs.directory, path)))
    return ExitCode.OK


def _next_version(inputs: CommandInputs) -> str:
    """The next number where versions are counted, else the time: newer than any there is."""
    from secopskit.migrate.read.files import version_key

    newest = max((m.version for m in inputs.load().migrations), key=version_key, default="")
    if _COUNTED.fullmatch(newest):
        return str(int(newest) + 1).zfill(len(newest))
    now = datetime.now(UTC).strftime("%Y%m%d%H%M%S")
    return now if version_key(newest) < version_key(now) else str(int(newest.partition(".")[0]) + 1)


def _write(path: str, text: str) -> None:
    with open(path, "x", encoding="utf-8", newline="\n") as file:
        file.write(text)
