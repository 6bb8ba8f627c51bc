"""Dotenv files: every variable, and those that are commented out.

The grammar is the union of what python-dotenv, docker, compose, dotenv and direnv read: `export`,
blanks around `=`, both kinds of quotes, escapes and line breaks in double quotes, comments.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from secopskit.findings import Span
from secopskit.formats.encoding import with_line_feeds
from secopskit.formats.setting import Setting, SettingForm
from secopskit.lazy_regex import LazyRegex

if TYPE_CHECKING:
    from collections.abc import Iterator

_LINE: Final = LazyRegex(
    rb"(?m)^[ \t]{0,80}(?:export[ \t]{1,8})?([A-Za-z_][\w.-]{0,120})[ \t]{0,40}(?:=|:[ \t])[ \t]{0,40}"
    rb"(?:\"((?:[^\"\\]|\\.){0,8192})\"|'([^']{0,8192})'|`([^`]{0,8192})`|([^\r\n]{0,8192}))"
)
_COMMENTED: Final = LazyRegex(
    rb"(?m)^[ \t]{0,8}#[# \t]{0,4}(?:export[ \t]{1,8})?([A-Z_][A-Z0-9_]{2,120})=[\"']?([^\s\"'#]{6,2000})"
)
_COMMENT: Final = LazyRegex(rb"(?:^|[ \t])#.{0,8192}$")
_ESCAPE: Final = LazyRegex(rb"\\(.)", re.DOTALL)
_ESCAPES: Final = {b"n": b"\n", b"r": b"\r", b"t": b"\t"}
_QUOTES: Final = ("", "", '"', "'", "`", "")


def settings(data: bytes) -> Iterator[Setting]:
    """The variables of a dotenv file."""
    for found in _LINE.finditer(with_line_feeds(data)):
        group = next(number for number in (2, 3, 4, 5) if found[number] is not None)
        value = data[slice(*found.span(group))]
        length = len(value)
        if group == 5:
            value = _COMMENT.sub(b"", value).rstrip()
            length = len(value)
        elif group == 2 and b"\\" in value:
            value = _ESCAPE.sub(lambda escape: _ESCAPES.get(escape[1], escape[1]), value)
        start = found.start(group)
        yield Setting(
            key=found[1].decode(), value=value, span=Span(start, start + length), quote=_QUOTES[group]
        )


def commented(data: bytes) -> Iterator[Setting]:
    """The variables that are commented out and have a value of some length."""
    for found in _COMMENTED.finditer(with_line_feeds(data)):
        span = Span(*found.span(2))
        yield Setting(key=found[1].decode(), value=found[2], span=span, form=SettingForm.COMMENTED)


def first_name(data: bytes) -> Span | None:
    """Where the name of the first variable stands; None if there is none."""
    found = _LINE.search(with_line_feeds(data))
    return Span(*found.span(1)) if found else None


def outline(data: bytes) -> object:
    """How many variables a dotenv file has."""
    return sum(1 for _ in settings(data))
