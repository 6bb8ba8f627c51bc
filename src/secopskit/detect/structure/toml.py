"""TOML settings: `key = "value"` lines and inline tables."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from secopskit.detect.structure.judge import judge
from secopskit.detect.structure.setting import Setting, Trust, place_for
from secopskit.findings import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secopskit.findings import Blob, Match

RULE: Final = "toml-secret"
_PAIR: Final = re.compile(
    rb"(?m)(?:^[ \t]{0,80}|[{,][ \t]{0,20})[\"']?([A-Za-z_][\w.-]{0,120})[\"']?[ \t]{0,20}=[ \t]{0,20}"
    rb"(?:\"{3}([^\"]{1,2000})\"{3}|\"((?:[^\"\\\n]|\\.){1,2000})\"|'([^'\n]{1,2000})')"
)


def detect(blob: Blob) -> Iterator[Match]:
    """The matches in a TOML file."""
    yield from judge(_settings(blob.data), place_for(blob.path, RULE, Trust.SETTINGS))


def _settings(data: bytes) -> Iterator[Setting]:
    for found in _PAIR.finditer(data):
        group = next(number for number in (2, 3, 4) if found[number] is not None)
        yield Setting(key=found[1].decode(), value=found[group], span=Span(*found.span(group)))
