"""The rules section of a SARIF log: what each rule that found something is about."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from secopskit.findings import Confidence, Finding, Severity
from secopskit.report.text import visible

LEVEL: Final = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
    Severity.INFO: "note",
}
# Inside GitHub's bands: over 9.0 critical, from 7.0 high, from 4.0 medium, below that low.
SCORE: Final = {
    Severity.CRITICAL: "9.5",
    Severity.HIGH: "8.0",
    Severity.MEDIUM: "5.5",
    Severity.LOW: "2.5",
    Severity.INFO: "1.0",
}
# Use of hard-coded credentials, in the Common Weakness Enumeration.
_TAGS: Final = ["security", "secret", "external/cwe/cwe-798"]


def rules_of(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """One descriptor a rule, in the order of first appearance.

    GitHub reads severity and precision off the rule alone, so a rule whose findings differ
    gets the worst severity and the best confidence among them.
    """
    by_rule: dict[str, list[Finding]] = {}
    for finding in findings:
        by_rule.setdefault(finding.rule_id, []).append(finding)
    return [_rule(group) for group in by_rule.values()]


def _rule(group: list[Finding]) -> dict[str, Any]:
    first = group[0]
    severity = max(finding.severity for finding in group)
    confidence: Confidence = max(finding.confidence for finding in group)
    title, advice = visible(first.title), visible(first.remediation)
    rule: dict[str, Any] = {
        "id": first.rule_id,
        "name": first.rule_id,
        "shortDescription": {"text": title},
        "fullDescription": {"text": f"{title}: a secret that whoever reads the repository can use."},
        "help": _help(title, advice, first.references),
        "defaultConfiguration": {"level": LEVEL[severity]},
        "properties": {
            "security-severity": SCORE[severity],
            "precision": confidence.label,
            "tags": _TAGS,
        },
    }
    if first.references and first.references[0].startswith("https://"):
        rule["helpUri"] = first.references[0]
    return rule


def _help(title: str, advice: str, references: tuple[str, ...]) -> dict[str, str]:
    links = [visible(reference) for reference in references]
    text = "\n".join(part for part in (title, advice or "Rotate the secret, then remove it.", *links) if part)
    steps = advice or "Rotate the secret, then remove it."
    markdown = f"**{title}**\n\n{steps}\n" + "".join(f"\n- <{link}>" for link in links)
    return {"text": text, "markdown": markdown}
