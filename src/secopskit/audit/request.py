"""What is asked of an audit."""

from __future__ import annotations

from dataclasses import dataclass

from secopskit.findings import Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRequest:
    """What to judge, and what of it to report.

    `rules` are the only rules that are asked, none: all. What rules of `disable` find, and what is below
    `min_severity`, is counted only. `name` is what reports call the project, empty: its directory's name.
    """

    name: str = ""
    rules: tuple[str, ...] = ()
    disable: tuple[str, ...] = ()
    min_severity: Severity = Severity.LOW
