"""Functions that look up what they are given: those of the file, others by their name: `get_env("X")`."""

from __future__ import annotations

import re
from bisect import bisect_left
from itertools import islice
from typing import TYPE_CHECKING, Final

from secopskit.collect.code.python.arguments import COMMA, LIKELY, default_after, is_definition
from secopskit.collect.code.reading import has_any
from secopskit.lazy_regex import LazyRegex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secopskit.collect.code.reading import SourceText
    from secopskit.collect.facts import VariableUse

# `def env(name, default=None):`, whose body looks its first parameter up.
_DEFINED: Final = LazyRegex(
    rb"(?m)^([ \t]{0,40})(?:async[ \t]{1,4})?def[ \t]{1,4}(\w{1,60})\([ \t\r\n]{0,80}(?:(?:self|"
    rb"cls)[ \t]{0,4},[ \t\r\n]{0,80})?(\w{1,60})"
    rb"([^()]{0,400}(?:\([^()]{0,80}\)[^()]{0,200})?)\)[^:\n]{0,80}:"
)
_BODY: Final = 1500
_LOOKED_UP: Final = LazyRegex(
    rb"(?:environ(?:\.get|\.setdefault)?[ \t]{0,4}[(\[]|getenv\()[ \t\r\n]{0,80}(\w{1,60})(?!\w)"
)
_ENVVAR: Final = LazyRegex(rb"(?<!\w)(?:envvar|env_var|show_envvar)[ \t]{0,4}=[ \t]{0,4}(\[)?")
_HELPER: Final = LazyRegex(
    rb"(?<![\w])(?:\w{1,40}\.)?(?:_?(?:get|read|require|load|parse|from|fetch)_?(?:\w{0,20}"
    rb"_)?env(?:_var|_variable|_value|_bool|_int|_str|_list|"
    rb"iron|ironment)?(?:_or_\w{1,20})?|env_(?:bool|int|str|list|flag|float))[ \t]{0,4}"
    rb"\((?=[ \t\r\n]{0,80}[\"'])"
)
_SIGNS: Final = (
    b"env(",
    b"env_var",
    b"envvar",
    b"env_val",
    b"env_bool(",
    b"env_int(",
    b"env_str(",
    b"env_list(",
    b"env_flag(",
    b"env_float(",
    b"env_or_",
    b"_environ(",
    b"_environment(",
)
_MOST: Final = 20_000


def may_be_in(data: bytes) -> bool:
    """Whether a file may have such calls, without parsing it."""
    return b"env" in data and has_any(data, _SIGNS)


def wrappers(text: SourceText) -> dict[bytes, tuple[int, int]]:
    """The functions of the file that look their first parameter up, and where their bodies do so."""
    result = dict[bytes, tuple[int, int]]()
    uses = list(islice(_LOOKED_UP.finditer(text.code), _MOST))
    definitions = list(islice(_DEFINED.finditer(text.code), _MOST)) if uses else []
    starts = [each.start() for each in definitions]
    for use in uses:
        last = bisect_left(starts, use.start()) - 1
        each = definitions[last] if last >= 0 else None
        if each and each[3] == use[1] and use.start() < each.end() + _BODY:
            result[each[2]] = (each.start(), use.end())
    return result


def collect(text: SourceText, own: dict[bytes, tuple[int, int]]) -> Iterator[VariableUse]:
    """The calls of such functions; `own` are those of the file."""
    if own:
        names = b"|".join(sorted(re.escape(name) for name in own)[:50])
        calls = re.compile(rb"(?<![\w.])(?:self\.|cls\.)?(?:" + names + rb")[ \t]{0,4}\(")
        for call in calls.finditer(text.code):
            yield from _helped(text, call.start(), call.end())
    for call in _HELPER.finditer(text.code):
        if call[0].rstrip(b"( \t").rpartition(b".")[2] not in own:
            yield from _helped(text, call.start(), call.end())
    yield from _named(text)


def _helped(text: SourceText, start: int, at: int) -> Iterator[VariableUse]:
    found = text.name(at)
    if found and LIKELY.fullmatch(found[0]) and not is_definition(text.code, start):
        yield text.use(found[0], start, default_after(text, found[1]))


def _named(text: SourceText) -> Iterator[VariableUse]:
    """`envvar="X"`, as click and typer have it."""
    for found in _ENVVAR.finditer(text.code):
        at = found.end()
        while name := text.literal(at):
            if LIKELY.fullmatch(name[0]):
                yield text.use(name[0], found.start())
            comma = COMMA.match(text.code, name[1])
            if not (found[1] and comma):
                break
            at = comma.end()
