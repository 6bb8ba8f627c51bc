"""The extras of the distribution, parts that are installed on demand: what needs which, and how it is told.

The core scans, hooks and purges; see `[project.optional-dependencies]` in pyproject.toml.
"""

from __future__ import annotations

from importlib import import_module
from typing import Final

from secopskit.errors import UsageError

DISTRIBUTION: Final = "secopskit"
# What an extra brings along that the program cannot do without, by the names under which it is imported.
MODULES: Final = {
    "migrate": ("psycopg",),
    "server": ("psycopg", "starlette", "uvicorn"),
    "sync": ("github", "requests"),
    "fleet": ("distributed", "github", "requests"),
}


def require_extra(extra: str) -> None:
    """Pass if all that `extra` brings can be imported. Raises UsageError, which says how to install it.

    A module that is there and does not load (psycopg without the library that it wraps) counts as missing.
    """
    for module in MODULES[extra]:
        try:
            import_module(module)
        except ImportError as error:
            raise missing_extra(extra, module) from error


def missing_extra(extra: str, what: str) -> UsageError:
    """The error for `what` of `extra` not being there."""
    return UsageError(
        f"{what} is not installed: this needs the extra {extra!r}",
        advice=f"pip install '{DISTRIBUTION}[{extra}]'",
    )
