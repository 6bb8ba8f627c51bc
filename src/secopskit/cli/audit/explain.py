"""The rules of an audit, told: all of them in a table, or one at length."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import click

from secopskit.audit.run import chosen_rules, known_rules
from secopskit.errors import ExitCode
from secopskit.report.page import wrapped

_WIDEST = 40
_PAGE = 100
_LABELS = ("Wrong:", "Right:", "No fault")


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
    click.echo("\n".join(_at_width(rule.explanation.strip())))
    if rule.reference:
        click.echo(f"\nSee {rule.reference}")
    return ExitCode.OK


def _at_width(text: str) -> Iterator[str]:
    """The lines of an explanation, its paragraphs wrapped anew; what is between fences stays as it is."""
    width = min(shutil.get_terminal_size((_PAGE, 24)).columns, _PAGE)
    paragraph, fenced = list[str](), False
    for line in text.split("\n"):
        fence = line.startswith("```")
        if paragraph and (fence or not line or line.startswith(_LABELS)):
            yield from wrapped(" ".join(paragraph), width, "", "")
            paragraph = []
        if fence:
            fenced = not fenced
        elif fenced or not line:
            yield f"    {line}".rstrip() if fenced else line
        else:
            paragraph.append(line)
    if paragraph:
        yield from wrapped(" ".join(paragraph), width, "", "")
