"""A fleet told: the facts of a run, and the forms of its report.

A new form is one module with a `render` and one line in `FORMS`.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Final

from secopskit.fleet.tell.facts import FleetFacts

FORMS: Final = {
    "text": "secopskit.fleet.tell.text",
    "csv": "secopskit.fleet.tell.csv",
    "html": "secopskit.fleet.tell.page",
}
"""JSON is that of all commands, and SARIF a file for each repository: see `sarif`."""


def renderer(form: str) -> Callable[[FleetFacts], str]:
    """What makes a text of the facts, in one of `FORMS`. Pure: no clock, no files, no values."""
    render: Callable[[FleetFacts], str] = import_module(FORMS[form]).render
    return render
