"""Python: `os.environ`, `os.getenv`, django-environ, environs, decouple, Starlette, own helpers, click."""

from __future__ import annotations

import re
from itertools import chain, islice
from typing import TYPE_CHECKING, Final

from secopskit.collect.code import python_settings
from secopskit.collect.code.masking import PYTHON
from secopskit.collect.code.reading import DefaultValue, SourceText, distinct, has_any
from secopskit.collect.interface import Collector
from secopskit.lazy_regex import LazyRegex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secopskit.collect.facts import DynamicLookup, Fact, VariableUse
    from secopskit.findings import Blob

_SIGNS: Final = (
    b"environ",
    b"getenv",
    b"BaseSettings",
    b"decouple",
    b"starlette.config",
    b"env(",
    b"env.",
    b"env_",
    b"_env",
    b"envvar",
    b"ynaconf",
)
_SPACE: Final = rb"[ \t\r\n]{0,80}"
_ALIAS: Final = LazyRegex(
    rb"(?m)^[ \t]{0,40}(\w{1,60})[ \t]{0,8}(?::[^=\n]{1,60})?=[ \t]{0,8}"
    rb"(?:dict\()?os\.environ(?:\.copy\(\))?\)?[ \t]{0,8}$"
)
_FROM_OS: Final = LazyRegex(rb"(?m)^[ \t]{0,40}from[ \t]{1,8}os[ \t]{1,8}import[ \t]{1,8}[^\n]{0,200}")
_ACCESS: Final = LazyRegex(
    rb"\.(get|setdefault|getenv|getb|__getitem__)[ \t]{0,8}\(|[ \t]{0,8}(\[)|\.(?:items|keys|values)\(\)"
)
_WRITTEN: Final = LazyRegex(rb"[ \t]{0,8}\][ \t]{0,8}(?:=(?!=)|:[ \t]{0,8}str[ \t]{0,8}=)")
_DELETED: Final = LazyRegex(rb"(?s).*\bdel[ \t]{1,8}$")
_GETENV: Final = LazyRegex(rb"(?<![\w.])(?:os[ \t]{0,4}\.[ \t]{0,4})(?:getenv|getenvb)[ \t]{0,8}\(")
_WITHIN: Final = LazyRegex(
    rb"[\"']([A-Za-z_]\w{0,120})[\"'][ \t]{1,8}(?:not[ \t]{1,8})?in[ \t]{1,8}os\.environ(?![\w.\[])"
)
_COMMA: Final = LazyRegex(_SPACE + rb",")
_NAMED: Final = LazyRegex(_SPACE + rb"(?:default|default_value|fallback|factory)[ \t]{0,8}=(?!=)")
_KEYWORD: Final = LazyRegex(_SPACE + rb"(?!default)[A-Za-z_]\w{0,60}[ \t]{0,8}=(?!=)")
_OR: Final = LazyRegex(_SPACE + rb"or\b")
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
    _SPACE
    + rb",?"
    + _SPACE
    + rb"([A-Z_][A-Z0-9_]{1,120})[ \t]{0,4}=[ \t]{0,4}(\([ \t]{0,8}[\w.\[\]]{1,40}[ \t]{0,4},)?"
)
# `def env(name, default=None):`, whose body looks its first parameter up.
_DEFINED: Final = LazyRegex(
    rb"(?m)^([ \t]{0,40})(?:async[ \t]{1,4})?def[ \t]{1,4}(\w{1,60})\([ \t\r\n]{0,80}(?:(?:self|"
    rb"cls)[ \t]{0,4},[ \t\r\n]{0,80})?(\w{1,60})"
    rb"([^()]{0,400}(?:\([^()]{0,80}\)[^()]{0,200})?)\)[^:\n]{0,80}:"
)
_BODY: Final = 1500
_ENVVAR: Final = LazyRegex(rb"(?<!\w)(?:envvar|env_var|show_envvar)[ \t]{0,4}=[ \t]{0,4}(\[)?")
_HELPER: Final = LazyRegex(
    rb"(?<![\w])(?:\w{1,40}\.)?(?:_?(?:get|read|require|load|parse|from|fetch)_?(?:\w{0,20}"
    rb"_)?env(?:_var|_variable|_value|_bool|_int|_str|_list|"
    rb"iron|ironment)?(?:_or_\w{1,20})?|env_(?:bool|int|str|list|flag|float))[ \t]{0,4}"
    rb"\((?=[ \t\r\n]{0,80}[\"'])"
)
_LIKELY: Final = re.compile(rb"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*")
_DYNACONF: Final = LazyRegex(rb"\bDynaconf\(")
_DYNACONF_PREFIX: Final = LazyRegex(rb"envvar_prefix[ \t]{0,4}=[ \t]{0,4}[\"'](\w{1,40})[\"']")


