"""What a reporter is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from secopskit.findings import ScanResult
from secopskit.named_tuple import NamedTuple

if TYPE_CHECKING:
    from datetime import datetime


class RenderOptions(NamedTuple):
    """How to tell it. Formats made for machines look at `show_suppressed` only, or at nothing.

    `show_secrets` asks for the values themselves; only the console format heeds it, and only
    for findings that still carry their value. `verbosity` is 0, more (1, 2) or less (-1).
    `limit` is how many places the formats for people show, the others being counted; 0: all.
    `ended` is when the scan ended, with its zone; None: nobody says, and the report tells no time of its own.
    `skip` is how to go past the hook that reports, alone and under the pre-commit framework; empty where
    there is no way past it. `comments` tells whether a comment that somebody adds now would allow a finding.
    """

    show_secrets: bool = False
    color: bool = False
    width: int = 100
    verbosity: int = 0
    show_suppressed: bool = False
    limit: int = 0
    ended: datetime | None = None
    comments: bool = True
    skip: tuple[str, ...] = ("git commit --no-verify", "SKIP=secops-scan git commit")


class Reporter(Protocol):
    """Turns the result of a scan into text. Pure: no clock, no files, no network.

    The text is empty or ends with a line break, encodes to UTF-8, and holds no secret value. Paths,
    authors and refs come from a hostile repository: see `secopskit.report.text`.

    Besides the findings, a report tells every limit, how many things were skipped for which
    reason, and how many findings were suppressed by what; `verbosity` -1 may leave out the count of
    what was skipped, and no more: nobody suppresses unseen. A format that has no place for them is not
    `complete`: whoever prints it tells them beside it, see `secopskit.report.facts.summary.asides`.
    """

    name: str
    complete: bool

    def render(self, result: ScanResult, options: RenderOptions) -> str:
        """The whole report."""
        ...
