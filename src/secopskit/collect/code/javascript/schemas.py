"""Schemas of the environment in JavaScript: zod, t3-env, envalid, Joi, yup, valibot."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

from secopskit.collect.code.javascript.bundles import is_bundled
from secopskit.lazy_regex import LazyRegex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secopskit.collect.code.reading import DefaultValue, SourceText
    from secopskit.collect.facts import VariableUse

# The environment as a whole is handed to something, or to a library that checks nothing else.
_WHOLE: Final = LazyRegex(
    rb"(?:process\.env|import\.meta\.env|Bun\.env)(?=[ \t\r\n]{0,40}(?:[,)};]|$|as\b))|"
    rb"\b(?:createEnv|cleanEnv|envsafe)\b"
    rb"|\bConfigModule\b|\bvalidateEnv\b"
)
_KEY: Final = LazyRegex(
    rb"(?:^|[{,(\n])[ \t\r\n]{0,200}[\"']?([A-Z][A-Z0-9_]{1,120})[\"']?[ \t]{0,8}:[ \t\r\n]{0,80}"
    rb"(?=(?:z|zod|Joi|joi|yup|v|t|s|Type|envalid|envsafe)(?:[ \t]{0,8}\r?\n[ \t]{0,80})?\.\w|"
    rb"(?:str|bool|num|int|email|host|port|url|json|makeValidator|"
    rb"string|number|boolean|optional\w{0,20}|z[A-Z]\w{0,30})[ \t]{0,4}[(.]|"
    rb"[a-z]\w{0,60}Schema[ \t]{0,4}[(.,\r\n}])"
)
_DEPTH: Final = LazyRegex(rb"[\[({})\],;]")
_LONGEST: Final = 1200
_MOST: Final = 1500
_OPTIONAL: Final = LazyRegex(
    rb"\.(?:optional|nullish|default|catch|prefault|notRequired|allow)\(|\boptional\w{0,20}\(|"
    rb"\bdevDefault\b|isOptional"
)
_DEFAULT: Final = LazyRegex(rb"\.(?:default|prefault|catch)\(|\bdefault[ \t]{0,4}:")
_NAMED: Final = LazyRegex(rb"\w{1,80}\s{0,80}")
_MUST: Final = LazyRegex(rb"\.required\(")


def collect(text: SourceText) -> Iterator[VariableUse]:
    """The keys of the schemas that the environment is checked against."""
    if not _WHOLE.search(text.code):
        return
    for found in islice(_KEY.finditer(text.code), _MOST):
        end = _end_of(text.code, found.end())
        schema = text.code[found.end() : end]
        default = _default(text, found.end(), end)
        is_joi = schema[:3].lower() in (b"joi", b"yup")
        is_elsewhere = _NAMED.fullmatch(schema) is not None
        required = bool(_MUST.search(schema)) if is_joi else not (is_elsewhere or _OPTIONAL.search(schema))
        yield text.use(
            found[1],
            found.start(1),
            default,
            required=required,
            bundled=is_bundled(found[1], False),
            schema=True,
        )


def _end_of(code: bytes, start: int) -> int:
    """Where the value of a key ends: at the comma or the closing sign of what it stands in."""
    depth = 0
    for found in _DEPTH.finditer(code[start : start + _LONGEST]):
        sign = found[0]
        if sign in b"[({":
            depth += 1
        elif sign in b"])}":
            depth -= 1
        if depth < 0 or (not depth and sign in b",;"):
            return start + found.start()
    return min(len(code), start + _LONGEST)


def _default(text: SourceText, start: int, end: int) -> DefaultValue | None:
    found = _DEFAULT.search(text.code[start:end])
    return text.default(start + found.end()) if found else None
