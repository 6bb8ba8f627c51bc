"""Procfiles: the processes of a program, each with its command: `web: gunicorn app --bind :$PORT`.

A `Setting`'s key is the process, its value the command.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from secopskit.findings import Span
from secopskit.formats.setting import Setting
from secopskit.lazy_regex import LazyRegex

if TYPE_CHECKING:
    from collections.abc import Iterator

_LINE: Final = LazyRegex(rb"(?m)^([A-Za-z0-9_-]{1,80}):[ \t]{0,20}([^\s#][^\r\n]{0,4000})")


def settings(data: bytes) -> Iterator[Setting]:
    """The processes."""
    for found in _LINE.finditer(data):
        yield Setting(key=found[1].decode(), value=found[2], span=Span(*found.span(2)))
