"""The steps, in their order. A new one is a module with a `STEP`, and a line in `MODULES`."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from secopskit.harden.steps.interface import HardenStep

MODULES: Final = (
    "ignore",
    "untrack",
    "sample",
    "hook",
    "config",
    "baseline",
    "workflows",
    "security",
    "checklist",
)


@cache
def steps() -> tuple[HardenStep, ...]:
    """All steps, in the order in which they are done."""
    return tuple(import_module(f"secopskit.harden.steps.{name}").STEP for name in MODULES)
