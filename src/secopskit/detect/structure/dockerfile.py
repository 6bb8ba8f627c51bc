"""Dockerfiles: ENV and ARG, and the options of commands they run."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from secopskit.detect.structure import flags
from secopskit.detect.structure.judge import judge
from secopskit.detect.structure.setting import Setting, Trust, place_for
from secopskit.findings import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secopskit.findings import Blob, Match

RULE: Final = "dockerfile-secret"
# An instruction with its continuation lines.
_INSTRUCTION: Final = re.compile(
    rb"(?im)^[ \t]{0,40}(ENV|ARG)[ \t]{1,20}((?:[^\\\r\n]|\\(?!\r?\n)|\\\r?\n){1,8000})"
)
_PAIR: Final = re.compile(
    rb"([A-Za-z_][\w.-]{0,120})=(?:\"((?:[^\"\\]|\\.){0,2000})\"|'([^']{0,2000})'|((?:[^\s\"'\\]|\\[^\r\n]){0,2000}))"
)
_OLD_FORM: Final = re.compile(rb"([A-Za-z_]\w{0,120})[ \t]{1,20}([^\r\n=][^\r\n]{0,2000})")


def detect(blob: Blob) -> Iterator[Match]:
    """The matches in a Dockerfile."""
    place = place_for(blob.path, RULE, Trust.DEPLOYED)
    yield from judge(_settings(blob.data), place)
    yield from judge(flags.in_text(blob.data, 0), place)


def _settings(data: bytes) -> Iterator[Setting]:
    for instruction in _INSTRUCTION.finditer(data):
        text, offset = instruction[2], instruction.start(2)
        old = _OLD_FORM.fullmatch(text.rstrip())
        if old and instruction[1].upper() == b"ENV":
            value = old[2].strip().strip(b"\"'")
            start = offset + text.find(value, old.start(2))
            yield Setting(key=old[1].decode(), value=value, span=Span(start, start + len(value)))
            continue
        for found in _PAIR.finditer(text):
            group = next(number for number in (2, 3, 4) if found[number] is not None)
            span = Span(offset + found.start(group), offset + found.end(group))
            yield Setting(key=found[1].decode(), value=found[group], span=span)
