"""Rust: `env::var`, `env!`, `option_env!`, clap's `env`."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Final

from secopskit.collect.code.calls import LookupCall, looked_up, wrapped, wrappers
from secopskit.collect.code.masking import RUST
from secopskit.collect.code.reading import DefaultValue, SourceText, distinct, has_any
from secopskit.collect.interface import Collector
from secopskit.lazy_regex import LazyRegex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secopskit.collect.facts import Fact, VariableUse
    from secopskit.findings import Blob

_SIGNS: Final = (b"env::var", b"env!(", b"env =", b"env=", b"dotenv", b"env_var")
_FALLBACK: Final[LazyRegex[bytes]] = LazyRegex(
    rb"[ \t\r\n]{0,80}\.(?:ok\(\)[ \t\r\n]{0,80}\.)?unwrap_or(?:_else)?\([ \t\r\n]{0,80}(?:\|_?\w{0,10}\|)?"
    rb"(?:[ \t\r\n]{0,80}String::from\()?"
)
_DEMAND: Final[LazyRegex[bytes]] = LazyRegex(rb"[ \t\r\n]{0,80}(?:\.(?:unwrap|expect)\(|\?(?!\w))")
_CALLS: Final = (
    LookupCall(
        LazyRegex(rb"(?<!\w)(?:std::)?(?:env|dotenv|dotenvy)::var(?:_os)?\("),
        fallback=_FALLBACK,
        demand=_DEMAND,
    ),
    LookupCall(LazyRegex(rb"(?<!\w)option_env!\("), fallback=_FALLBACK, dynamic=False),
    LookupCall(LazyRegex(rb"(?<!\w)env!\("), required=True, dynamic=False),
)
_ATTRIBUTE: Final = LazyRegex(rb"#\[(?:arg|clap|structopt|command)\(([^\]]{0,1000})\)\]")
_ENV: Final = LazyRegex(rb"(?<!\w)env[ \t]{0,4}=(?!=)")
_DEFAULT: Final = LazyRegex(rb"(?<!\w)default_values?(?:_t|_os)?[ \t]{0,4}=(?!=)")
_DEFINED: Final = LazyRegex(
    rb"(?<!\w)fn[ \t]{1,4}(\w{1,60})(?:<[^<>()]{0,80}>)?\([ \t\r\n]{0,40}(\w{1,40})[ \t]{0,4}:"
)
_OWN: Final = ("CARGO_", "OUT_DIR", "TARGET", "RUSTC", "VERGEN_")


def wants(path: str) -> bool:
    """Whether it is a Rust file."""
    return path.endswith(".rs")


def collect(blob: Blob) -> Iterator[Fact]:
    """The lookups of a Rust file but those of what cargo sets, in no order."""
    if not has_any(blob.data, _SIGNS):
        return
    text = SourceText(blob, RUST, "rust")
    own = wrapped(text, wrappers(text, _DEFINED, rb"env::var(?:_os)?\("))
    for fact in distinct(chain(looked_up(text, _CALLS), own, _clap(text))):
        if not getattr(fact, "name", "").startswith(_OWN):
            yield fact


def _clap(text: SourceText) -> Iterator[VariableUse]:
    """`#[arg(long, env = "X", default_value = "d")]`."""
    for attribute in _ATTRIBUTE.finditer(text.code):
        start, end = attribute.span(1)
        env = _ENV.search(text.code, start, end)
        name = text.name(env.end()) if env else None
        if name:
            default = _DEFAULT.search(text.code, start, end)
            value: DefaultValue | None = text.default(default.end()) if default else None
            yield text.use(name[0], attribute.start(), value)


COLLECTOR: Final = Collector("rust", wants, collect)
