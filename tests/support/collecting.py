"""What a collector finds in a text, written shortly.

`X` is a lookup, `X=d` one with the default `d`, `X!` a required one, `X@` one whose value is bundled, `*P_`
one of a computed name that begins with `P_`.
"""

from __future__ import annotations

from secopskit.collect.facts import DocumentedName, DynamicLookup, Fact, VariableSetting, VariableUse
from secopskit.collect.interface import Collector
from secopskit.collect.value import ConfigValue
from secopskit.findings import Blob


def lookups(collector: Collector, text: str | bytes, path: str) -> list[str]:
    """The lookups in `text`, sorted, each once."""
    data = text.encode() if isinstance(text, str) else text
    return sorted({shown for fact in collector.collect(Blob(path, data)) if (shown := _lookup(fact))})


def lines(collector: Collector, text: str, path: str) -> list[tuple[int, str]]:
    """The names in `text`, each with its line."""
    named = VariableUse | VariableSetting | DocumentedName
    found = (fact for fact in collector.collect(Blob(path, text.encode())) if isinstance(fact, named))
    return [(fact.place.line, fact.name) for fact in found]


def _lookup(fact: Fact) -> str:
    if isinstance(fact, DynamicLookup):
        return f"*{fact.prefix}"
    if not isinstance(fact, VariableUse):
        return ""
    marks = "!" * fact.required + "@" * fact.bundled
    return fact.name + marks + (f"={text_of(fact.default)}" if fact.default is not None else "")


def text_of(value: ConfigValue | None) -> str:
    """A value that a test has written itself."""
    return "" if value is None else value.secret.to_wire().decode()
