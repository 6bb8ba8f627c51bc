"""`secops migrate down` (or `undo`): undo the last applied files."""

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
        Example("secops migrate down", "Undo what was applied last; asks."),
        Example("secops migrate down --steps 3", "Undo the last three."),
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
def down(context: click.Context, /, **options: Any) -> ExitCode:
    """Undo the last applied file (--steps N: the last N; --to V: all above V), in the order of application.

    Only where a reviewed file `<version>_<name>.down.sql` stands beside it. What was written since
    may be lost: a new migration that repairs forwards is often safer.
    """
    return apply_from_options(context, options, Direction.DOWN)


undo = down