def wants(path: str) -> bool:
    """Whether it is a Python file."""
    return path.endswith((".py", ".pyw", ".wsgi", ".py.jinja", ".py.j2"))


def collect(blob: Blob) -> Iterator[Fact]:
    """The lookups of a Python file, in no order."""
    if not has_any(blob.data, _SIGNS):
        return
    text = SourceText(blob, PYTHON, "python")
    reader = _Reader(text)
    yield from distinct(
        chain(
            reader.direct(),
            reader.by_reader(),
            reader.by_helper(),
            reader.named(),
            python_settings.collect(text),
        )
    )


class _Reader:
    """The lookups of one file."""

    def __init__(self, text: SourceText) -> None:
        self._text = text
        self._wrappers = dict(_wrappers(text))

    def direct(self) -> Iterator[VariableUse | DynamicLookup]:
        """`os.environ` and `os.getenv`, also as imported or under another name."""
        text = self._text
        names = [rb"(?<![\w.])os[ \t]{0,4}\.[ \t]{0,4}environb?"]
        imported = b"\n".join(found[0] for found in _FROM_OS.finditer(text.code))
        if b"environ" in imported:
            names.append(rb"(?<![\w.])environ")
        names += [rb"(?<![\w.])" + found[1] for found in islice(_ALIAS.finditer(text.code), 20)]
        for head in re.compile(rb"(?:" + rb"|".join(names) + rb")(?!\w)").finditer(text.code):
            yield from self._access(head.start(), head.end())
        for call in _GETENV.finditer(text.code):
            yield from self._lookup(call.start(), call.end(), may_default=True)
        if b"getenv" in imported:
            for call in re.compile(rb"(?<![\w.])getenv[ \t]{0,8}\(").finditer(text.code):
                yield from self._lookup(call.start(), call.end(), may_default=True)
        for found in _WITHIN.finditer(text.bare):
            if text.code[found.start()] == text.bare[found.start()] and text.code[found.start(1)] == ord(" "):
                yield text.use(found[1], found.start())

    def _access(self, start: int, end: int) -> Iterator[VariableUse | DynamicLookup]:
        found = _ACCESS.match(self._text.code, end)
        if found is None or _DELETED.match(self._text.code, max(0, start - 20), start):
            return
        if found[1] or found[2]:
            yield from self._lookup(start, found.end(), may_default=bool(found[1]))
        elif not self._is_wrapped(start):
            yield self._text.dynamic(start)

    def _lookup(self, start: int, at: int, *, may_default: bool) -> Iterator[VariableUse | DynamicLookup]:
        text = self._text
        found = text.lookup(at)
        if isinstance(found, bytes):
            if not self._is_wrapped(start):
                yield text.dynamic(start, found)
            return
        name, end = found
        if may_default:
            default = self._default(end)
            yield text.use(name, start, default)
        elif not _WRITTEN.match(text.code, end):
            yield text.use(name, start, required=True)

    def _default(self, end: int) -> DefaultValue | None:
        """The default of the call whose first argument ends there; also after `or`."""
        text = self._text
        if comma := _COMMA.match(text.code, end):
            named = _NAMED.match(text.code, comma.end())
            if named or not _KEYWORD.match(text.code, comma.end()):
                last = re.compile(_SPACE + rb"\)").match(text.code, comma.end())
                return None if last else text.default(named.end() if named else comma.end())
            return self._keyword(comma.end())
        closed = re.compile(_SPACE + rb"\)").match(text.code, end)
        if closed and (other := _OR.match(text.code, closed.end())):
            return text.default(other.end())
        return None

    def _keyword(self, at: int) -> DefaultValue | None:
        """The argument `default=` among those that begin there."""
        end = _call_end(self._text.code, at)
        found = re.compile(rb"(?<!\w)default[ \t]{0,8}=(?!=)").search(self._text.code, at, end)
        return self._text.default(found.end()) if found else None

    def _is_wrapped(self, offset: int) -> bool:
        return any(low <= offset < high for low, high in self._wrappers.values())

    def by_reader(self) -> Iterator[VariableUse | DynamicLookup]:
        """Calls of what django-environ, environs, decouple and Starlette make."""
        text = self._text
        names = set(self._readers())
        if names:
            joined = b"|".join(sorted(re.escape(name) for name in names)[:20])
            calls = re.compile(rb"(?<![\w.])(?:" + joined + rb")" + _CASTS)
            for call in calls.finditer(text.code):
                name = text.name(call.end())
                if name and not _is_definition(text.code, call.start()):
                    default = self._default(name[1])
                    yield text.use(name[0], call.start(), default, required=default is None)
            heads = re.compile(rb"(?<![\w.])(?:" + joined + rb")(?=\.)")
            for head in heads.finditer(text.code):
                if short := _SHORTHAND.match(text.code, head.end()):
                    yield text.use(_SHORT_NAMES[short[1][:1]], head.start(), required=True)
        for schema in _SCHEMA.finditer(text.code):
            yield from self._schema(schema.end())
        for found in _DYNACONF.finditer(text.code):
            prefix = _DYNACONF_PREFIX.search(text.bare[found.end() : found.end() + 1000])
            yield text.dynamic(found.start(), (prefix[1] if prefix else b"DYNACONF") + b"_")

    def _readers(self) -> Iterator[bytes]:
        code = self._text.code
        for pattern in (_READER, *((_CONFIG,) if b"starlette" in code or b"decouple" in code else ())):
            for found in pattern.finditer(code):
                yield found[1]
        for found in _IMPORTED.finditer(code):
            if found[1] == b"env" or b"decouple" in found[0] or b"starlette" in found[0]:
                yield found[2] or found[1]

    def _schema(self, at: int) -> Iterator[VariableUse]:
        """The keywords of `environ.Env(DEBUG=(bool, False))`."""
        text = self._text
        end = _call_end(text.code, at)
        while item := _SCHEMA_ITEM.match(text.code, at, end):
            default = text.default(item.end()) if item[2] else None
            yield text.use(item[1], item.start(1), default)
            at = _item_end(text.code, item.end(1), end)

    def by_helper(self) -> Iterator[VariableUse]:
        """Calls of functions of this file that look up what they are given, and of those that are called like `get_env("X")`."""
        text = self._text
        if self._wrappers:
            names = b"|".join(sorted(re.escape(name) for name in self._wrappers)[:50])
            calls = re.compile(rb"(?<![\w.])(?:self\.|cls\.)?(?:" + names + rb")[ \t]{0,4}\(")
            for call in calls.finditer(text.code):
                yield from self._helped(call.start(), call.end())
        for call in _HELPER.finditer(text.code):
            if call[0].rstrip(b"( \t").rpartition(b".")[2] not in self._wrappers:
                yield from self._helped(call.start(), call.end())

    def _helped(self, start: int, at: int) -> Iterator[VariableUse]:
        found = self._text.name(at)
        if found and _LIKELY.fullmatch(found[0]) and not _is_definition(self._text.code, start):
            yield self._text.use(found[0], start, self._default(found[1]))

    def named(self) -> Iterator[VariableUse]:
        """`envvar="X"`, as click and typer have it."""
        for found in _ENVVAR.finditer(self._text.code):
            at = found.end()
            while name := self._text.literal(at):
                if _LIKELY.fullmatch(name[0]):
                    yield self._text.use(name[0], found.start())
                comma = _COMMA.match(self._text.code, name[1])
                if not (found[1] and comma):
                    break
                at = comma.end()


