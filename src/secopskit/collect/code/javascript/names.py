"""The environment under other names in JavaScript: aliases, imports, and what it is taken apart into."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from secopskit.collect.code.javascript.bundles import is_bundled
from secopskit.lazy_regex import LazyRegex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secopskit.collect.code.reading import SourceText
    from secopskit.collect.facts import VariableUse

# `const env = process.env`, `(env = process.env) =>`, `const env = {...process.env`.
_ALIAS: Final = LazyRegex(
    rb"(?<![\w$.])([A-Za-z_$][\w$]{0,60})[ \t]{0,8}(?::[^=;(){}\n]{1,80})?=[ \t\r\n]{0,20}"
    rb"(?:\{[ \t\r\n]{0,40}\.\.\.)?$"
)
_ALONE: Final = LazyRegex(rb"[ \t]{0,8}(?:[;,)}\r\n]|as\b|$)")
_LOADED: Final = LazyRegex(rb"loadEnv\(")
_LOADED_AS: Final = LazyRegex(
    rb"(?<![\w$.])([A-Za-z_$][\w$]{0,60})[ \t]{0,8}=[ \t\r\n]{0,20}(?:\{[ \t\r\n]{0,40}\.\.\.)?$"
)
# A module is called after what it holds: the environment, checked by a schema.
_IMPORTED: Final = LazyRegex(
    rb"import[ \t]{1,8}(?:\{[^{}]{0,400}?\b(env|environment)\b[^{}]{0,400}\}|(env|environment))"
    rb"[ \t]{1,8}from[ \t]{1,8}[\"']((?:[^\"'\n]{0,200}/)?(?:\.?env|environment|env[.-](?:server|"
    rb"client|mjs|js|ts)|"
    rb"(?:server|client)[.-]env|\$env/dynamic/(?:private|public))(?:\.\w{1,4})?)[\"']"
)
_SVELTE: Final = LazyRegex(
    rb"import[ \t]{1,8}\{([^{}]{1,4000})\}[ \t]{1,8}from[ \t]{1,8}[\"']\$env/static/(private|public)[\"']"
)
_SVELTE_NAME: Final = LazyRegex(rb"([A-Za-z_]\w{0,120})(?:\s{1,8}as\s{1,8}\w{1,80})?")
_APART: Final = LazyRegex(
    rb"(?:(?:const|let|var)[ \t\r\n]{1,20}|[(,][ \t\r\n]{0,15})\{([^{}]{1,4000})\}"
    rb"[ \t\r\n]{0,20}(?::[^=;{}]{1,200})?=[ \t\r\n]{0,20}$"
)
_LONGEST: Final = 4300
_ITEM: Final = LazyRegex(
    rb"[\s]{0,200}[\"']?([A-Za-z_]\w{0,120})[\"']?[ \t]{0,8}(?::[ \t]{0,8}[\w$]{1,80}[ \t]{0,8})?(=(?![=>]))?"
)


def imported(data: bytes) -> dict[bytes, bytes]:
    """The names under which a script imports a module that holds the environment, and how it names that."""
    return {found[1] or found[2]: found[3] for found in _IMPORTED.finditer(data)}


def loaded(code: bytes) -> frozenset[bytes]:
    """The names given to what Vite's `loadEnv` returns."""
    before = (code[max(0, found.start() - 100) : found.start()] for found in _LOADED.finditer(code))
    return frozenset(found[1] for text in before if (found := _LOADED_AS.search(text)))


def alias(code: bytes, start: int, end: int) -> bytes | None:
    """The name that the environment, named from `start` to `end`, is given as a whole."""
    found = _ALIAS.search(code[max(0, start - 200) : start]) if _ALONE.match(code, end) else None
    return found[1] if found else None


def taken_apart(text: SourceText, start: int, end: int, *, is_meta: bool) -> Iterator[VariableUse]:
    """`const { A, B: c = "d" } = process.env`, or such a parameter.

    The environment is named from `start` to `end`.
    """
    before = text.code[max(0, start - 20) : start].rstrip()
    if not _ALONE.match(text.code, end) or not before.endswith(b"="):
        return
    low = text.code.rfind(b"{", max(0, start - _LONGEST), start)
    found = _APART.search(text.code[max(0, low - 20) : start]) if low >= 0 else None
    if found is None:
        return
    at = max(0, low - 20) + found.start(1)
    for part in found[1].split(b","):
        item = _ITEM.match(text.code, at, at + len(part))
        if item and not part.lstrip().startswith(b"..."):
            default = text.default(item.end()) if item[2] else None
            yield text.use(item[1], item.start(1), default, bundled=is_bundled(item[1], is_meta))
        at += len(part) + 1


def from_svelte(text: SourceText) -> Iterator[VariableUse]:
    """The names that are imported from SvelteKit's `$env/static`."""
    if b"$env/static" not in text.bare:
        return
    for found in _SVELTE.finditer(text.bare):
        for name in _SVELTE_NAME.finditer(found[1]):
            offset = found.start(1) + name.start()
            yield text.use(name[1], offset, bundled=found[2] == b"public")
