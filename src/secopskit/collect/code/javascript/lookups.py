"""JavaScript and TypeScript: `process.env`, `import.meta.env`, `Bun.env`, `Deno.env`, SvelteKit's `$env`."""

from __future__ import annotations

import re
from itertools import chain, islice
from typing import TYPE_CHECKING, Final

from secopskit.collect.code.javascript import modules, schemas
from secopskit.collect.code.javascript import names as other_names
from secopskit.collect.code.javascript.bundles import bundled_regions, configured, is_bundled
from secopskit.collect.code.masking import JAVASCRIPT
from secopskit.collect.code.reading import DefaultValue, SourceText, distinct, has_any
from secopskit.collect.facts import VariableUse
from secopskit.collect.interface import Collector
from secopskit.lazy_regex import LazyRegex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secopskit.collect.facts import DynamicLookup, Fact
    from secopskit.findings import Blob

_SUFFIXES: Final = (".js", ".mjs", ".cjs", ".jsx", ".ts", ".mts", ".cts", ".tsx", ".vue", ".svelte", ".astro")
_DIRECT: Final = (b"s.env", b"s?.env", b"a.env", b"n.env", b"o.env")
_CALLED: Final = (
    b"Env(",
    b"EnvV",
    b"EnvO",
    b"EnvS",
    b"EnvB",
    b"EnvI",
    b"EnvN",
    b"EnvR",
    b"Env<",
    b"ENV(",
    b"_env(",
)
_WHOLE: Final = (b"createEnv", b"cleanEnv", b"envsafe", b"ConfigModule", b"validateEnv")
# What is in all of them; most files have none of it.
_MODULES: Final = (b"env'", b'env"', b"env.", b"nvironment'", b'nvironment"', b"env-", b"$env/")
_HELPERS: Final = (b"Env", b"ENV(", b"_env(")
_SCHEMAS: Final = (b"eEnv", b"nEnv", b"envsafe", b"ConfigModule")
_MOST: Final = 5000
_DOT_ENV: Final = LazyRegex(rb"\.env(?![\w$])")
_HOST: Final = LazyRegex(
    rb"(?<![\w$.])(?:(?:globalThis|global|window)\??\.)?(process\??|import\.meta|Bun|Deno)$"
)
_DOT: Final = LazyRegex(rb"[ \t\r\n]{0,80}[?!]?\.[ \t]{0,8}([A-Za-z_][\w]{0,120})(?![\w$])")
_BRACKET: Final = LazyRegex(rb"!?(?:\?\.)?[ \t]{0,8}\[")
_CLOSED: Final = LazyRegex(rb"[ \t\r\n]{0,80}\]")
_CALL: Final = LazyRegex(rb"[ \t]{0,8}(?:\?\.)?\(")
_WRITE: Final = LazyRegex(rb"[ \t\r\n]{0,40}(?:[+]?=(?![=>])|[+]{2})")
_FALLBACK: Final = LazyRegex(
    rb"(?:!|[ \t]{1,8}as[ \t]{1,8}[\w.]{1,40}\)?|\))?[ \t\r\n]{0,200}(?:\|\|=?|\?\?=?)(?!=)"
)
_ASSERTED: Final = LazyRegex(rb"!(?!=)")
_UNLESS: Final = LazyRegex(rb"(?m)^if[ \t]{0,4}\((?:[^()&{};]{0,200}\|\|)?[ \t\r\n]{0,40}!$")
_FAILS: Final = LazyRegex(
    rb"(?:[ \t\r\n]{0,40}\|\|[^()&{};]{0,200})?[ \t\r\n]{0,40}\)[ \t\r\n]{0,40}(?:\{[^{}]{0,300}?)?"
    rb"\b(?:throw\b|process\.exit\()"
)
_DELETE: Final = LazyRegex(rb"(?s).*\bdelete[ \t]{1,8}$")
_HELPER: Final = LazyRegex(
    rb"(?<![\w$])(?:get|read|require|must|load|fetch)_?(?:[A-Z]\w{0,20}?)?(?:Env|ENV|_env)"
    rb"(?:Var|Variable|_var|Value|OrThrow|OrDefault|String|Bool|Boolean|Int|Number|Or|Required)?"
    rb"(?:<[^<>()]{0,80}>)?\((?=[ \t\r\n]{0,80}[\"'`])"
)
_NEST: Final = LazyRegex(
    rb"\b(?:[cC]onfig(?:Service)?)\.(get|getOrThrow)(?:<[^()\n]{0,120}>)?\((?=[ \t\r\n]{0,80}[\"'])"
)
_CONFIG_NAME: Final = re.compile(rb"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|[A-Z][A-Z0-9]{2,}")
_BUILT_IN: Final = frozenset({b"MODE", b"DEV", b"PROD", b"SSR", b"BASE_URL", b"LEGACY"})
_METHODS: Final = frozenset({b"get", b"has", b"toObject", b"set", b"delete"})


