"""Whether an expression of a rule file may be run at all: each stands by itself, and none is slow.

What a rule is composed of stands between brackets of ours: an expression that lacks one of its own would
borrow ours, and mean something else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from secopskit.rules.hostile import slowness
from secopskit.rules.loosened import loosened
from secopskit.rules.model import Rule, RuleKind


def broken_expression(rule: Rule) -> str:
    """Which of its expressions does not compile by itself, and why; empty where all do."""
    for name, text in _expressions(rule):
        try:
            re.compile(text.encode())
        except (re.error, ValueError, OverflowError, RecursionError) as error:
            return f"the {name} does not compile: {error}"
    return ""


def slow_expression(rule: Rule) -> str:
    """Which of its expressions, all of which compile, takes long on hostile text; empty where none does."""
    texts = {"path": rule.path, "": rule.expression if rule.kind is RuleKind.PATTERN else ""}
    for name, text in texts.items():
        if text and (problem := slowness(text)):
            return f"{name}: {problem}" if name else problem
    return ""


def unsound(rule: Rule) -> str:
    """Why the rule must not be run over files; empty where nothing is in the way."""
    if problem := broken_expression(rule):
        return problem
    try:
        if rule.kind is RuleKind.PATTERN:
            rule.compiled()
            loosened(rule.expression)
    except (re.error, ValueError, OverflowError, RecursionError) as error:
        return f"the pattern does not compile: {error}"
    return slow_expression(rule)


def _expressions(rule: Rule) -> Iterator[tuple[str, str]]:
    yield "path", rule.path
    if rule.kind is RuleKind.PATTERN:
        yield "pattern", rule.pattern
        yield from (("context", word) for word in rule.context)
