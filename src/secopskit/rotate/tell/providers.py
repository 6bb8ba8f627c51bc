"""The story of the rotation providers: who rotates what, and with which settings."""

from __future__ import annotations

from collections.abc import Iterator

from secopskit.report.page import Block, Para, Rows, TextStyle, Title
from secopskit.report.text import count
from secopskit.rotate.tell.facts import ProviderFacts, ProvidersFacts


def providers_story(facts: ProvidersFacts) -> Iterator[Block]:
    """The providers in short, or those that were asked for in full."""
    if facts.rule:
        yield Title(f"Findings of {facts.rule}")
        yield Para(f"are rotated by the provider {facts.provider}.")
    yield Title("Providers")
    for one in facts.providers:
        if facts.in_full:
            yield from _in_full(one)
        else:
            yield Para(f"{one.name} ({one.phase}, {count(len(one.rules), 'rule')})", TextStyle.HEADING)
            yield Rows((("", one.summary),))


def _in_full(one: ProviderFacts) -> Iterator[Block]:
    yield Para(f"{one.name} ({one.phase})", TextStyle.HEADING)
    yield Para(one.summary)
    yield Rows(
        tuple(
            (
                setting.name,
                f"{setting.help} {setting.kind}" + (f" [{setting.default}]" if setting.default else ""),
            )
            for setting in one.settings
        )
    )
    if one.rules:
        yield Rows((("Rules", ", ".join(one.rules)),))
