"""Settings found line by line, for files with no grammar of their own or one they do not keep."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from secopskit.detect.structure.setting import Setting
from secopskit.findings import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

# NAME = value, NAME: value; quotes optional. Only blanks before the name, so prose is left alone.
_ASSIGNMENT: Final = re.compile(
    rb"(?m)^[ \t]{0,80}(?:-[ \t]{1,4})?[\"']?(//[^\s=]{1,200}:_\w{1,30}|[A-Za-z_.][\w.\-/@\[\]]{0,99}?)[\"']?"
    rb"[ \t]{0,40}[=:](?!=)[ \t]{0,40}"
    rb"(?:\"((?:[^\"\\\n]|\\.){0,2000})\"|'([^'\n]{0,2000})'|([^\s#;\"'][^\n]{0,2000}))"
)
_YAML: Final = re.compile(
    rb"(?m)^[ \t]{0,80}(?:-[ \t]{1,4})?[\"']?([A-Za-z_][\w.\-/]{0,120}?)[\"']?[ \t]{0,8}(?::[ \t]{1,40}|=)"
    rb"(?:\"((?:[^\"\\\n]|\\.){0,2000})\"|'([^'\n]{0,2000})'|([^\s#\"'&*!|>{\[][^\n]{0,2000}))"
)
_COMMENT: Final = re.compile(rb"[ \t]{1,80}[#;].{0,2000}$", re.DOTALL)


def assignments(data: bytes, offset: int = 0) -> Iterator[Setting]:
    """`name = value` and `name: value` lines in `data`, which stands at `offset`."""
    return _each(_ASSIGNMENT, data, offset)


def yaml_lines(data: bytes) -> Iterator[Setting]:
    """What looks like YAML's `name: value`, in a file that is none."""
    return _each(_YAML, data, 0)


def _each(pattern: re.Pattern[bytes], data: bytes, offset: int) -> Iterator[Setting]:
    for found in pattern.finditer(data):
        group = next(number for number in (2, 3, 4) if found[number] is not None)
        value = found[group]
        if group == 4:
            value = _COMMENT.sub(b"", value).rstrip()
        start = offset + found.start(group)
        yield Setting(
            key=found[1].decode("ascii", "replace"), value=value, span=Span(start, start + len(value))
        )