def _wrappers(text: SourceText) -> Iterator[tuple[bytes, tuple[int, int]]]:
    """The functions of the file that look their first parameter up, and where their bodies are."""
    if not re.search(rb"environ|getenv", text.code):
        return
    for found in islice(_DEFINED.finditer(text.code), 2000):
        end = _body_end(text.code, found.end(), len(found[1].expandtabs()))
        looks = re.compile(
            rb"(?:environ(?:\.get|\.setdefault)?[ \t]{0,4}[(\[]|getenv\()[ \t\r\n]{0,80}"
            + found[3]
            + rb"(?!\w)"
        )
        if looks.search(text.code, found.end(), end):
            yield found[2], (found.start(), end)


def _body_end(code: bytes, start: int, indent: int) -> int:
    """Where the block ends that begins at `start`, after a line indented by `indent`."""
    for found in re.compile(rb"\n([ \t]{0,80})(?=[^\s])").finditer(code, start, start + _BODY):
        if len(found[1].expandtabs()) <= indent:
            return found.start()
    return min(len(code), start + _BODY)


def _is_definition(code: bytes, start: int) -> bool:
    return code[max(0, start - 8) : start].rstrip().endswith(b"def")


_DEPTH: Final = LazyRegex(rb"[\[({})\],]")
_LONGEST_CALL: Final = 8000


def _call_end(code: bytes, at: int) -> int:
    """Where the call ends whose arguments begin at `at`."""
    depth = 0
    for found in _DEPTH.finditer(code[at : at + _LONGEST_CALL]):
        if found[0] in b"[({":
            depth += 1
        elif found[0] in b"])}":
            depth -= 1
            if depth < 0:
                return at + found.start()
    return min(len(code), at + _LONGEST_CALL)


def _item_end(code: bytes, at: int, end: int) -> int:
    """Where the argument ends that begins at `at`: at its comma, or at `end`."""
    depth = 0
    for found in _DEPTH.finditer(code[at:end]):
        if found[0] in b"[({":
            depth += 1
        elif found[0] in b"])}":
            depth -= 1
        elif not depth:
            return at + found.start()
    return end


COLLECTOR: Final = Collector("python", wants, collect)
