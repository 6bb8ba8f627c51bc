"""Rules for tests of what applies them."""

from __future__ import annotations

from secopskit.findings import Confidence, Severity
from secopskit.rules.model import Rule


def rule(pattern: str, **fields: object) -> Rule:
    """A rule of that pattern; what `fields` do not say is as plain as can be."""
    known: dict[str, object] = {
        "id": "test-rule",
        "vendor": "Test",
        "title": "Test",
        "severity": Severity.HIGH,
        "confidence": Confidence.HIGH,
        "remediation": "Change it.",
        "filters": (),
        "pattern": pattern,
    }
    return Rule(**(known | fields))  # type: ignore[arg-type]  # fields by name, as the test gives them
