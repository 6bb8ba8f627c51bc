"""The rules of an audit, told: all of them in a table, or one at length."""

from __future__ import annotations

import click

from secopskit.audit.run import chosen_rules, known_rules
from secopskit.errors import ExitCode

_WIDEST = 40


def list_rules() -> ExitCode:
    """A line a rule."""
    known = sorted(known_rules().values(), key=lambda rule: (-rule.severity, rule.id))
    wide = min(max((len(rule.id) for rule in known), default=0), _WIDEST)
    for rule in known:
        click.echo(f"{rule.id:<{wide}}  {rule.severity.label:<8}  {rule.title}")
    return ExitCode.OK


def explain_rule(name: str) -> ExitCode:
    """Why a rule matters, and what to do about what it finds. Raises UsageError for a rule that is none."""
    rule = chosen_rules([name])[name]
    click.echo(f"{rule.title}\n{rule.id}, {rule.severity.label}; plan: {rule.stage.value}\n")
    click.echo(rule.explanation.strip())
    if rule.reference:
        click.echo(f"\nSee {rule.reference}")
    return ExitCode.OK
