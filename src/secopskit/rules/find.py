"""One built-in rule, found in its vendor's file without reading the hundreds of others where possible."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from secopskit.rules.load import builtin_files, load

if TYPE_CHECKING:
    from pathlib import Path

    from secopskit.rules.model import Rule


@cache
def builtin_rule(rule_id: str) -> Rule | None:
    """The rule of that id; None where there is none."""
    if not rule_id:
        return None
    likely = _likely(rule_id)
    others = (file for file in builtin_files() if file not in likely)
    for file in (*likely, *others):
        for rule in _rules(file):
            if rule.id == rule_id:
                return rule
    return None


@cache
def _rules(file: Path) -> tuple[Rule, ...]:
    return load([file])


def _likely(rule_id: str) -> list[Path]:
    fitting = [file for file in builtin_files() if rule_id.startswith(file.stem + "-")]
    rest = [file for file in builtin_files() if file.stem == "structure"]
    return sorted(fitting, key=lambda file: -len(file.stem)) + rest
