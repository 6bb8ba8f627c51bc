"""Tables of text (CSV, TSV): fields under the names of their columns, which the first line gives."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from secopskit.findings import Span
from secopskit.formats.setting import Setting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_SEPARATORS: Final = b",;\t|"
_HEAD: Final = 4000  # bytes of the first line
_COLUMN: Final = re.compile(rb"[A-Za-z_][\w .#/()*:-]{0,60}")
_MOST: Final = 100_000
"""Fields that are read."""


def settings(data: bytes, wanted: Callable[[str], object] = bool) -> Iterator[Setting]:
    """The fields in columns whose name is `wanted`; nothing if the first line has no names, or only one."""
    first = len(data) - len(data.lstrip())
    head = data[first : first + _HEAD].partition(b"\n")[0].rstrip(b"\r")
    separator = max((bytes([code]) for code in _SEPARATORS), key=head.count)
    columns = [field.strip(b" \"'") for field in head.split(separator)]
    if len(columns) < 2 or not all(map(_COLUMN.fullmatch, filter(None, columns))):
        return
    names = {number: text.decode() for number, text in enumerate(columns) if text and wanted(text.decode())}
    if names:
        yield from _fields(data, first + len(head), separator, names)


def _fields(data: bytes, start: int, separator: bytes, names: dict[int, str]) -> Iterator[Setting]:
    column = 0
    at = data.find(b"\n", start) + 1 or len(data)
    for count, found in enumerate(_field(separator).finditer(data, at)):
        if column in names:
            group = 1 if found[1] is not None else 2
            value = found[group].replace(b'""', b'"') if group == 1 else found[2].strip()
            lead = len(found[group]) - len(found[group].lstrip()) if group == 2 else 0
            begin = found.start(group) + lead
            span = Span(begin, found.end(group) if group == 1 else begin + len(value))
            if value:
                yield Setting(names[column], value, span, quote='"' if group == 1 else "")
        column = column + 1 if found[3] == separator else 0
        if count >= _MOST:
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
