"""Terraform: variable files, and the defaults and arguments written into configurations."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from secopskit.detect.structure.judge import judge
from secopskit.detect.structure.setting import Setting, Trust, place_for
from secopskit.findings import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secopskit.findings import Blob, Match

RULE: Final = "terraform-secret"
_PAIR: Final = re.compile(
    rb"(?m)(?:^[ \t]{0,80}|[{,][ \t]{0,20})\"?([A-Za-z_][\w-]{0,120})\"?[ \t]{0,60}[=:][ \t]{0,20}"
    rb"\"((?:[^\"\\\n]|\\.){1,2000})\""
)
_VARIABLE: Final = re.compile(
    rb"variable[ \t]{1,8}\"([\w-]{1,120})\"[ \t]{0,8}\{([^}]{0,600}?)"
    rb"\bdefault[ \t]{0,40}=[ \t]{0,20}\"((?:[^\"\\\n]|\\.){1,2000})\""
)


def detect(blob: Blob) -> Iterator[Match]:
    """The matches in a Terraform file."""
    trust = Trust.DEPLOYED if ".tfvars" in blob.path else Trust.SETTINGS
    place = place_for(blob.path, RULE, trust)
    yield from judge(_settings(blob.data), place)


def _settings(data: bytes) -> Iterator[Setting]:
    for found in _PAIR.finditer(data):
        yield Setting(key=found[1].decode(), value=found[2], span=Span(*found.span(2)))
    for found in _VARIABLE.finditer(data):
        name = found[1].decode()
        note = f"default of variable {name[:60]}"
        yield Setting(key=name, value=found[3], span=Span(*found.span(3)), note=note)
