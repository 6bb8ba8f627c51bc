"""TOML settings: `key = "value"` lines and inline tables.

A `Setting`'s path is the table's name as written: ("tool.poetry",), or () before the first one.
"""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Final

from secopskit.findings import Span
from secopskit.formats.lines import Header, header_at, headers, path_at
from secopskit.formats.setting import Setting
from secopskit.formats.trees.json_file import shape
from secopskit.lazy_regex import prepared

if TYPE_CHECKING:
    from collections.abc import Iterator

_PAIR: Final = prepared(
    rb"(?m)(?:^[ \t]{0,80}|[{,][ \t]{0,20})[\"']?([A-Za-z_][\w.-]{0,120})[\"']?[ \t]{0,200}=[ \t]{0,200}"
    rb"(?:\"{3}\s{0,80}([^\"]{1,2000}?)\s{0,80}\"{3}|'{3}\s{0,80}([^']{1,2000}?)\s{0,80}'{3}"
    rb"|\"((?:[^\"\\\n]|\\.){1,2000})\"|'([^'\n]{1,2000})')"
)
_LIST: Final = prepared(
    rb"(?m)^[ \t]{0,80}([A-Za-z_][\w.-]{0,120})[ \t]{0,200}=[ \t]{0,200}\[([^\[\]]{16,8000})\]"
)
_ITEM: Final = prepared(rb"[\"']([^\s\"'\\]{16,2000})[\"']")
_NAMES: Final = ("name", "key")
_QUOTES: Final = ("", "", '"""', "'''", '"', "'")


def settings(data: bytes) -> Iterator[Setting]:
    """The pairs with a text as value, those of tables that name what they set, and long items of lists."""
    tables = headers(data)
    named: tuple[Header | None, str] = (None, "")
    for found in _PAIR.finditer(data):
        setting = _setting(found, tables)
        yield setting
        table = header_at(tables, found.start())
        if setting.key in _NAMES:
            named = table, setting.value.decode("utf-8", "replace")
        elif setting.key == "value" and named[1] and named[0] == table:
            yield setting._replace(key=named[1])
    for found in _LIST.finditer(data):
        for item in _ITEM.finditer(data, *found.span(2)):
            path = path_at(tables, found.start())
            yield Setting(
                found[1].decode(),
                item[1],
                Span(*item.span(1)),
                path,
                data[item.start() : item.start() + 1].decode(),
            )


def _setting(found: re.Match[bytes], tables: list[Header]) -> Setting:
    group = next(number for number in (2, 3, 4, 5) if found[number] is not None)
    path = path_at(tables, found.start())
    return Setting(found[1].decode(), found[group], Span(*found.span(group)), path, _QUOTES[group])


def outline(data: bytes) -> object:
    """The tables and arrays of a TOML file without its texts; None if it is not TOML."""
    try:
        return shape(tomllib.loads(data.decode()))
    except (ValueError, RecursionError):  # a decoding error is a ValueError
        return None
