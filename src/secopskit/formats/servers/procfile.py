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

_VARIABLE: Final = LazyRegex(
    rb"[ \t]{0,20}(?:env[ \t]{1,8})?([A-Za-z_]\w{0,80})="
    rb"(?:\"([^\"\n]{0,1000})\"|'([^'\n]{0,1000})'|([^\s\"']{0,1000}))[ \t]"
)


def settings(data: bytes) -> Iterator[Setting]:
    """The processes."""
    for found in _LINE.finditer(data):
        yield Setting(key=found[1].decode(), value=found[2], span=Span(*found.span(2)))


def variables(data: bytes) -> Iterator[Setting]:
    """The variables before the commands of processes: `web: PASSWORD=… gunicorn app`."""
    for process in settings(data):
        at, end = process.span
        while found := _VARIABLE.match(data, at, end):
            group = next(number for number in (2, 3, 4) if found[number] is not None)
            if found[group]:
                span = Span(*found.span(group))
                yield Setting(found[1].decode(), found[group], span, quote=("", "", '"', "'", "")[group])
            at = found.end()
