"""Settings found line by line, for files with no grammar of their own or one they do not keep.

`assignments` reads `name = value` and `name: value` as INI files, properties and the like have
them, `yaml_lines` what looks like YAML, `wrapped` values that stand on the line below their name.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING, Final, TypeAlias

from secopskit.findings import Span
from secopskit.formats.encoding import with_line_feeds
from secopskit.formats.setting import Setting
from secopskit.lazy_regex import prepared

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# NAME = value, NAME: value; quotes optional. Only blanks before the name, so prose is left alone.
_ASSIGNMENT: Final = prepared(
    rb"(?m)^[ \t]{0,80}(?:-[ \t]{1,4})?[\"']?(//[^\s=]{1,200}:_\w{1,30}|[A-Za-z_.][\w.\-/@\[\]]{0,99}?)[\"']?"
    rb"[ \t]{0,200}[=:](?!=)[ \t]{0,200}"
    rb"(?:\"((?:[^\"\\\n]|\\.){0,2000})\"|'([^'\n]{0,2000})'|([^\s#;\"'][^\n]{0,2000}))"
)
_YAML: Final = prepared(
    rb"(?m)^[ \t]{0,80}(?:-[ \t]{1,4})?[\"']?([A-Za-z_][\w.\-/]{0,120}?)[\"']?[ \t]{0,8}(?::[ \t]{1,200}|=)"
    rb"(?:\"(\{\{[^\n}]{1,2000}\}\}|(?:[^\"\\\n]|\\.){0,2000})\"|'([^'\n]{0,2000})'|((?:\{\{|[^\s#\"'&*!|>{\[])[^\n]{0,2000}))"
)
# A name, and its value on the next line: a backslash, a sign of YAML's blocks, or nothing between them.
_WRAPPED: Final = prepared(
    rb"(?m)^([ \t]{0,80})(?:-[ \t]{1,4})?[\"']?([A-Za-z_.][\w.\-/@]{0,99}?)[\"']?[ \t]{0,40}[=:][ \t]{0,40}"
    rb"(?:\\|[|>][-+1-9]{0,2})?[ \t]{0,8}\r?\n"
    rb"(?=([ \t]{1,200})[\"']?([^\s\"'#;\[{-][^\s\"']{2,2000})[\"']?[ \t]{0,8}\r?$)"
)
# `- name: X` with `value: …` in the line below it, as containers have their variables.
_PAIR: Final = prepared(
    rb"(?m)^[ \t]{0,80}-[ \t]{1,4}name:[ \t]{1,8}[\"']?([A-Za-z_][\w.\-]{0,120})[\"']?[ \t]{0,8}\r?\n"
    rb"[ \t]{1,80}value:[ \t]{1,8}"
    rb"(?:\"(\{\{[^\n}]{1,2000}\}\}|(?:[^\"\\\n]|\\.){1,2000})\"|'([^'\n]{1,2000})'"
    rb"|((?:\{\{|[^\s#\"'&*!|>{\[])[^\n]{0,2000}))"
)
_NAME: Final = prepared(rb"[\w.\-/]{1,100}(?::|=[^=]|:=|\()")
_COMMENT: Final = prepared(rb"[ \t]{1,80}[#;].{0,2000}$", re.DOTALL)
_HEADER: Final = prepared(rb"(?m)^[ \t]{0,40}\[{1,2}[ \t]{0,8}([^\[\]\r\n]{1,200}?)[ \t]{0,8}\]")
_QUOTES: Final = ("", "", '"', "'", "")

Header: TypeAlias = tuple[int, tuple[str, ...]]
"""Where a section's name ends, and the path of the settings below it."""


def headers(data: bytes) -> list[Header]:
    """The `[section]` lines of an INI or TOML file, in order."""
    data = with_line_feeds(data)
    return [
        (found.end(), (found[1].decode("utf-8", "replace"),))
        for found in (_HEADER.finditer(data) if b"[" in data else ())
    ]


def path_at(sections: Sequence[Header], offset: int) -> tuple[str, ...]:
    """The path of the section that `offset` lies in."""
    section = header_at(sections, offset)
    return section[1] if section else ()


def header_at(sections: Sequence[Header], offset: int) -> Header | None:
    """The section that `offset` lies in; None before the first one."""
    at = bisect_left(sections, (offset,))
    return sections[at - 1] if at else None


def assignments(data: bytes, offset: int = 0, *, sections: Sequence[Header] = ()) -> Iterator[Setting]:
    """`name = value` and `name: value` lines in `data`, which stands at `offset`."""
    return _each(_ASSIGNMENT, data, offset, sections)


def yaml_lines(data: bytes) -> Iterator[Setting]:
    """What looks like YAML's `name: value`, in a file that is none."""
    yield from _each(_YAML, data, 0, ())
    yield from pairs(data)
    yield from wrapped(data)


def pairs(data: bytes, offset: int = 0) -> Iterator[Setting]:
    """The variables of a list of YAML, each a name with a value in the line below it."""
    return _each(_PAIR, data, offset, ())


def wrapped(data: bytes) -> Iterator[Setting]:
    """Names with one word as value on the next line, deeper than the name, if it is no name itself."""
    for found in _WRAPPED.finditer(with_line_feeds(data)):
        if len(found[3]) > len(found[1]) and not _NAME.match(found[4]):
            yield Setting(found[2].decode("ascii", "replace"), found[4], Span(*found.span(4)))


def _each(
    pattern: re.Pattern[bytes], data: bytes, offset: int, sections: Sequence[Header]
) -> Iterator[Setting]:
    for found in pattern.finditer(with_line_feeds(data)):
        group = next(number for number in (2, 3, 4) if found[number] is not None)
        value = found[group]
        if group == 4:
            value = _COMMENT.sub(b"", value).rstrip()
        start = offset + found.start(group)
        path = path_at(sections, start) if sections else ()
        yield Setting(
            found[1].decode("ascii", "replace"), value, Span(start, start + len(value)), path, _QUOTES[group]
        )
