"""Dockerfiles: the variables of ENV and ARG instructions.

The options of the commands that a Dockerfile runs are read by `secopskit.formats.commands.options`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from secopskit.findings import Span
from secopskit.formats.setting import Setting
from secopskit.lazy_regex import prepared

if TYPE_CHECKING:
    from collections.abc import Iterator

# An instruction with its continuation lines.
_INSTRUCTION: Final = prepared(
    rb"(?im)^[ \t]{0,40}(ENV|ARG)[ \t]{1,20}((?:[^\\\r\n]|\\(?!\r?\n)|\\\r?\n){1,8000})"
)
_PAIR: Final = prepared(
    rb"([A-Za-z_][\w.-]{0,120})=(?:\"((?:[^\"\\]|\\.){0,2000})\"|'([^']{0,2000})'|((?:[^\s\"'\\]|\\[^\r\n]){0,2000}))"
)
_OLD_FORM: Final = prepared(rb"([A-Za-z_]\w{0,120})[ \t]{1,20}([^\r\n=][^\r\n]{0,2000})")
_QUOTES: Final = ("", "", '"', "'", "")


def settings(data: bytes) -> Iterator[Setting]:
    """The variables; their path is ("ENV",) or ("ARG",)."""
    for instruction in _INSTRUCTION.finditer(data):
        text, offset = instruction[2], instruction.start(2)
        path = (instruction[1].upper().decode(),)
        old = _OLD_FORM.fullmatch(text.rstrip())
        if old and path == ("ENV",):
            value = old[2].strip().strip(b"\"'")
            start = offset + text.find(value, old.start(2))
            yield Setting(key=old[1].decode(), value=value, span=Span(start, start + len(value)), path=path)
            continue
        for found in _PAIR.finditer(text):
            group = next(number for number in (2, 3, 4) if found[number] is not None)
            span = Span(offset + found.start(group), offset + found.end(group))
            yield Setting(
                key=found[1].decode(), value=found[group], span=span, path=path, quote=_QUOTES[group]
            )
