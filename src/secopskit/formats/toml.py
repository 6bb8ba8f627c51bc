"""TOML settings: `key = "value"` lines and inline tables.

A `Setting`'s path is the table's name as written: ("tool.poetry",), or () before the first one.
"""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Final

from secopskit.findings import Span
from secopskit.formats.json_file import shape
from secopskit.formats.lines import headers, path_at
from secopskit.formats.setting import Setting

if TYPE_CHECKING:
    from collections.abc import Iterator

_PAIR: Final = re.compile(
    rb"(?m)(?:^[ \t]{0,80}|[{,][ \t]{0,20})[\"']?([A-Za-z_][\w.-]{0,120})[\"']?[ \t]{0,20}=[ \t]{0,20}"
    rb"(?:\"{3}([^\"]{1,2000})\"{3}|\"((?:[^\"\\\n]|\\.){1,2000})\"|'([^'\n]{1,2000})')"
)
_QUOTES: Final = ("", "", '"""', '"', "'")


def settings(data: bytes) -> Iterator[Setting]:
    """The pairs with a text as value."""
    tables = headers(data)
    for found in _PAIR.finditer(data):
        group = next(number for number in (2, 3, 4) if found[number] is not None)
        yield Setting(
            key=found[1].decode(),
            value=found[group],
            span=Span(*found.span(group)),
            path=path_at(tables, found.start()),
            quote=_QUOTES[group],
        )


def outline(data: bytes) -> object:
    """The tables and arrays of a TOML file without its texts; None if it is not TOML."""
    try:
        return shape(tomllib.loads(data.decode()))
    except (ValueError, RecursionError):  # a decoding error is a ValueError
        return None
