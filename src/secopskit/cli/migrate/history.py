"""`secops migrate history`: what was done and tried."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from secopskit.cli.migrate.options import target_options
from secopskit.cli.migrate.output import voice_of
from secopskit.cli.migrate.place import Place
from secopskit.cli.table import print_table
from secopskit.errors import ExitCode

if TYPE_CHECKING:
    from secopskit.migrate.ledger.history import Recorded


@click.command()
@click.option("--version", "version", metavar="VERSION", help="Of this version only.")
@click.option("--limit", type=click.IntRange(1, 100_000), default=50, show_default=True, help="How many.")
@target_options
@click.pass_context
def history(context: click.Context, /, **options: Any) -> ExitCode:
    """Show what was done and tried, the newest first.

    The history is append-only and each row is sealed with the one before; `verify` checks it.
    """
    from secopskit.migrate.ledger import history as rows
    from secopskit.migrate.tell.render import VERSION, duration, identity_data

    place = Place(options)
    voice = voice_of(context, place)
    with place.opened() as database:
        found = rows.read(database.link, version=options["version"], limit=options["limit"])

    def data() -> dict[str, Any]:
        return {
            "version": VERSION,
            "target": identity_data(database.identity),
            "history": [_data(row) for row in found],
        }

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
                    row.message,
                )
                for row in found
            ],
        )

    voice.result(data, text)
    return ExitCode.OK


def _data(row: Recorded) -> dict[str, Any]:
    from secopskit.migrate.tell.render import moment

    return {
        "id": row.id,
        "run": row.run_id,
        "version": row.version,
        "action": row.action,
        "ok": row.ok,
        "at": moment(row.at),
        "duration_ms": row.duration_ms,
        "sqlstate": row.sqlstate,
        "message": row.message,
        "plan": row.plan_hash,
        "actor": row.actor,
        "commit": row.git_sha,
        "tool": row.tool_version,
        "hash": row.hash,
    }
