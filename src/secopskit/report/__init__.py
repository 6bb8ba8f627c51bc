"""Reports: what a scan found, told to people and to machines.

A new format is one module with a `REPORTER` and one line in `FORMATS`. A module is imported
when its format is asked for, so the hook never pays for the others.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final, cast

if TYPE_CHECKING:
    from collections.abc import Mapping

    from secopskit.report.interface import Reporter

FORMATS: Final[Mapping[str, str]] = {
    "console": "secopskit.report.terminal.console",
    "oneline": "secopskit.report.terminal.oneline",
    "plain": "secopskit.report.terminal.plain",
    "json": "secopskit.report.json",
    "sarif": "secopskit.report.sarif.log",
    "gitlab": "secopskit.report.gitlab",
    "github": "secopskit.report.github",
    "junit": "secopskit.report.junit",
    "csv": "secopskit.report.csv",
    "md": "secopskit.report.markdown",
    "html": "secopskit.report.html.document",
}


def load(name: str) -> Reporter:
    """The reporter of a format in `FORMATS`. Raises `KeyError` for any other name."""
    return cast("Reporter", import_module(FORMATS[name]).REPORTER)
