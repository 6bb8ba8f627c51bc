"""`secops rotate providers`: who can rotate what, and which rule of a scan leads there."""

from __future__ import annotations

from typing import Any

import click

from secopskit.cli.completion.values import rule_ids
from secopskit.cli.help import Example, HelpCommand
from secopskit.cli.rotate.options import form_options, voice_of
from secopskit.errors import UsageError


@click.command(
    cls=HelpCommand,
    examples=(
        Example("secops rotate providers", "All providers, and how many rules lead to each."),
        Example("secops rotate providers postgres", "One provider with its settings."),
        Example("secops rotate providers --rule aws-access-key-id", "Who rotates what this rule finds."),
    ),
)
@click.argument("names", nargs=-1, metavar="[PROVIDER]...")
@click.option(
    "--rule",
    metavar="ID",
    shell_complete=rule_ids,
    default="",
    help="Show the provider that findings of this rule lead to.",
)
@form_options
@click.pass_context
def providers(context: click.Context, /, **options: Any) -> None:
    """List the rotation providers: how old and new value live together, and how many rules lead there.

    With PROVIDER, its settings too.
    """
    from secopskit.provider import PROVIDERS
    from secopskit.rotate.tell.gather import providers_facts
    from secopskit.rotate.tell.providers import providers_story

    voice = voice_of(context, options)
    if unknown := [name for name in options["names"] if name not in PROVIDERS]:
        raise UsageError(f"there is no provider {unknown[0]!r}", advice=f"There are: {', '.join(PROVIDERS)}.")
    facts = providers_facts(_rules(), options["rule"], _provider_of(options["rule"]), options["names"])
    voice.page("rotation-providers", facts, providers_story(facts))


def _rules() -> dict[str, tuple[str, ...]]:
    """The ids of the built-in rules that lead to each provider."""
    from secopskit.provider.recognise import provider_of
    from secopskit.rules.load import load_builtin

    found = dict[str, list[str]]()
    for rule in load_builtin():
        found.setdefault(provider_of(rule.id), []).append(rule.id)
    return {name: tuple(ids) for name, ids in found.items()}


def _provider_of(rule: str) -> str:
    """The provider of a rule, empty without a rule. Raises UsageError for one that there is not."""
    if not rule:
        return ""
    from secopskit.provider.recognise import provider_of
    from secopskit.rules.load import load_builtin

    if rule not in {one.id for one in load_builtin()}:
        raise UsageError(f"there is no rule {rule!r}", advice="`secops rules list` names them all.")
    return provider_of(rule)
