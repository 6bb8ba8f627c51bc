"""The collectors. A new one is a module with a `COLLECTOR`, and a line here."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Final

from secopskit.collect.interface import Collector

MODULES: Final[tuple[str, ...]] = (
    "stacks.compose",
    "stacks.dockerfile",
    "mentions",
    "stacks.kubernetes",
    "stacks.terraform",
    "stacks.nginx",
    "stacks.proxies",
    "stacks.procfile",
    "stacks.supabase",
    "stacks.platforms",
    "workflows.workflow",
    "workflows.gitlab",
    "code.csharp",
    "code.elixir",
    "code.go",
    "code.head_comment",
    "code.javascript.lookups",
    "code.jvm",
    "code.php",
    "code.python.lookups",
    "code.ruby",
    "code.rust",
    "code.shell.script",
    "documents",
    "dotenv",
    "ini",
    "manifests",
    "trees",
)


@cache
def collectors() -> tuple[Collector, ...]:
    """All collectors, in the order of their modules."""
    return tuple(import_module(f"secopskit.collect.{name}").COLLECTOR for name in MODULES)
