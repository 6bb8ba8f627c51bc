"""The test bench of the rule checker: does the real detector, given one rule, find an example?"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from secopskit.detect.interface import Detector
from secopskit.detect.keystore import KeystoreDetector
from secopskit.detect.pattern import PatternDetector
from secopskit.detect.ruleset import ruleset_of
from secopskit.detect.structure import DETECTORS
from secopskit.detect.validators import VALIDATORS
from secopskit.detect.value.filters import FILTERS
from secopskit.detect.yelp.plugins import PLUGINS
from secopskit.errors import ConfigError
from secopskit.findings import Blob
from secopskit.rules.check import Bench
from secopskit.rules.model import Rule, RuleKind


def detector_bench() -> Bench:
    """A bench with the detectors that a scan uses, and the best engine present."""
    return Bench(filters=FILTERS.keys(), validators=VALIDATORS.keys(), finds=_finds, refuses=_refuses)


@lru_cache(maxsize=4)
def _detector(rule: Rule) -> PatternDetector:
    return PatternDetector(ruleset_of([rule], engine="auto"))


@cache
def _parsers() -> tuple[Detector, ...]:
    from secopskit.detect.yelp.detector import YelpDetector  # slow to import

    return (*DETECTORS, KeystoreDetector(), YelpDetector(tuple(PLUGINS)))


def _finds(rule: Rule, text: str) -> bool:
    blob = Blob(path=rule.example_path, data=text.encode())
    if rule.kind is RuleKind.PATTERN:
        found = _detector(rule).detect(blob)
    else:
        found = (match for each in _parsers() if each.wants(blob.path) for match in each.detect(blob))
    return any(match.rule_id == rule.id for match in found)


def _refuses(rule: Rule) -> str:
    try:
        _detector(rule)
    except (ConfigError, re.error) as error:
        return str(error)
    return ""
