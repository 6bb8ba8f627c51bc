"""Ruby: `ENV["X"]`, `ENV.fetch`; also in ERB, as Rails' YAML files have it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from secopskit.collect.code.masking import RUBY
from secopskit.collect.code.reading import DefaultValue, SourceText, distinct
from secopskit.collect.facts import SettingKind, VariableSetting
from secopskit.collect.interface import Collector
from secopskit.lazy_regex import LazyRegex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secopskit.collect.facts import DynamicLookup, Fact, VariableUse
    from secopskit.findings import Blob

_SUFFIXES: Final = (".rb", ".rake", ".ru", ".erb", ".gemspec", ".yml", ".yaml", ".haml", ".slim", ".jbuilder")
_NAMES: Final = frozenset({"Rakefile", "Gemfile", "Capfile", "Guardfile", "Puppetfile"})
_HEAD: Final = LazyRegex(
    rb"(?<![\w$.:])(?:::)?ENV(?:\.(fetch|key\?|has_key\?|include\?|dig)[ \t]{0,4}\(|\.(fetch)[ \t]|(\[))"
)
_CLOSED: Final = LazyRegex(rb"[ \t\r\n]{0,40}[)\]]")
_COMMA: Final = LazyRegex(rb"[ \t\r\n]{0,40},")
_BLOCK: Final = LazyRegex(rb"[ \t]{0,8}(?:\{|do\b)[ \t]{0,8}(?:\|\w{1,20}\|)?")
_OR: Final = LazyRegex(rb"(?:\.presence|\.to_\w{1,3})?[ \t]{0,8}(?:\|\|=?|\bor\b)")
_WRITE: Final = LazyRegex(rb"[ \t]{0,8}=(?![=~>])")
_PRESET: Final = LazyRegex(rb"[ \t]{0,8}\|\|=")


def wants(path: str) -> bool:
    """Whether it is Ruby, or a file that may have Ruby in it."""
    return path.endswith(_SUFFIXES) or path.rpartition("/")[2] in _NAMES


def collect(blob: Blob) -> Iterator[Fact]:
    """The lookups of a Ruby file, in no order."""
    if b"ENV" not in blob.data or (b"ENV[" not in blob.data and b"ENV." not in blob.data):
        return
    if blob.path.endswith((".yml", ".yaml")) and b"<%" not in blob.data:
        return
    yield from distinct(_lookups(SourceText(blob, RUBY, "ruby")))


def _lookups(text: SourceText) -> Iterator[VariableUse | VariableSetting | DynamicLookup]:
    for head in _HEAD.finditer(text.code):
        found = text.lookup(head.end())
        if isinstance(found, bytes):
            yield text.dynamic(head.start(), found)
            continue
        name, end = found
        closed = _CLOSED.match(text.code, end)
        if head[3] and closed:
            if _WRITE.match(text.code, closed.end()):
                continue
            if _PRESET.match(text.code, closed.end()):  # the program gives itself what is missing
                yield VariableSetting(name.decode(), None, text.place(head.start()), SettingKind.PROGRAM)
            other = _OR.match(text.code, closed.end())
            yield text.use(name, head.start(), text.default(other.end()) if other else None)
        elif b"fetch" in (head[1], head[2]):
            default = _fetched(text, end)
            yield text.use(name, head.start(), default, required=default is None)
        else:
            yield text.use(name, head.start())


def _fetched(text: SourceText, end: int) -> DefaultValue | None:
    """The second argument of `fetch`, or its block."""
    if comma := _COMMA.match(text.code, end):
        return text.default(comma.end())
    closed = _CLOSED.match(text.code, end)
    block = _BLOCK.match(text.code, closed.end() if closed else end)
    return text.default(block.end()) if block else None


COLLECTOR: Final = Collector("ruby", wants, collect)
