"""Settings classes of pydantic: each field is a variable, by its alias, or its name behind a prefix."""

from __future__ import annotations

import re
from bisect import bisect_left
from itertools import islice
from typing import TYPE_CHECKING, Final

from secopskit.collect.code.python.arguments import call_end
from secopskit.lazy_regex import LazyRegex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secopskit.collect.code.reading import DefaultValue, SourceText
    from secopskit.collect.facts import VariableUse

_CLASS: Final = LazyRegex(rb"(?m)^([ \t]{0,40})class[ \t]{1,4}(\w{1,80})\(([^()]{0,400}?)\)[ \t]{0,4}:")
_FIELD: Final = LazyRegex(
    rb"(?m)^([ \t]{1,40})([A-Za-z]\w{0,80})[ \t]{0,4}:[ \t]{0,4}([^=\n#]{1,400}(?:\([^()]{0,400}"
    rb"\)[^=\n#]{0,80})?)(=(?!=))?"
)
_DEF: Final = LazyRegex(rb"(?m)^[ \t]{1,40}(?:async[ \t]{1,4})?(?:def|class)\b")
_PREFIX: Final = LazyRegex(rb"env_prefix[\"']?[ \t]{0,4}[=:][ \t]{0,4}[\"']([\w.-]{0,60})[\"']")
_FIELD_CALL: Final = LazyRegex(rb"[ \t]{0,8}(?:\w{1,20}\.)?Field\(")
_ALIAS: Final = LazyRegex(
    rb"(?<!\w)(?:validation_alias|alias|env)[ \t]{0,4}=[ \t\r\n]{0,40}(?:AliasChoices\(|\[)?"
)
_MADE: Final = LazyRegex(
    rb"[ \t]{0,8}(?:\w{1,40}\.)?[A-Z]\w{1,60}\(|[ \t]{0,8}Field\([ \t\r\n]{0,80}default_factory=[A-Z]"
)
_ELLIPSIS: Final = LazyRegex(rb"[ \t\r\n]{0,80}(?:default[ \t]{0,4}=[ \t]{0,4})?\.\.\.")
_LONGEST: Final = 40_000
_MOST: Final = 1000
_NO_FIELDS: Final = (b"model_config", b"return", b"else", b"try", b"finally", b"pass")


def collect(text: SourceText) -> Iterator[VariableUse]:
    """The fields of the settings classes in a file."""
    if b"BaseSettings" not in text.code and b"pydantic_settings" not in text.code:
        return
    prefixes = {b"BaseSettings": b""}
    for found in islice(_CLASS.finditer(text.code), _MOST):
        bases = [base.strip().rpartition(b".")[2] for base in found[3].split(b",")]
        if base := next((base for base in bases if base in prefixes), None):
            indent = len(found[1].expandtabs())
            end = _class_end(text.code, found.end(), indent)
            own = _PREFIX.search(text.bare[found.end() : end])
            prefixes[found[2]] = own[1] if own else prefixes[base]
            yield from _fields(text, found.end(), end, prefixes[found[2]])


def _fields(text: SourceText, start: int, end: int, prefix: bytes) -> Iterator[VariableUse]:
    within = -1
    inner = [(each.start(), _width(each[0])) for each in islice(_DEF.finditer(text.code, start, end), _MOST)]
    starts = [offset for offset, _ in inner]
    for field in islice(_FIELD.finditer(text.code, start, end), _MOST):
        width = _width(field[1])
        within = width if within < 0 else within
        last = bisect_left(starts, field.start()) - 1
        is_inner = last >= 0 and inner[last][1] < width  # in a function or class of the body
        if width == within and not is_inner and b"ClassVar" not in field[3] and field[2] not in _NO_FIELDS:
            yield from _field(text, field, prefix)


def _width(line: bytes) -> int:
    expanded = line.expandtabs()
    return len(expanded) - len(expanded.lstrip(b" "))


def _field(text: SourceText, field: re.Match[bytes], prefix: bytes) -> Iterator[VariableUse]:
    has_value = field[4] is not None
    if has_value and not _FIELD_CALL.match(text.code, field.end()) and _MADE.match(text.code, field.end()):
        call = re.compile(
            rb"[ \t]{0,8}(?:SecretStr|SecretBytes|AnyUrl|\w{1,20}Url|\w{1,20}Dsn|Path)\("
        ).match(text.code, field.end())
        if call is None:
            return
    call = _FIELD_CALL.match(text.code, field.end()) if has_value else None
    end = call_end(text.code, call.end()) if call else 0
    names = list(_aliases(text, call.end(), end)) if call else []
    default = _default(text, field.end(), call, end) if has_value else None
    for name in names or [(prefix + field[2]).upper()]:
        yield text.use(name, field.start(2), default, required=default is None, schema=True)


def _default(text: SourceText, at: int, call: re.Match[bytes] | None, end: int) -> DefaultValue | None:
    if call is None:
        return text.default(at)
    if _ELLIPSIS.match(text.code, call.end()):
        return None
    named = re.compile(rb"(?<!\w)default(?:_factory)?[ \t]{0,4}=(?!=)").search(text.code, call.end(), end)
    if named:
        return text.default(named.end())
    keyword = re.compile(rb"[ \t\r\n]{0,80}(?:\w{1,40}[ \t]{0,4}=(?!=)|\))").match(text.code, call.end())
    return None if keyword else text.default(call.end())


def _aliases(text: SourceText, start: int, end: int) -> Iterator[bytes]:
    found = _ALIAS.search(text.code[start:end])
    if found is None:
        return
    at = start + found.end()
    while name := text.literal(at):
        yield name[0].upper()
        comma = re.compile(rb"[ \t\r\n]{0,80},").match(text.code, name[1])
        if comma is None or not found[0].endswith((b"(", b"[")):
            return
        at = comma.end()


def _class_end(code: bytes, start: int, indent: int) -> int:
    for found in re.compile(rb"\n([ \t]{0,80})(?=[^\s)\]}])").finditer(code, start, start + _LONGEST):
        if len(found[1].expandtabs()) <= indent:
            return found.start()
    return min(len(code), start + _LONGEST)
