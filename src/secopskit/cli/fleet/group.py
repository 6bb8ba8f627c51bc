"""`secops fleet` itself: the table of its commands."""

from __future__ import annotations

from typing import Final

import click

from secopskit.cli.help import Example
from secopskit.cli.lazy import LazyCommand, LazyGroup
from secopskit.cli.options import global_options

_HERE: Final = "secopskit.cli.fleet"
COMMANDS: Final[dict[str, LazyCommand]] = {
    "scan": LazyCommand(f"{_HERE}.scan:scan", "Scan the history of every repository; go on where it was."),
    "status": LazyCommand(f"{_HERE}.status:status", "Show how far a run is, and what failed and why."),
    "report": LazyCommand(f"{_HERE}.report:report", "Tell each secret once, with every place it stands."),
}


@click.group(
    cls=LazyGroup,
    table=COMMANDS,
    examples=(
        Example("secops fleet scan --org acme", "Every repository of an organisation; GITHUB_TOKEN lets in."),
        Example("secops fleet scan --path 'clones/*'", "Clones that are there, without any network."),
        Example("secops fleet report -f html -o fleet.html", "The last run, for others to read."),
        Example("secops fleet scan --org acme --fail-on new", "Every night: 1 only where something is new."),
    ),
)
@global_options
def fleet() -> None:
    """Scan many repositories, and remember. See docs/FLEET.md.

    What was found when, and how far a run is, stands in a directory of yours (--fleet DIR): a run that
    was broken off goes on where it was, and only what has changed is scanned again.
    """
