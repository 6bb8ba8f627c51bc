"""`secops migrate` itself: the table of its commands."""

from __future__ import annotations

from typing import Final

import click

from secopskit.cli.help import Example
from secopskit.cli.lazy import LazyCommand, LazyGroup
from secopskit.cli.options import global_options

_HERE: Final = "secopskit.cli.migrate"
_TABLE: Final = {
    "init": LazyCommand(
        f"{_HERE}.record.init:init", "Prepare a database: state tables, and a pin on which one it is."
    ),
    "new": LazyCommand(f"{_HERE}.new:new", "Write an empty migration file."),
    "status": LazyCommand(f"{_HERE}.status:status", "Show what is applied, what is pending, what is wrong."),
    "plan": LazyCommand(f"{_HERE}.plan:plan", "Show what `up` would do, and the hash that names it."),
    "dry-run": LazyCommand(
        f"{_HERE}.dry_run:dry_run", "Try pending files on a shadow database; tell what hurts."
    ),
    "up": LazyCommand(f"{_HERE}.up:up", "Apply pending files."),
    "down": LazyCommand(
        f"{_HERE}.down:down", "Undo the last applied files, where reviewed down files exist."
    ),
    "undo": LazyCommand(f"{_HERE}.down:undo", "The same as `down`."),
    "verify": LazyCommand(
        f"{_HERE}.record.verify:verify", "Hold files, ledger and history against each other."
    ),
    "repair": LazyCommand(f"{_HERE}.record.repair:repair", "Correct what the ledger says of a version."),
    "baseline": LazyCommand(
        f"{_HERE}.record.baseline:baseline", "Adopt a database that others have migrated so far."
    ),
    "lint": LazyCommand(f"{_HERE}.lint:lint", "Look for statements that will hurt."),
    "history": LazyCommand(f"{_HERE}.record.history:history", "Show what was done and tried."),
    "shell-lock": LazyCommand(
        f"{_HERE}.record.shell_lock:shell_lock", "Show who holds the migration lock, since when."
    ),
    "workflows": LazyCommand(
        f"{_HERE}.workflows:workflows", "Write GitHub workflows for staging and production."
    ),
    "serve": LazyCommand(
        f"{_HERE}.serve:serve", "Serve status, plan, dry-run and apply over HTTP.", "server"
    ),
}
# Whatever else a command needs, psycopg is among it.
COMMANDS: Final[dict[str, LazyCommand]] = {
    name: entry._replace(extra=entry.extra or "migrate") for name, entry in _TABLE.items()
}


@click.group(
    cls=LazyGroup,
    table=COMMANDS,
    examples=(
        Example("secops migrate init", "Once for each database."),
        Example("secops migrate new add_orders", "A file to write SQL into."),
        Example("secops migrate dry-run", "See what it would do."),
        Example("secops migrate up", "Do it."),
    ),
)
@global_options
def migrate() -> None:
    """Migrate a PostgreSQL database, one that matters. See docs/DATABASE_MIGRATIONS.md.

    Files are called migrations/<version>_<name>.sql. The database is the one that DATABASE_URL (or
    the variable that --database-url-env or .secops.yaml names) leads to. No URL and no password
    belongs on the command line.
    """