def wants(path: str) -> bool:
    """Whether it is a script or a component."""
    return path.lower().endswith(_SUFFIXES) and not path.endswith(".d.ts")


def collect(blob: Blob) -> Iterator[Fact]:
    """The lookups of a script, in no order."""
    data = blob.data
    # Most scripts say none of it: what is looked for below has one of these in it.
    if not (b"env" in data or b"Env" in data or b"ENV" in data or b"onfig" in data):
        return
    is_direct = b".env" in data and has_any(data, _DIRECT)
    imported = other_names.imported(data) if has_any(data, _MODULES) else {}
    is_called = b"onfigService" in data or (has_any(data, _HELPERS) and has_any(data, _CALLED))
    is_whole = is_direct or (has_any(data, _SCHEMAS) and has_any(data, _WHOLE))
    is_module = modules.is_module(blob.path)
    is_told = b"$env/static" in data or b"runtimeConfig" in data
    if not (is_direct or imported or is_called or is_whole or is_module or is_told):
        return
    text = SourceText(blob, JAVASCRIPT, "javascript")
    reader = _ScriptLookups(text)
    called = reader.by_call() if is_called else ()
    checked = schemas.collect(text) if is_whole else ()
    looked_up = chain(reader.direct(), reader.by_name(imported), called, checked, configured(text))
    found = list(distinct(looked_up))
    yield from found
    if is_module:
        yield modules.described(text, found, is_whole=reader.has_whole())


