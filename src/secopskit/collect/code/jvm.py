"""Java, Kotlin, Scala, Groovy: `System.getenv`, Spring's `@Value`, and the settings files of Spring."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Final

from secopskit.collect.code.calls import LIKELY, LookupCall, looked_up, wrapped, wrappers
from secopskit.collect.code.masking import JVM
from secopskit.collect.code.reading import DefaultValue, SourceText, distinct, has_any
from secopskit.collect.interface import Collector
from secopskit.collect.value import ConfigValue
from secopskit.lazy_regex import LazyRegex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secopskit.collect.facts import DynamicLookup, Fact, VariableUse
    from secopskit.findings import Blob

_SUFFIXES: Final = (".java", ".kt", ".kts", ".scala", ".groovy", ".gradle", ".clj")
_SETTINGS: Final = LazyRegex(
    r"(?:^|/)(?:application|bootstrap)(?:[-.][\w-]{1,40})?\.(?:ya?ml|properties|conf)$"
)
_SIGNS: Final = (b"getenv", b"@Value", b"@ConfigurationProperties", b"sys.env", b"dotenv", b"Env(")
_FALLBACK: Final[LazyRegex[bytes]] = LazyRegex(rb"[ \t\r\n]{0,80}\?:|\.(?:getOrElse|orElse)\(")
_CALLS: Final = (
    LookupCall(
        LazyRegex(rb"\bSystem\.getenv\((?![ \t]{0,4}\))"), fallback=_FALLBACK, demand=LazyRegex(rb"!!")
    ),
    LookupCall(
        LazyRegex(rb"\bSystem\.getenv\(?\)?\.(?:get|getOrDefault|containsKey)\("),
        has_default=True,
        fallback=_FALLBACK,
    ),
    LookupCall(LazyRegex(rb"\bSystem\.getenv(?:\(\))?\["), fallback=_FALLBACK),
    LookupCall(LazyRegex(rb"\bsys\.env(?:\.get|\.getOrElse|\.apply)?\("), has_default=True, dynamic=False),
    LookupCall(LazyRegex(rb"\bdotenv(?:\(\))?(?:\.get\(|\[)"), has_default=True, dynamic=False, likely=True),
)
_DEFINED: Final = LazyRegex(
    rb"(?:\b(?:String|int|boolean|long|static|private|public|Integer|Boolean|fun)[ \t]{1,4})(\w{1,60})\("
    rb"(?:final[ \t]{1,4})?(?:String[ \t]{1,4})?(\w{1,40})\b"
)
_VALUE: Final = LazyRegex(
    rb"@Value\([ \t]{0,8}\"[^\"\n]{0,40}?\\?\$\{([\w.-]{1,120})(?::([^{}\"\n]{0,400}))?\}"
)
_PROPERTIES: Final = LazyRegex(
    rb"@ConfigurationProperties\([ \t]{0,8}(?:(?:prefix|value)[ \t]{0,4}=[ \t]{0,4})?\"([\w.-]{1,80})\""
)
_PLACEHOLDER: Final = LazyRegex(rb"\$\{\??([A-Z][A-Z0-9_]{1,120})(?::([^${}\n]{0,400}))?\}")
_REMARK: Final = LazyRegex(rb"(?m)^[ \t]{0,80}\#[^\n]*")
_TOP: Final = LazyRegex(rb"(?m)^([a-z][a-z0-9-]{1,60})[ \t]{0,4}[:.=]")


def wants(path: str) -> bool:
    """Whether it is a program for the JVM, or settings of Spring."""
    return path.endswith(_SUFFIXES) or _is_settings(path)


def _is_settings(path: str) -> bool:
    name = path.rpartition("/")[2]
    return name.startswith(("application", "bootstrap")) and bool(_SETTINGS.search(path))


def collect(blob: Blob) -> Iterator[Fact]:
    """The lookups of the file, in no order."""
    if _is_settings(blob.path):
        yield from distinct(_of_settings(SourceText(blob, JVM, "spring")))
    elif has_any(blob.data, _SIGNS):
        text = SourceText(blob, JVM, "jvm")
        own = wrapped(text, wrappers(text, _DEFINED, rb"System\.getenv\("))
        yield from distinct(chain(looked_up(text, _CALLS), own, _spring(text)))


def _spring(text: SourceText) -> Iterator[VariableUse | DynamicLookup]:
    """`@Value("${X:d}")`; other properties may come from variables of their name (relaxed binding)."""
    for found in _VALUE.finditer(text.bare):
        default = None if found[2] is None else DefaultValue(ConfigValue(found[2]))
        if LIKELY.fullmatch(found[1]):
            yield text.use(found[1], found.start(), default, required=default is None)
        else:
            yield _property(text, found.start(), _relaxed(found[1]))
    for found in _PROPERTIES.finditer(text.bare):
        yield _property(text, found.start(), _relaxed(found[1]) + b"_")


def _property(text: SourceText, offset: int, prefix: bytes) -> DynamicLookup:
    return text.dynamic(offset, prefix)._replace(relaxed=True)


def _of_settings(text: SourceText) -> Iterator[VariableUse | DynamicLookup]:
    """`${X:d}`; and every property of the file may come from a variable of its name."""
    data = _REMARK.sub(lambda found: b" " * len(found[0]), text.data)
    for found in _PLACEHOLDER.finditer(data):
        default = None if found[2] is None else DefaultValue(ConfigValue(found[2]))
        yield text.use(found[1], found.start(), default, required=default is None and found[0][2:3] != b"?")
    seen = set[bytes]()
    for found in _TOP.finditer(data):
        if found[1] not in seen:
            seen.add(found[1])
            yield _property(text, found.start(), _relaxed(found[1]) + b"_")


def _relaxed(name: bytes) -> bytes:
    """The variable that Spring looks up for a property: dots become underscores, dashes go."""
    return name.replace(b".", b"_").replace(b"-", b"").upper()


COLLECTOR: Final = Collector("jvm", wants, collect)
