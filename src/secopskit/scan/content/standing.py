"""What a rule is worth beside another one for the same value, and whether an issuer can check it."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Final

from secopskit.findings import Confidence, Severity
from secopskit.rules.model import RuleKind

if TYPE_CHECKING:
    from secopskit.rules.model import Rule

# Rules that know a name or a way of writing, and not whose value it is.
_GENERAL: Final = frozenset({"Generic", "URL", "HTTP", "JWT", "Yelp"})
_BY_NAME: Final = frozenset({"generic-secret", "generic-secret-wrapped"})
# What every request carries: of answers and calls of APIs documents are full.
_OF_REQUESTS: Final = frozenset({"HTTP", "JWT"})
# Keys and wallets that people make for themselves: no issuer could be asked.
_WITHOUT_ISSUER: Final = _GENERAL | {
    "Private key", "PuTTY", "Crypto wallet", "WireGuard", "OpenVPN", "age", "Kubernetes", "Settings",
}  # fmt: skip


class RuleStanding(IntEnum):
    """Whose word on a value counts: the higher one."""

    GENERAL = 1
    """It saw a name, or a form that many use."""
    PARSER = 2
    """It read the file as what it is: it knows the key, and where the value begins and ends."""
    VENDOR = 3
    """It knows the form or the name that one issuer gives: its advice is for that very credential."""


def standing(rule: Rule) -> RuleStanding:
    """The standing of a rule. A vendor's rule that is not sure of itself is as good as a general one."""
    if rule.vendor in _GENERAL or rule.confidence is Confidence.LOW:
        return RuleStanding.GENERAL
    return RuleStanding.PARSER if rule.kind is RuleKind.STRUCTURE else RuleStanding.VENDOR


def is_told_by_name_alone(rule: Rule) -> bool:
    """Whether the rule knows a token by the words before it alone: no format, no file that was read."""
    return rule.named or rule.id in _BY_NAME or rule.vendor in _OF_REQUESTS


def has_live_format(rule: Rule) -> bool:
    """Whether the rule finds a format that its issuer can check: real, whatever stands around it.

    The id of a key alone cannot be checked, and a key of a test mode opens nothing: those are less than high.
    """
    sure = rule.kind is RuleKind.PATTERN and rule.confidence is Confidence.HIGH
    return sure and rule.severity >= Severity.HIGH and rule.vendor not in _WITHOUT_ISSUER