class _ScriptLookups:
    """The lookups of one script."""

    def __init__(self, text: SourceText) -> None:
        self._text = text
        self._regions = bundled_regions(text)
        self._heads = list(islice(_heads(text.code), _MOST))

    def direct(self) -> Iterator[VariableUse | DynamicLookup]:
        """A name after the environment: `process.env["X"]`, `Deno.env.get("X")`."""
        for start, end, host in self._heads:
            yield from self._after(start, end, host)

    def _after(
        self, start: int, end: int, host: bytes, pattern: re.Pattern[bytes] | None = None
    ) -> Iterator[VariableUse | DynamicLookup]:
        """What follows the environment's name; with a `pattern`, only names of that form count."""
        text = self._text
        is_meta, is_deno = host.startswith(b"import"), host == b"Deno"
        if bracket := _BRACKET.match(text.code, end):
            found = text.lookup(bracket.end())
            if isinstance(found, bytes):
                if pattern is None or found:
                    yield text.dynamic(start, found)
            elif closed := _CLOSED.match(text.code, found[1]):
                yield from self._use(found[0], start, closed.end(), is_meta)
            return
        dot = _DOT.match(text.code, end)
        if dot is None:
            if pattern and (called := _CALL.match(text.code, end)):
                yield from self._helper(start, called.end(), required=False)
            return
        call = _CALL.match(text.code, dot.end())
        if is_deno:
            if dot[1] == b"get" and call:
                yield from self._called(start, call.end())
        elif (
            not call
            and not (is_meta and dot[1] in _BUILT_IN)
            and (pattern is None or pattern.fullmatch(dot[1]))
        ):
            yield from self._use(dot[1], start, dot.end(), is_meta)

    def _called(self, start: int, at: int) -> Iterator[VariableUse | DynamicLookup]:
        found = self._text.lookup(at)
        if isinstance(found, bytes):
            yield self._text.dynamic(start, found)
        else:
            yield from self._use(found[0], start, found[1] + 1, False)

    def _use(self, name: bytes, start: int, end: int, is_meta: bool) -> Iterator[VariableUse]:
        text = self._text
        if name.startswith(b"npm_") or _DELETE.match(text.code, max(0, start - 20), start):
            return
        is_negated = text.code[max(0, start - 1) : start] == b"!"
        fallback = None if is_negated else _FALLBACK.match(text.code, end)
        if fallback is None and _WRITE.match(text.code, end):
            return
        default = text.default(fallback.end()) if fallback else None
        is_asserted = _ASSERTED.match(text.code, end) is not None
        yield text.use(
            name,
            start,
            default,
            required=fallback is None and (is_asserted or (is_negated and _fails(text.code, start, end))),
            bundled=is_bundled(name, is_meta) or any(low <= start < high for low, high in self._regions),
        )

    def has_whole(self) -> bool:
        """Whether the script hands the environment on as a whole."""
        code = self._text.code
        return any(not _DOT.match(code, end) and not _BRACKET.match(code, end) for _, end, _ in self._heads)

    def by_name(self, imported: dict[bytes, bytes]) -> Iterator[VariableUse | DynamicLookup]:
        """`env.X`, where `env` is the environment under another name, and names it is taken apart into."""
        text = self._text
        names = set(imported)
        for start, end, host in self._heads:
            apart = list(other_names.taken_apart(text, start, end, is_meta=host.startswith(b"import")))
            yield from apart
            if not apart and (alias := other_names.alias(text.code, start, end)):
                names.add(alias)
        names |= other_names.loaded(text.code)
        yield from other_names.from_svelte(text)
        if names:
            joined = b"|".join(sorted(map(re.escape, names))[:20])
            for head in re.compile(rb"(?<![\w$.])(?:" + joined + rb")(?![\w$])").finditer(text.code):
                module = imported.get(head[0], b"").decode("utf-8", "replace")
                for use in self._after(head.start(), head.end(), b"", _CONFIG_NAME):
                    yield use._replace(module=module) if isinstance(use, VariableUse) else use

    def by_call(self) -> Iterator[VariableUse]:
        """`configService.get("X")`, and helpers that are called like `getEnv("X")`."""
        text = self._text
        if b"onfigService" in text.code:
            for call in _NEST.finditer(text.code):
                yield from self._helper(call.start(), call.end(), required=call[1] == b"getOrThrow")
        for call in _HELPER.finditer(text.code):
            must = call[0].lower().startswith((b"require", b"must")) or b"OrThrow" in call[0]
            yield from self._helper(call.start(), call.end(), required=must)

    def _helper(self, start: int, at: int, *, required: bool) -> Iterator[VariableUse]:
        found = self._text.literal(at)
        if found is None or not _CONFIG_NAME.fullmatch(found[0]):
            return
        comma = re.compile(rb"[ \t\r\n]{0,80},").match(self._text.code, found[1])
        default: DefaultValue | None = self._text.default(comma.end()) if comma else None
        fallback = None if comma else re.compile(rb"[ \t\r\n]{0,80}\)").match(self._text.code, found[1])
        if fallback and (other := _FALLBACK.match(self._text.code, fallback.end())):
            default = self._text.default(other.end())
        yield self._text.use(found[0], start, default, required=required, bundled=is_bundled(found[0], False))


def _fails(code: bytes, start: int, end: int) -> bool:
    """Whether `if (!process.env.X) throw …` stands outside of all functions: the program fails without it."""
    return _UNLESS.search(code, max(0, start - 260), start) is not None and bool(_FAILS.match(code, end))


def _heads(code: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Where the environment is named: start, end, and the object that has it."""
    for found in _DOT_ENV.finditer(code):
        low = max(0, found.start() - 40)
        if host := _HOST.search(code[low : found.start()]):
            yield low + host.start(), found.end(), host[1]


COLLECTOR: Final = Collector("javascript", wants, collect)
