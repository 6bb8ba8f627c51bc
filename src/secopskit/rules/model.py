"""The Rule type, and how its pattern is composed from what an author writes."""

from __future__ import annotations

import re
from enum import Enum
from typing import NamedTuple

from secopskit.findings import Confidence, Severity
from secopskit.rules.inquiry import Inquiry


class RuleKind(Enum):
    """Who applies the rule: the pattern engine, or a detector that parses whole files."""

    PATTERN = "pattern"
    STRUCTURE = "structure"


# Between a context word and its value: the rest of the name, quotes, an assignment sign.
# Everything is bounded, so a hostile line costs no more than its length.
_NAME_REST = r"[\w .\-\[\]\"'`\\]{0,40}?"
_ASSIGN = r"(?:=>|:=|<-|\|\|=?|[=:,(>]|\?=)"
_VALUE_LEAD = r"[\s=>\"'`({\[\\]{0,8}"
_LEFT_BOUNDARY = r"(?<![0-9A-Za-z])"
_RIGHT_BOUNDARY = r"(?![0-9A-Za-z])"


class Rule(NamedTuple):
    """One rule, as written by its author in `rules/<vendor>.yml`. See docs/rules.md.

    `pattern` is a Python regular expression over bytes. The secret is its group named
    `secret` (of several whose names begin so, the one that took part), else its first group, else the
    whole match. `lines` is over how many lines a match may go; `multiline` sets no bound.
    `entropy` is the least Shannon entropy of the secret in bits per character.
    `filters` and `validator` are names in `secopskit.detect.value.filters` and `secopskit.detect.validators`.
    `verify` is what its issuer can be asked, None where nobody can.
    """

    id: str
    vendor: str
    title: str
    severity: Severity
    confidence: Confidence
    remediation: str
    kind: RuleKind = RuleKind.PATTERN
    pattern: str = ""
    context: tuple[str, ...] = ()
    boundary: bool = True
    multiline: bool = False
    lines: int = 1
    entropy: float = 0.0
    filters: tuple[str, ...] = ("placeholder",)
    validator: str = ""
    path: str = ""
    references: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    negative_examples: tuple[str, ...] = ()
    example_path: str = "example.txt"
    verify: Inquiry | None = None

    @property
    def expression(self) -> str:
        """The whole regular expression: context, boundaries and pattern together."""
        # With a context before it, the whole match is name and value; the secret is the value.
        unmarked = self.context and not re.compile(self.pattern).groups
        core = f"(?P<secret>{self.pattern})" if unmarked else self.pattern
        if self.boundary:
            core = f"{_LEFT_BOUNDARY}(?:{core}){_RIGHT_BOUNDARY}"
        if self.context:
            words = "|".join(self.context)
            core = f"(?i:{words}){_NAME_REST}{_ASSIGN}{_VALUE_LEAD}{core}"
        return core

    def compiled(self) -> re.Pattern[bytes]:
        """The expression compiled for bytes (ASCII classes). Raises `re.error`."""
        return re.compile(self.expression.encode())
