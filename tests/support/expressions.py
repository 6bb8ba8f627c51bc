"""All regular expressions of the product, and what is wrong with them; as a program, it tells of all."""

from __future__ import annotations

import importlib
import json
import pkgutil
import sys
from collections.abc import Iterable
from typing import Any

from secopskit.rules.possessive import possessive_problems

_parser: Any = importlib.import_module("re._parser")  # no public access to it, so no types either
_compiler: Any = importlib.import_module("re._compiler")


def faults(expression: str | bytes, flags: int = 0) -> list[str]:
    """What in `expression` an early interpreter may get wrong."""
    return sorted(set(possessive_problems(_parser.parse(expression, flags))))


def _compiled_by_the_product() -> Iterable[tuple[str | bytes, int]]:
    """Every expression that is compiled as all modules are imported, and those of the rules."""
    seen: dict[tuple[str | bytes, int], None] = {}
    usual = _compiler.compile

    def noting(expression: Any, flags: int = 0) -> Any:
        if isinstance(expression, str | bytes):
            seen[expression, int(flags)] = None
        return usual(expression, flags)

    _compiler.compile = noting
    package = importlib.import_module("secopskit")
    for module in pkgutil.walk_packages(package.__path__, "secopskit."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    made: set[tuple[str | bytes, int]] = importlib.import_module("secopskit.lazy_regex")._made
    rules = importlib.import_module("secopskit.rules.load").load_builtin()
    return {*seen, *made, *((rule.pattern, 0) for rule in rules if rule.pattern)}


if __name__ == "__main__":
    found = {
        expression if isinstance(expression, str) else expression.decode("latin-1"): problems
        for expression, flags in _compiled_by_the_product()
        if (problems := faults(expression, flags))
    }
    json.dump({"found": found, "modules": len(sys.modules)}, sys.stdout)
