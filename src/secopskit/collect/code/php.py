"""PHP: `getenv`, `$_ENV`, `$_SERVER`, Laravel's `env()`, and Symfony's `%env(X)%` in any file of it."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Final

from secopskit.collect.code.calls import LIKELY, LookupCall, looked_up
from secopskit.collect.code.masking import PHP
from secopskit.collect.code.reading import SourceText, distinct, has_any
from secopskit.collect.interface import Collector
from secopskit.lazy_regex import LazyRegex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secopskit.collect.facts import Fact, VariableUse
    from secopskit.findings import Blob

_SIGNS: Final = (b"getenv", b"_ENV", b"_SERVER", b"env(", b"Env::get", b"env:")
_FALLBACK: Final[LazyRegex[bytes]] = LazyRegex(rb"[ \t\r\n]{0,80}(?:\?\?=?|\?:|\|\|)(?!=)")
_WRITE: Final[LazyRegex[bytes]] = LazyRegex(rb"[ \t]{0,8}=(?![=>])")
_CALLS: Final = (
    LookupCall(LazyRegex(rb"(?<![\w>$:])\\?getenv[ \t]{0,4}\("), fallback=_FALLBACK),
    LookupCall(LazyRegex(rb"\$_ENV[ \t]{0,4}\["), fallback=_FALLBACK, write=_WRITE),
    LookupCall(LazyRegex(rb"\bEnv::get\("), has_default=True),
    LookupCall(
        LazyRegex(rb"(?<![\w>$:\\])(?<!function )env[ \t]{0,4}\("),
        has_default=True,
        dynamic=False,
        likely=True,
    ),
    LookupCall(LazyRegex(rb"#\[Autowire\([ \t]{0,8}env:[ \t]{0,8}"), dynamic=False, required=True),
)
_SERVER: Final[LazyRegex[bytes]] = LazyRegex(rb"\$_SERVER[ \t]{0,4}\[")
# What a web server puts there itself (the list is that of PHP's manual, `$_SERVER`).
_OF_SERVER: Final = LazyRegex(
    rb"(?:HTTP|REQUEST|SERVER|REMOTE|SCRIPT|PHP|QUERY|DOCUMENT|PATH|GATEWAY|ORIG|AUTH|REDIRECT|"
    rb"CONTENT|SSL|CONTEXT|"
    rb"UNIQUE|LOCAL)(?:_\w{1,60})?|HTTPS|argv|argc|SHELL|HOME|USER|TERM|PWD"
)
_SYMFONY: Final = LazyRegex(rb"%env\(([^()%\n]{1,200})\)%")
_CONFIGURATION: Final = (".yaml", ".yml", ".xml", ".php")
_PLAIN: Final = LazyRegex(rb"[A-Z][A-Z0-9_]{1,120}")


def wants(path: str) -> bool:
    """Whether it is PHP, or configuration that Symfony may read."""
    return path.endswith((".php", ".phtml", ".inc")) or (
        path.endswith(_CONFIGURATION)
        and ("config/" in path or path.rpartition("/")[2].startswith("services"))
    )


def collect(blob: Blob) -> Iterator[Fact]:
    """The lookups of a PHP file, in no order."""
    if not has_any(blob.data, _SIGNS):
        return
    text = SourceText(blob, PHP, "php")
    if not blob.path.endswith(_CONFIGURATION[:3]):
        yield from distinct(chain(looked_up(text, _CALLS), _server(text), _symfony(text)))
    elif b"%env(" in blob.data:
        yield from distinct(_symfony(text))


def _server(text: SourceText) -> Iterator[VariableUse]:
    for head in _SERVER.finditer(text.code):
        found = text.name(head.end())
        if found and LIKELY.fullmatch(found[0]) and not _OF_SERVER.fullmatch(found[0]):
            yield text.use(found[0], head.start())


def _symfony(text: SourceText) -> Iterator[VariableUse]:
    """`%env(X)%`, `%env(int:X)%`, `%env(default:parameter:X)%`."""
    for found in _SYMFONY.finditer(text.bare):
        *processors, name = found[1].split(b":")
        if _PLAIN.fullmatch(name):
            yield text.use(name, found.start(), required=b"default" not in processors)


COLLECTOR: Final = Collector("php", wants, collect)
