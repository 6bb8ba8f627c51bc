"""Tables of text (CSV, TSV, Markdown): fields under the names that the first line gives their columns."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from secopskit.findings import Span
from secopskit.formats import bounds
from secopskit.formats.setting import Setting
from secopskit.formats.tables import key_value
from secopskit.lazy_regex import prepared

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator

_SEPARATORS: Final = b",;\t|"
_HEAD: Final = 1 << 16  # bytes of the first line
_COLUMN: Final = prepared(rb"[A-Za-z_][\w .#/()*:-]{0,60}")
# A line of names, and the line below it that makes a table of what follows.
_TABLE: Final = prepared(
    rb"(?m)^([ \t]{0,8}(?=[^\n]{0,1000}\|)[^\n]{3,1000})\r?\n"
    rb"[ \t]{0,8}\|?(?:[ \t]{0,20}:?-{1,200}:?[ \t]{0,20}\|){1,40}"
    rb"(?:[ \t]{0,20}:?-{1,200}:?)?[ \t]{0,20}\r?\n"
    rb"((?:[^\n]{0,1000}\|[^\n]{0,3000}(?:\n|\Z)){1,2000})"
)
_CELL: Final = prepared(rb"(?:[^|\\\r\n]|\\[^\r\n]){0,3000}")
_MARKS: Final = b" \t*_`"
_MOST: Final = 1_000_000
"""Fields that are read."""


def settings(data: bytes, wanted: Callable[[str], object] = bool) -> Iterator[Setting]:
    """The fields in columns whose name is `wanted`; nothing if the first line has no names, or only one."""
    start, separator, columns = _heading(data)
    names = {number: text for number, text in enumerate(columns) if text and wanted(text)}
    for number, field in _fields(data, start, separator, names) if names else ():
        yield field._replace(key=names[number])


def named_in_rows(data: bytes) -> Iterator[Setting]:
    """The values of a table of settings, each under the name that its own row has for it."""
    start, separator, columns = _heading(data)
    pair = key_value.pair_of(columns)
    held: tuple[int, Setting] | None = None  # what of a row comes first
    for number, field in _fields(data, start, separator, pair) if pair else ():
        if held and number > held[0] and b"\n" not in data[held[1].span.end : field.span.start]:
            named = {held[0]: held[1], number: field}
            name, value = map(named.__getitem__, pair or ())
            yield value._replace(key=name.value.decode("utf-8", "replace"))
        held = number, field


def _heading(data: bytes) -> tuple[int, bytes, list[str]]:
    """Where the first line ends, what parts its fields, and the names in it; none where it has no names."""
    first = len(data) - len(data.lstrip())
    head = data[first : first + _HEAD].partition(b"\n")[0].rstrip(b"\r")
    separator = max((bytes([code]) for code in _SEPARATORS), key=head.count)
    columns = [field.strip(b" \"'") for field in head.split(separator)]
    is_named = len(columns) > 1 and all(map(_COLUMN.fullmatch, filter(None, columns)))
    return first + len(head), separator, [text.decode() for text in columns] if is_named else []


def tables(data: bytes, wanted: Callable[[str], object] = bool) -> Iterator[Setting]:
    """The fields of the tables in a Markdown document, in columns whose name is `wanted`."""
    for found in _TABLE.finditer(data):
        names = {
            number: name.decode("utf-8", "replace")
            for number, (name, _) in enumerate(_cells(found[1], 0))
            if name and wanted(name.decode("utf-8", "replace"))
        }
        start = found.start(2)
        for row in found[2].splitlines(keepends=True) if names else ():
            for number, (value, at) in enumerate(_cells(row, start)):
                if value and number in names:
                    yield Setting(names[number], value, Span(at, at + len(value)))
            start += len(row)


def _cells(row: bytes, offset: int) -> Iterator[tuple[bytes, int]]:
    """The cells of a row without what formats them, and where each begins."""
    at = len(row) - len(row.lstrip(b" \t"))
    at += row[at : at + 1] == b"|"
    while at < len(row.rstrip()):
        cell = _CELL.match(row, at)
        text = cell[0] if cell else b""
        bare = text.strip(_MARKS)
        yield bare, offset + at + text.find(bare)
        at += len(text) + 1


def _fields(
    data: bytes, start: int, separator: bytes, wanted: Container[int]
) -> Iterator[tuple[int, Setting]]:
    """The fields of the `wanted` columns below the first line, which ends at `start`; they have no keys."""
    column = 0
    at = data.find(b"\n", start) + 1 or len(data)
    for count, found in enumerate(_field(separator).finditer(data, at)):
        if column in wanted:
            group = 1 if found[1] is not None else 2
            value = found[group].replace(b'""', b'"') if group == 1 else found[2].strip()
            lead = len(found[group]) - len(found[group].lstrip()) if group == 2 else 0
            begin = found.start(group) + lead
            span = Span(begin, found.end(group) if group == 1 else begin + len(value))
            if value:
                yield column, Setting("", value, span, quote='"' if group == 1 else "")
        column = column + 1 if found[3] == separator else 0
        if count >= _MOST:
            bounds.stop()
            return


@lru_cache(maxsize=8)
def _field(separator: bytes) -> re.Pattern[bytes]:
    """A field and what ends it. A quote that does not close counts as a sign like any other."""
    sign = re.escape(separator)
    return re.compile(
        rb"(?:[ ]{0,8}\"((?:[^\"]|\"\"){0,4000})\"[ ]{0,8}|([^"
        + sign
        + rb"\r\n]*+))("
        + sign
        + rb"|\r?\n|\r|\Z)"
    )
