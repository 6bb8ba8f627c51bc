"""`secops rotate` itself: the table of its commands."""

from __future__ import annotations

from typing import Final

import click

from secopskit.cli.help import Example
from secopskit.cli.lazy import LazyCommand, LazyGroup
from secopskit.cli.options import global_options

_HERE: Final = "secopskit.cli.rotate"
COMMANDS: Final = {
    "plan": LazyCommand(
        f"{_HERE}.plan:plan", "Show what would be rotated, by whom, and what breaks; keep it."
    ),
    "apply": LazyCommand(f"{_HERE}.apply:apply", "Carry a plan out: create, verify, publish, drain, revoke."),
    "status": LazyCommand(
        f"{_HERE}.status:status", "Show what is planned or under way, and the last rotation."
    ),
    "rollback": LazyCommand(f"{_HERE}.rollback:rollback", "Make the old values the only ones again."),
    "providers": LazyCommand(
        f"{_HERE}.providers:providers", "List who can rotate what, and which rule leads there."
    ),
}


@click.group(
    cls=LazyGroup,
    table=COMMANDS,
    examples=(
        Example("secops rotate plan", "See who rotates what, and what breaks."),
        Example("secops rotate apply", "Do it; asks before each step."),
    ),
)
@global_options
def rotate() -> None:
    """Replace leaked credentials by new ones, and end the old ones last. See docs/ROTATION.md.

    What is declared in .secops.yaml says who rotates a credential, where its value is kept and where
    it is published. No value belongs on the command line.
    """
