"""The detectors of a real scan, with all built-in rules, made once a process for each engine."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from secopskit.rules.examples import expand
from secopskit.rules.load import load_builtin
from secopskit.rules.model import Rule
from secopskit.scan.content.detectors import DetectorOptions, Detectors
from support.cli import rules_cache

ENGINES = ("hyperscan", "re")


class Example(NamedTuple):
    """One example of a rule, with its values filled in."""

    rule: Rule
    path: str
    data: bytes


@cache
def detectors(engine: str) -> Detectors:
    """All built-in rules on this engine."""
    return Detectors.open(DetectorOptions(engine=engine, cache=str(rules_cache())))


def forgetful(engine: str) -> Detectors:
    """The same, with nothing remembered of texts: for who measures what reading one costs."""
    found = detectors(engine)
    found._clean.clear()
    found.pattern._known.clear()
    return found


@cache
def rules() -> tuple[Rule, ...]:
    """The built-in rules, examples and all."""
    return load_builtin()


@cache
def examples() -> tuple[Example, ...]:
    """Every example of every rule, positive or negative."""
    return tuple(
        Example(rule, rule.example_path, expand(text, seed=rule.id).encode())
        for rule in rules()
        for text in (*rule.examples, *rule.negative_examples)
    )
