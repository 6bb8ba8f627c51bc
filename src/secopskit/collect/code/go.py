"""Go: `os.Getenv`, `os.LookupEnv`, struct tags, viper, urfave/cli, own helpers."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Final

from secopskit.collect.code.calls import LIKELY, LookupCall, looked_up, wrapped, wrappers
from secopskit.collect.code.masking import GO
from secopskit.collect.code.reading import DefaultValue, SourceText, distinct, has_any
from secopskit.collect.interface import Collector
from secopskit.collect.value import ConfigValue
from secopskit.lazy_regex import LazyRegex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secopskit.collect.facts import DynamicLookup, Fact, VariableUse
    from secopskit.findings import Blob

_SIGNS: Final = (
    b"Getenv(",
    b"LookupEnv(",
    b'env:"',
    b'envconfig:"',
    b"viper.",
    b"Env",
    b"Environ(",
)
_CALLS: Final = (
    LookupCall(LazyRegex(rb"(?<![\w.])(?:os|syscall)\.(?:Getenv|LookupEnv)\(")),
    LookupCall(
        LazyRegex(
            rb"(?<![\w])(?:\w{1,40}\.)?(?:[gG]et|[mM]ust|[rR]ead|[lL]ookup|[rR]equire)[A-Z]{0,1}\w{0,20}?Env"
            rb"(?:Or|Var|String|Bool|Int|Default|OrDefault|As\w{1,12})?\((?=[ \t]{0,8}\")"
        ),
        has_default=True,
        dynamic=False,
        likely=True,
    ),
    LookupCall(LazyRegex(rb"\bcli\.EnvVars\("), dynamic=False),
    LookupCall(
        LazyRegex(rb"\bEnvVars?:[ \t]{0,8}(?:\[\]string\{)?(?=[ \t\r\n]{0,20}\")"), dynamic=False, likely=True
    ),
)
_TAG: Final = LazyRegex(rb"\b(env|envconfig):\"([A-Za-z_][A-Za-z0-9_]{0,120})((?:,[\w=;:.-]{0,60}){0,6})\"")
_TAG_DEFAULT: Final = LazyRegex(rb"\b(?:default|envDefault|env-default):\"([^\"\n]{0,400})\"")
_TAG_REQUIRED: Final = LazyRegex(
    rb"\b(?:required|env-required):\"true\"|validate:\"required|env(?:config)?:\"\w{1,120}[^\"]{0,80}"
    rb"(?:required|notEmpty)"
)
_BIND: Final = LazyRegex(rb"\b(?:viper|v|vip|config)\.BindEnv\([ \t]{0,8}\"[\w.-]{1,100}\"[ \t]{0,8},")
_AUTOMATIC: Final = LazyRegex(rb"\.AutomaticEnv\(\)")
_PREFIX: Final = LazyRegex(rb"\.SetEnvPrefix\([ \t]{0,8}\"(\w{1,60})\"")
_PROCESS: Final = LazyRegex(rb"\benvconfig\.(?:Must)?Process\([ \t]{0,8}\"(\w{1,60})\"")
_DEFINED: Final = LazyRegex(
    rb"(?m)^func[ \t]{1,4}(?:\([^()\n]{0,80}\)[ \t]{0,4})?(\w{1,60})\([ \t]{0,4}(\w{1,40})\b"
)


def wants(path: str) -> bool:
    """Whether it is a Go file."""
    return path.endswith(".go")


def collect(blob: Blob) -> Iterator[Fact]:
    """The lookups of a Go file, in no order."""
    if not has_any(blob.data, _SIGNS):
        return
    text = SourceText(blob, GO, "go")
    own = wrapped(text, wrappers(text, _DEFINED, rb"(?:os|syscall)\.(?:Getenv|LookupEnv)\("))
    yield from distinct(chain(looked_up(text, _CALLS), own, _tags(text), _viper(text)))


def _tags(text: SourceText) -> Iterator[VariableUse]:
    """Tags of fields: `env:"X,required" envDefault:"d"`, `envconfig:"X" default:"d"`."""
    process = _PROCESS.search(text.bare)
    prefix = process[1].upper() + b"_" if process else b""
    for found in _TAG.finditer(text.bare):
        start = text.bare.rfind(b"`", max(0, found.start() - 400), found.start())
        end = text.bare.find(b"`", found.end(), found.end() + 600)
        if start < 0 or end < 0 or b"\n" in text.bare[start:end] or not LIKELY.fullmatch(found[2]):
            continue
        tag = text.bare[start:end]
        default = _TAG_DEFAULT.search(tag)
        yield text.use(
            (prefix if found[1] == b"envconfig" else b"") + found[2],
            found.start(),
            DefaultValue(ConfigValue(default[1])) if default else None,
            required=_TAG_REQUIRED.search(tag) is not None,
        )


def _viper(text: SourceText) -> Iterator[VariableUse | DynamicLookup]:
    """`BindEnv("key", "X")`, and `AutomaticEnv`, by which every key may be a variable."""
    for found in _BIND.finditer(text.bare):
        if name := text.name(found.end()):
            yield text.use(name[0], found.start())
    if automatic := _AUTOMATIC.search(text.code):
        prefix = _PREFIX.search(text.bare)
        yield text.dynamic(automatic.start(), prefix[1].upper() + b"_" if prefix else b"")


COLLECTOR: Final = Collector("go", wants, collect)
