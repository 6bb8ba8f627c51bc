"""What a form of the report is."""

from __future__ import annotations

from typing import Protocol

from secopskit.audit.outcome import AuditOutcome
from secopskit.named_tuple import NamedTuple
from secopskit.report.page import Paint, unpainted


class AuditView(NamedTuple):
    """How to tell it. Forms made for machines and files heed none of it.

    `verbosity` is 0, more (1, 2) or less (-1). `every` asks for a line a mismatch, none told together.
    `show_held_back` lists what baseline and settings hold back. `path` is the project as it was named, for
    commands to come; empty for where we are.
    """

    width: int = 100
    paint: Paint = unpainted
    verbosity: int = 0
    every: bool = False
    show_held_back: bool = False
    path: str = ""


class AuditForm(Protocol):
    """Turns an audit into text. Pure: no clock, no files, no network, no absolute path.

    The text ends with a line break and holds no value. Names and paths come from hostile files: they go
    through `visible` of `report.text`, and the escaping of the form. Besides the mismatches a form tells
    every limit, how many files were not read for which reason, and how many mismatches were held back by
    what.
    """

    name: str

    def render(self, outcome: AuditOutcome, view: AuditView) -> str:
        """The whole report."""
        ...
