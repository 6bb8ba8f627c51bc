"""`secops migrate history`: what was done and tried."""

from __future__ import annotations

import re
from typing import Any, Final

import click

from secopskit.cli.help import Example, HelpCommand
from secopskit.cli.migrate.shared.inputs import CommandInputs
from secopskit.cli.migrate.shared.options import target_options
from secopskit.cli.migrate.shared.output import voice_of
from secopskit.cli.terminal.table import print_table
from secopskit.errors import ExitCode

# Checksums are for `verify`: of an edit the first digits do, of anything else nothing is shown.
_CHECKSUM: Final = re.compile(r"(?:\A|; )checksum [0-9a-f]{64}\Z")
_DIGEST: Final = re.compile(r"\b([0-9a-f]{12})[0-9a-f]{52}\b")


@click.command(
    cls=HelpCommand,
    examples=(Example("secops migrate history --limit 10", "The last ten things that were done or tried."),),
)
@click.option("--version", "version", metavar="VERSION", help="Of this version only.")
@click.option("--limit", type=click.IntRange(1, 100_000), default=50, show_default=True, help="How many.")
@target_options
@click.pass_context
def history(context: click.Context, /, **options: Any) -> ExitCode:
    """Show what was done and tried, the newest first.

    The history is append-only and each row is sealed with the one before; `verify` checks it.
    """
    from secopskit.migrate.ledger import history as rows
    from secopskit.migrate.tell.render import duration, history_data

    inputs = CommandInputs(options)
    voice = voice_of(context, inputs)
    with inputs.context.opened() as database:
        found = rows.read(database.link, version=options["version"], limit=options["limit"])

    def text() -> None:
        print_table(
            voice,
            ("#", "At", "Action", "Version", "Result", "Time", "By", "Message"),
            [
                (
                    row.id,
                    f"{row.at:%Y-%m-%d %H:%M:%S}",
                    row.action,
                    row.version or "",
                    "ok" if row.ok else f"failed {row.sqlstate or ''}".strip(),
                    duration(row.duration_ms),
                    row.actor,
                    _DIGEST.sub(r"\1…", _CHECKSUM.sub("", row.message)),
                )
                for row in found
            ],
        )

    voice.result(lambda: history_data(found, database.identity), text)
    return ExitCode.OK
