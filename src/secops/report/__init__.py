"""Reports: what a scan found, told to people and to machines.

A new format is one module with a `REPORTER` and one line in `FORMATS`. A module is imported
when its format is asked for, so the hook never pays for the others.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final, cast

if TYPE_CHECKING:
    from collections.abc import Mapping

    from secops.report.interface import Reporter

FORMATS: Final[Mapping[str, str]] = {
    "console": "secops.report.console",
    "plain": "secops.report.plain",
    "json": "secops.report.json",
    "sarif": "secops.report.sarif",
    "github": "secops.report.github",
    "junit": "secops.report.junit",
    "csv": "secops.report.csv",
    "html": "secops.report.html",
}


def load(name: str) -> Reporter:
    """The reporter of a format in `FORMATS`. Raises `KeyError` for any other name."""
    return cast("Reporter", import_module(FORMATS[name]).REPORTER)
