"""The rules of an audit, a module each with a `RULE`, and a line in `MODULES`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Final

from secopskit.audit.model import MismatchRule

MODULES: Final[tuple[str, ...]] = ()


@cache
def rules() -> Mapping[str, MismatchRule]:
    """All rules by id, in the order of their modules."""
    found = (import_module(f"secopskit.audit.mismatch.{name}").RULE for name in MODULES)
    return {rule.id: rule for rule in found}
