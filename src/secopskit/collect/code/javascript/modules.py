"""Modules that are called after the environment: what they hold is not always the environment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from secopskit.collect.facts import DynamicLookup, EnvironmentModule, VariableUse
from secopskit.lazy_regex import LazyRegex

if TYPE_CHECKING:
    from collections.abc import Iterable

    from secopskit.collect.code.reading import SourceText
    from secopskit.collect.facts import Fact

_NAMED: Final = LazyRegex(
    r"(?:^|/)(?:\.?env|environment|env[.-](?:server|client)|(?:server|client)[.-]env)"
    r"(?:/index)?\.(?:[cm]?[jt]s)$"
)
# What is put together of other modules has their names, too.
_COMPOSED: Final = LazyRegex(
    rb"\bextends[ \t]{0,4}:|\.(?:extend|merge|and|passthrough|loose)\(|\bexport[ \t]{1,8}\*|\blooseObject\("
    rb"|\bexport[ \t]{1,8}\{[^{}]{0,2000}\}[ \t]{0,8}from\b"
)
_PAGE: Final = LazyRegex(rb"(?<![\w$])(?<![\w$)\]]\.)(?:window|globalThis|document)\??[.\[]")


def is_module(path: str) -> bool:
    """Whether the file is called after the environment: `env.ts`, `environment/index.js`."""
    return "env" in path and _NAMED.search(path) is not None


def described(text: SourceText, found: Iterable[Fact], *, is_whole: bool) -> EnvironmentModule:
    """What the module has, by the lookups `found` in it. `is_whole`: it hands the environment on.

    Without lookups it may get its names in ways that are not understood, or be fed by the page in which it
    runs: then it has none.
    """
    facts = list(found)
    uses = [each for each in facts if isinstance(each, VariableUse)]
    is_open = any(isinstance(each, DynamicLookup) for each in facts) or _COMPOSED.search(text.code)
    is_checked = any(each.schema for each in uses)
    if is_open or (is_whole and not is_checked) or not (uses or _PAGE.search(text.code)):
        return EnvironmentModule(text.path)
    return EnvironmentModule(text.path, frozenset(each.name for each in uses))
