"""C# and F#: environment variables by name, and configuration that takes in the environment."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Final

from secopskit.collect.code.calls import LookupCall, looked_up, wrapped, wrappers
from secopskit.collect.code.masking import CSHARP
from secopskit.collect.code.reading import SourceText, distinct, has_any
from secopskit.collect.interface import Collector
from secopskit.lazy_regex import LazyRegex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secopskit.collect.facts import DynamicLookup, Fact
    from secopskit.findings import Blob

_SIGNS: Final = (b"EnvironmentVariable", b"WebApplication.CreateBuilder", b"CreateDefaultBuilder")
_CALLS: Final = (
    LookupCall(
        LazyRegex(rb"(?<!\w)Environment\.GetEnvironmentVariable\("),
        fallback=LazyRegex(rb"[ \t\r\n]{0,80}\?\?=?(?![ \t\r\n]{0,80}throw\b)"),
        demand=LazyRegex(rb"[ \t\r\n]{0,80}(?:\?\?[ \t\r\n]{0,80}throw\b|!(?!=))"),
    ),
)
_ADDED: Final = LazyRegex(rb"\.AddEnvironmentVariables\((?:[ \t]{0,8}(?:prefix:[ \t]{0,4})?(?=\"))?")
_HOST: Final = LazyRegex(rb"\b(?:WebApplication\.CreateBuilder|CreateDefaultBuilder)\(")
_DEFINED: Final = LazyRegex(
    rb"\b(?:string|int|bool)\??[ \t]{1,4}(\w{1,60})\([ \t]{0,4}string[ \t]{1,4}(\w{1,40})\b"
)


def wants(path: str) -> bool:
    """Whether it is C# or F#."""
    return path.endswith((".cs", ".fs", ".fsx", ".cshtml", ".razor"))


def collect(blob: Blob) -> Iterator[Fact]:
    """The lookups of a C# file, in no order."""
    if not has_any(blob.data, _SIGNS):
        return
    text = SourceText(blob, CSHARP, "csharp")
    own = wrapped(text, wrappers(text, _DEFINED, rb"GetEnvironmentVariable\("))
    yield from distinct(chain(looked_up(text, _CALLS), own, _configuration(text)))


def _configuration(text: SourceText) -> Iterator[DynamicLookup]:
    """Configuration of .NET: every variable (with a prefix, if it has one) may become a setting."""
    for found in _ADDED.finditer(text.code):
        prefix = text.literal(found.end())
        yield text.dynamic(found.start(), prefix[0] if prefix else b"")
    for found in _HOST.finditer(text.code):
        yield text.dynamic(found.start())


COLLECTOR: Final = Collector("csharp", wants, collect)
