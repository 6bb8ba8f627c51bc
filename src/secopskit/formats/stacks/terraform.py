"""Terraform: variable files, and the defaults and arguments written into configurations.

The default of a declared variable has the variable's name as key and the form DEFAULT.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from secopskit.findings import Span
from secopskit.formats.setting import Setting, SettingForm

if TYPE_CHECKING:
    from collections.abc import Iterator

_PAIR: Final = re.compile(
    rb"(?m)(?:^[ \t]{0,80}|[{,][ \t]{0,20})\"?([A-Za-z_][\w-]{0,120})\"?[ \t]{0,60}[=:][ \t]{0,20}"
    rb"\"((?:[^\"\\\n]|\\.){1,2000})\""
)
_VARIABLE: Final = re.compile(
    rb"variable[ \t]{1,8}\"([\w-]{1,120})\"[ \t]{0,8}\{([^}]{0,600}?)"
    rb"\bdefault[ \t]{0,40}=[ \t]{0,20}\"((?:[^\"\\\n]|\\.){1,2000})\""
)


def settings(data: bytes) -> Iterator[Setting]:
    """The arguments with a text as value, then the defaults of variables."""
    for found in _PAIR.finditer(data):
        yield Setting(key=found[1].decode(), value=found[2], span=Span(*found.span(2)), quote='"')
    for found in _VARIABLE.finditer(data):
        yield Setting(
            key=found[1].decode(),
            value=found[3],
            span=Span(*found.span(3)),
            quote='"',
            form=SettingForm.DEFAULT,
        )
