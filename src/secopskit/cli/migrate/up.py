"""`secops migrate up`: apply pending files."""

from __future__ import annotations

from typing import Any

import click

from secopskit.cli.help import Example, HelpCommand, options_of
from secopskit.cli.migrate.shared.apply import apply_from_options
from secopskit.cli.migrate.shared.options import (
    directory_option,
    guard_options,
    order_option,
    range_options,
    target_options,
    yes_option,
)
from secopskit.errors import ExitCode
from secopskit.migrate.model import Direction

_consent_option = options_of("Consent and guards")


@click.command(
    cls=HelpCommand,
    examples=(
        Example("secops migrate up", "Apply what is pending; asks."),
        Example(
            "secops migrate up --env production --confirm-production a1b2c3d4e5f6",
            "In CI: agree to exactly the plan of this hash.",
        ),
    ),
)
@directory_option
@range_options
@yes_option
@_consent_option("--single-transaction", is_flag=True, help="All files in one transaction: all or nothing.")
@order_option
@guard_options
@target_options
@click.pass_context
def up(context: click.Context, /, **options: Any) -> ExitCode:
    """Apply pending files, each in a transaction of its own together with its row in the ledger.

    The first that fails is rolled back, and stops the run. On production, the plan must have passed
    a dry run lately, and you type the database's name (in CI: --confirm-production HASH).
    """
    return apply_from_options(context, options, Direction.UP)
