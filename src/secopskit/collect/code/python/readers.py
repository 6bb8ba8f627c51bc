"""Libraries that read the environment: django-environ, environs, decouple, Starlette, Dynaconf."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Final

from secopskit.collect.code.python.arguments import (
    LIKELY,
    SPACE,
    call_end,
    default_after,
    is_definition,
    item_end,
)
from secopskit.collect.code.reading import has_any
from secopskit.lazy_regex import LazyRegex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secopskit.collect.code.reading import SourceText
    from secopskit.collect.facts import DynamicLookup, VariableUse

_MOST: Final = 500
_SIGNS: Final = (b"Env(", b"EnvConfig(", b"decouple", b"starlette.config", b"ynaconf", b"env(")
_CALLED: Final = (
    b"env.bool(",
    b"env.str(",
    b"env.int(",
    b"env.list(",
    b"env.db",
    b"env.float(",
    b"env.cache",
)
# Readers of the environment that are called: `env("X")`, `config("X")`, `env.bool("X")`.
_READER: Final = LazyRegex(
    rb"(?m)^[ \t]{0,40}(\w{1,60})[ \t]{0,8}(?::[^=\n]{1,60})?=[ \t]{0,8}(?:environ\.|environs\.|"
    rb"decouple\.|\w{1,30}\.)?"
    rb"(?:Env|FileAwareEnv|AutoConfig|EnvConfig|PrefixedEnv)\("
)
_CONFIG: Final = LazyRegex(
    rb"(?m)^[ \t]{0,40}(\w{1,60})[ \t]{0,8}(?::[^=\n]{1,60})?=[ \t]{0,8}(?:\w{1,30}\.)?Config\("
)
_IMPORTED: Final = LazyRegex(
    rb"(?m)^[ \t]{0,40}from[ \t]{1,8}[\w.]{1,120}[ \t]{1,8}import[ \t(]{1,8}(?:[^\n#]{0,200}"
    rb"[ ,(])?(env|config)(?:[ \t]{1,8}as[ \t]{1,8}(\w{1,40}))?[ \t]{0,4}(?:$|[,)#\r])"
)
_STAR: Final = LazyRegex(rb"(?m)^from[ \t]{1,8}[\w.]{1,120}[ \t]{1,8}import[ \t]{1,8}\*")
# The lookup itself under another name.
_BOUND: Final = LazyRegex(
    rb"(?m)^[ \t]{0,40}(\w{1,60})[ \t]{0,8}=[ \t]{0,8}os\.(?:environ\.get|"
    rb"getenv)[ \t\r]{0,8}$"
)
_CASTS: Final = (
    rb"(?:\.(?:str|bool|int|float|list|tuple|dict|set|json|url|db|db_url|cache|cache_url|email|"
    rb"email_url|search_url|"
    rb"channels|path|bytes|decimal|date|datetime|timedelta|uuid|log_level|enum|get_value|dj_db_url|"
    rb"dj_email_url|dj_cache_url|"
    rb"get|unicode|search))?[ \t]{0,4}\((?!\))"
)
_SHORTHAND: Final = LazyRegex(rb"\.(db|db_url|cache|cache_url|email|email_url|search_url)\(\)")
_SHORT_NAMES: Final = {b"d": b"DATABASE_URL", b"c": b"CACHE_URL", b"e": b"EMAIL_URL", b"s": b"SEARCH_URL"}
_SCHEMA: Final = LazyRegex(rb"\b(?:environ\.|environs\.)?(?:Env|FileAwareEnv)\(")
_SCHEMA_ITEM: Final = LazyRegex(
    SPACE
    + rb",?"
    + SPACE
    + rb"([A-Z_][A-Z0-9_]{1,120})[ \t]{0,4}=[ \t]{0,4}(\([ \t]{0,8}[\w.\[\]]{1,40}[ \t]{0,4},)?"
)
_DYNACONF: Final = LazyRegex(rb"\bDynaconf\(")
_DYNACONF_PREFIX: Final = LazyRegex(rb"envvar_prefix[ \t]{0,4}=[ \t]{0,4}[\"'](\w{1,40})[\"']")


def may_be_in(data: bytes) -> bool:
    """Whether a file may have such calls, without parsing it."""
    return has_any(data, _SIGNS) or (b"env." in data and has_any(data, _CALLED))


def collect(text: SourceText) -> Iterator[VariableUse | DynamicLookup]:
    """The calls of such libraries in a file."""
    readers = dict.fromkeys(_readers(text.code), True)
    for found in _BOUND.finditer(text.code):
        readers[found[1]] = False
    if _STAR.search(text.code):  # settings that take all of other settings, their reader with them
        readers.setdefault(b"env", False)
    if readers:
        joined = b"|".join(sorted(re.escape(name) for name in readers)[:20])
        calls = re.compile(rb"(?<![\w.])(" + joined + rb")" + _CASTS)
        for call in calls.finditer(text.code):
            yield from _read(text, call, must=readers[call[1]])
        heads = re.compile(rb"(?<![\w.])(?:" + joined + rb")(?=\.)")
        for head in heads.finditer(text.code):
            if short := _SHORTHAND.match(text.code, head.end()):
                yield text.use(_SHORT_NAMES[short[1][:1]], head.start(), required=True)
    for schema in islice(_SCHEMA.finditer(text.code), _MOST):
        yield from _schema(text, schema.end())
    for found in islice(_DYNACONF.finditer(text.code), _MOST):
        prefix = _DYNACONF_PREFIX.search(text.bare[found.end() : found.end() + 1000])
        yield text.dynamic(found.start(), (prefix[1] if prefix else b"DYNACONF") + b"_")


def _read(text: SourceText, call: re.Match[bytes], *, must: bool) -> Iterator[VariableUse]:
    name = text.name(call.end())
    if name is None or is_definition(text.code, call.start()):
        return
    if must or LIKELY.fullmatch(name[0]):
        default = default_after(text, name[1])
        yield text.use(name[0], call.start(), default, required=must and default is None)


def _readers(code: bytes) -> Iterator[bytes]:
    """The names of what reads the environment, and fails without a variable."""
    for pattern in (_READER, *((_CONFIG,) if b"starlette" in code or b"decouple" in code else ())):
        for found in pattern.finditer(code):
            yield found[1]
    for found in _IMPORTED.finditer(code):
        if found[1] == b"env" or b"decouple" in found[0] or b"starlette" in found[0]:
            yield found[2] or found[1]


def _schema(text: SourceText, at: int) -> Iterator[VariableUse]:
    """The keywords of `environ.Env(DEBUG=(bool, False))`."""
    end = call_end(text.code, at)
    while item := _SCHEMA_ITEM.match(text.code, at, end):
        default = text.default(item.end()) if item[2] else None
        yield text.use(item[1], item.start(1), default)
        at = item_end(text.code, item.end(1), end)
