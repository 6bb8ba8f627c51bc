"""Elixir and Erlang: `System.get_env`, `System.fetch_env!`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from secopskit.collect.code.calls import LookupCall, looked_up
from secopskit.collect.code.masking import ELIXIR
from secopskit.collect.code.reading import SourceText, distinct, has_any
from secopskit.collect.interface import Collector
from secopskit.lazy_regex import LazyRegex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secopskit.collect.facts import Fact
    from secopskit.findings import Blob

_OR: Final[LazyRegex[bytes]] = LazyRegex(rb"[ \t\r\n]{0,80}\|\|(?![ \t\r\n]{0,80}raise\b)")
_RAISE: Final[LazyRegex[bytes]] = LazyRegex(rb"[ \t\r\n]{0,80}\|\|[ \t\r\n]{0,80}\(?raise\b")
_CALLS: Final = (
    LookupCall(
        LazyRegex(rb"\bSystem\.get_env\((?![ \t]{0,4}\))"), has_default=True, fallback=_OR, demand=_RAISE
    ),
    LookupCall(LazyRegex(rb"\bSystem\.fetch_env!\("), required=True),
    LookupCall(LazyRegex(rb"\bSystem\.fetch_env\(")),
    LookupCall(LazyRegex(rb"\bos:getenv\("), has_default=True),
    # Helpers whose first argument is something else: `get_var_from_path_or_env(config_dir, "X", "d")`.
    LookupCall(
        LazyRegex(
            rb"(?<![\w.])(?:get|fetch|read)_\w{0,30}env\w{0,10}!?\([ \t\r\n]{0,40}(?:[a-z_]{1,30}"
            rb"[ \t]{0,4},[ \t\r\n]{0,40})?(?=\")"
        ),
        has_default=True,
        dynamic=False,
        likely=True,
    ),
)


def wants(path: str) -> bool:
    """Whether it is Elixir or Erlang."""
    return path.endswith((".ex", ".exs", ".eex", ".heex", ".erl"))


def collect(blob: Blob) -> Iterator[Fact]:
    """The lookups of the file, in no order."""
    if has_any(blob.data, (b"_env", b"getenv")):
        yield from distinct(looked_up(SourceText(blob, ELIXIR, "elixir"), _CALLS))


COLLECTOR: Final = Collector("elixir", wants, collect)
